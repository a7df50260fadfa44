import { Controller } from "@hotwired/stimulus";
import { browse, isBrowsing } from "../search/browsing";
import { MAC, act, isField, keysOf, shortcutFor, singleKeysOn, switchSingleKeys } from "../search/shortcuts";

/** A conversation that another one takes the place of. */
const COMING = "turbo-frame#thread > [inert]";

/** Single keys: what they stand for says the page itself. They never count while somebody writes, and can be turned off. */
export default class KeysController extends Controller<HTMLElement> {
  static targets = ["switch", "control"];
  declare readonly switchTarget: HTMLInputElement;
  declare readonly controlTargets: HTMLElement[];
  /** A key for a conversation that is still on its way. */
  private early = "";

  connect(): void {
    this.switchTarget.checked = singleKeysOn();
    if (MAC) for (const key of this.controlTargets) key.textContent = "\u2318";
  }

  switch(): void {
    switchSingleKeys(this.switchTarget.checked);
  }

  pressed(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing) return;
    if (event.key === "Escape") this.leave(event);
    if (event.key === "Enter") browse(false);
    if (event.ctrlKey || event.metaKey || event.altKey || isField(event.target) || !singleKeysOn() || somethingIsOpen()) return;
    if (event.key === "?") this.dispatch("sheet", { target: window });
    else if (event.key === "j" || event.key === "k") {
      this.early = "";
      walk(event.key === "j" ? 1 : -1);
    } else if (event.key.length !== 1 || event.repeat) return;
    else if (this.early || !press(event.key)) {
      if (!isBrowsing() || !document.querySelector(COMING)) return;
      this.early ||= event.key;
    }
    event.preventDefault();
  }

  /** The conversation is there, or will not come. */
  came({ type, target }: Event): void {
    if (!(target instanceof Element) || target.id !== "thread") return;
    if (this.early && type === "turbo:frame-load" && !somethingIsOpen()) press(this.early);
    this.early = "";
  }

  /** The mouse has taken over. */
  pointed(): void {
    this.early = "";
    browse(false);
  }

  /** A name that shows on hover tells the key, too. */
  tell({ target }: Event): void {
    const named = target instanceof Element ? target.closest<HTMLElement>("[aria-keyshortcuts][title]") : null;
    if (!named) return;
    const key = keysOf(named)[0]?.toUpperCase();
    const told = ` (${key ?? ""})`;
    if (key && singleKeysOn() && !named.title.endsWith(told)) named.title += told;
  }

  /** A button anywhere opens the sheet or the palette. */
  opens({ target }: Event): void {
    const what = target instanceof Element ? target.closest<HTMLElement>("[data-opens]")?.dataset["opens"] : undefined;
    if (what === "keys") this.dispatch("sheet", { target: window });
    if (what === "palette") window.dispatchEvent(new CustomEvent("palette:open"));
  }

  /** Out of the field where one writes, so that keys count again. */
  private leave({ target }: KeyboardEvent): void {
    if (target instanceof HTMLTextAreaElement && !somethingIsOpen()) target.blur();
  }
}

function press(key: string): boolean {
  const element = shortcutFor(key);
  if (!element) return false;
  browse(false);
  act(element);
  return true;
}

/** The next or the previous conversation of the list, or of what a search found. */
function walk(step: 1 | -1): void {
  browse(true);
  const links = [...document.querySelectorAll<HTMLElement>(".search-hit, .contact-card-link")].filter((link) => link.checkVisibility());
  const focused = links.findIndex((link) => link === document.activeElement);
  const current = focused >= 0 ? focused : links.findIndex((link) => link.matches('[aria-current="true"]'));
  const link = links[current < 0 ? (step > 0 ? 0 : links.length - 1) : current + step];
  if (!link) return;
  link.focus();
  link.scrollIntoView({ block: "nearest" });
  link.click();
}

function somethingIsOpen(): boolean {
  if (document.querySelector("dialog[open], [popover]:popover-open")) return true;
  return [...document.querySelectorAll(".composer [role=listbox]")].some((list) => list.checkVisibility());
}
