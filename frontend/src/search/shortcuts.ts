// Elements say by `aria-keyshortcuts` which key stands for them: a button is pressed, a field gets the focus.
import { recall, remember } from "../store";

export const MAC = /Mac|iP(hone|ad|od)/.test(navigator.platform);

/** Whether single letters do something. */
export function singleKeysOn(): boolean {
  return recall("keys") !== "off";
}

export function switchSingleKeys(on: boolean): void {
  remember("keys", on ? null : "off");
}

/** What a key stands for on this page now: the first that can be seen and used. */
export function shortcutFor(key: string): HTMLElement | undefined {
  return withShortcuts().find((element) => keysOf(element).includes(key.toLowerCase()));
}

/** Everything on the page that has a key and can be used now; in menus that are closed, too. */
export function withShortcuts(): HTMLElement[] {
  return usable("[aria-keyshortcuts]");
}

/** The same and what stands in the menu of the open conversation. */
export function whatCanBeDone(): HTMLElement[] {
  return usable("[aria-keyshortcuts], #more_menu .menu-item");
}

function usable(selector: string): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>(selector)].filter((element) => !element.matches(":disabled, dialog *, [inert] *") && (element.checkVisibility() || waitsInMenu(element)));
}

/** A closed menu hides all that is in it; what it would hide itself is not for now. */
function waitsInMenu(element: HTMLElement): boolean {
  const menu = element.closest("[popover]");
  for (let part: Element | null = element; menu && part !== menu; part = part?.parentElement ?? null) if (part && getComputedStyle(part).display === "none") return false;
  return menu !== null;
}

/** The single keys of an element, in lower case. */
export function keysOf(element: Element): string[] {
  return (element.getAttribute("aria-keyshortcuts") ?? "").toLowerCase().split(/\s+/).filter((key) => key.length === 1);
}

/** Do what the element is for. */
export function act(element: HTMLElement): void {
  if (isField(element)) element.focus();
  else element.click();
}

/** What an element is called, for a list of what can be done. */
export function nameOf(element: HTMLElement): string {
  const name = element.dataset["does"] ?? element.getAttribute("aria-label") ?? element.title.replace(/ \([^)]*\)$/, "");
  return (name || element.textContent || "").replace(/\s+/g, " ").trim();
}

/** Whether letters are being written there. */
export function isField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=button], [type=submit], [type=range])");
}
