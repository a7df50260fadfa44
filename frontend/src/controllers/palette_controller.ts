import { Controller } from "@hotwired/stimulus";
import type { FrameElement } from "@hotwired/turbo";
import { fit } from "../search/fuzzy";
import { act, keysOf, nameOf, whatCanBeDone } from "../search/shortcuts";

const WAIT_MS = 150;

/** Ctrl-K: find an action, a contact or a page by some of its letters. */
export default class PaletteController extends Controller<HTMLElement> {
  static targets = ["box", "words", "actions", "shortcuts", "contacts", "places", "group", "search", "searching", "sought", "choice", "none"];
  declare readonly boxTarget: HTMLDialogElement;
  declare readonly wordsTarget: HTMLInputElement;
  declare readonly actionsTarget: HTMLElement;
  declare readonly shortcutsTarget: FrameElement;
  declare readonly contactsTarget: FrameElement;
  declare readonly placesTarget: FrameElement;
  declare readonly groupTargets: HTMLElement[];
  declare readonly searchTarget: HTMLElement;
  declare readonly searchingTarget: HTMLAnchorElement;
  declare readonly soughtTarget: HTMLElement;
  declare readonly choiceTarget: HTMLTemplateElement;
  declare readonly noneTarget: HTMLElement;
  private readonly actions = new Map<Element, HTMLElement>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private before: Element | null = null;
  private moved = false;
  private wanted = false;

  disconnect(): void {
    this.stopWaiting();
    if (this.boxTarget.open) this.boxTarget.close();
  }

  shortcut(event: KeyboardEvent): void {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    if (this.boxTarget.open) this.boxTarget.close();
    else if (!document.querySelector("dialog[open]")) this.open();
  }

  open(): void {
    this.before = document.activeElement;
    this.wordsTarget.value = "";
    this.moved = this.wanted = false;
    this.forgetContacts();
    this.listActions();
    if (!this.placesTarget.src) this.placesTarget.src = "/palette";
    this.listShortcuts();
    this.boxTarget.showModal();
    this.wordsTarget.focus();
    this.narrow();
  }

  closed(): void {
    this.forgetContacts();
    if (document.activeElement === document.body && this.before instanceof HTMLElement && this.before.isConnected) this.before.focus({ preventScroll: true });
  }

  /** A click beside the box. */
  outside(event: Event): void {
    if (event.target === this.boxTarget) this.boxTarget.close();
  }

  typed(): void {
    this.moved = this.wanted = false;
    this.narrow();
    clearTimeout(this.timer);
    if (this.words) this.timer = setTimeout(() => this.findContacts(), WAIT_MS);
    else this.forgetContacts();
  }

  /** More has come: what somebody went to by the arrows stays chosen, else the best is. */
  loaded(): void {
    if (!this.boxTarget.open) return;
    this.narrow(this.moved ? this.chosen : undefined);
    if (this.wanted) this.take();
  }

  /** Without a network it will not come: what is here is all there is. */
  lost({ target }: Event): void {
    (target as Element).removeAttribute("src");
    this.loaded();
  }

  key(event: KeyboardEvent): void {
    const choices = this.shown;
    const at = choices.findIndex((choice) => choice === this.chosen);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: choices.length - 1 }[event.key];
    if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      this.take();
    } else if (to !== undefined && choices.length > 0 && !(event.key === "Home" || event.key === "End" ? this.words : "")) {
      event.preventDefault();
      this.moved = true;
      this.wanted = false;
      this.choose(choices[(to + choices.length) % choices.length]);
    }
  }

  /** What was gone to, or fits best of what is on this page; the rest is there once all of it has come. */
  private take(): void {
    const { chosen } = this;
    const sure = this.moved || (chosen !== undefined && this.actions.has(chosen));
    this.wanted = !sure && this.hasten();
    if (!this.wanted) chosen?.click();
  }

  /** Whether something that may fit better is on its way; what would be asked for soon is asked for now. */
  private hasten(): boolean {
    if (this.timer !== undefined) this.findContacts();
    return [this.shortcutsTarget, this.contactsTarget, this.placesTarget].some((frame) => frame.src && !frame.hasAttribute("complete"));
  }

  private findContacts(): void {
    this.stopWaiting();
    this.contactsTarget.src = `/palette/contacts?q=${encodeURIComponent(this.words)}`;
  }

  private forgetContacts(): void {
    this.stopWaiting();
    this.contactsTarget.removeAttribute("src");
    this.contactsTarget.replaceChildren();
  }

  private stopWaiting(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  picked(event: Event): void {
    const choice = event.target instanceof Element ? event.target.closest("[role=option]") : null;
    if (!choice) return;
    const element = this.actions.get(choice);
    if (choice === this.searchingTarget && this.searchHere()) event.preventDefault();
    this.before = null;
    this.boxTarget.close();
    if (element) act(element);
  }

  /** On a page with a search of its own that one is used. */
  private searchHere(): boolean {
    const bar = document.querySelector<HTMLElement>("#search");
    if (!bar?.checkVisibility()) return false;
    bar.dispatchEvent(new CustomEvent("search:for", { detail: this.words }));
    return true;
  }

  /** Those of the open conversation, where there is one and the member may begin any. */
  private listShortcuts(): void {
    const contact = document.querySelector<HTMLElement>("[data-shortcuts-of]")?.dataset["shortcutsOf"];
    const url = contact ? `/palette/shortcuts?contact=${contact}` : null;
    if (url === null) this.shortcutsTarget.replaceChildren();
    if (url === null) this.shortcutsTarget.removeAttribute("src");
    else if (this.shortcutsTarget.getAttribute("src") === url) void this.shortcutsTarget.reload();
    else this.shortcutsTarget.setAttribute("src", url);
  }

  private listActions(): void {
    for (const old of this.actions.keys()) old.remove();
    this.actions.clear();
    for (const element of whatCanBeDone()) {
      const choice = (this.choiceTarget.content.cloneNode(true) as DocumentFragment).querySelector<HTMLElement>("[role=option]");
      const words = nameOf(element);
      if (!choice || !words) continue;
      choice.id = `palette_action_${this.actions.size}`;
      choice.dataset["words"] = words;
      const [label, key] = [choice.querySelector("span"), choice.querySelector("kbd")];
      if (label) label.textContent = words;
      if (key) key.textContent = keysOf(element)[0]?.toUpperCase() ?? "";
      this.actions.set(choice, element);
      this.actionsTarget.append(choice);
    }
  }

  /** Show what fits, the best of each group first. */
  private narrow(keep?: HTMLElement | undefined): void {
    const words = this.words;
    this.soughtTarget.textContent = words;
    this.searchingTarget.href = `/inbox?search=${encodeURIComponent(words)}`;
    for (const group of this.groupTargets) this.narrowGroup(group, words);
    this.searchTarget.hidden = words === "";
    this.noneTarget.hidden = this.shown.length > 0;
    this.choose(keep && this.shown.includes(keep) ? keep : this.shown[0]);
  }

  private narrowGroup(group: HTMLElement, words: string): void {
    const choices = optionsOf(group);
    if (group.dataset["found"] !== undefined) return;
    const scores = new Map(choices.map((choice) => [choice, fit(words, choice.dataset["words"] ?? "")]));
    for (const [choice, score] of scores) choice.hidden = score === 0;
    if (words) group.append(...choices.sort((one, other) => (scores.get(other) ?? 0) - (scores.get(one) ?? 0)));
    group.hidden = choices.every((choice) => choice.hidden);
  }

  private choose(choice: HTMLElement | undefined): void {
    for (const other of optionsOf(this.boxTarget)) other.setAttribute("aria-selected", String(other === choice));
    if (choice) this.wordsTarget.setAttribute("aria-activedescendant", choice.id);
    else this.wordsTarget.removeAttribute("aria-activedescendant");
    choice?.scrollIntoView({ block: "nearest" });
  }

  private get chosen(): HTMLElement | undefined {
    return this.shown.find((choice) => choice.getAttribute("aria-selected") === "true");
  }

  private get shown(): HTMLElement[] {
    return optionsOf(this.boxTarget).filter((choice) => !choice.hidden && !choice.closest("[role=group]")?.hasAttribute("hidden"));
  }

  private get words(): string {
    return this.wordsTarget.value.trim();
  }
}

function optionsOf(part: Element): HTMLElement[] {
  return [...part.querySelectorAll<HTMLElement>("[role=option]")];
}
