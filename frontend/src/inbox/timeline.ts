// The items of an open thread: kept in the order of their time, each once, each in its newest rendering.
import { morphElements } from "@hotwired/turbo";
import { isCut } from "./landing";
import { type ItemKey, goesBefore } from "./order";
import { isOlder } from "./version";

export interface Changed {
  item: HTMLElement;
  added: boolean;
}

export function items(timeline: ParentNode): HTMLElement[] {
  return [...timeline.querySelectorAll<HTMLElement>("[data-item]")];
}

/** Put an item into its place, or over the one it renews: known by its id, or by the client id it was written under. */
export function insertItem(timeline: HTMLElement, item: HTMLElement): void {
  const current = timeline.querySelector<HTMLElement>(`#${CSS.escape(item.id)}`);
  if (current) {
    if (isOlder(item, current)) return;
    morphElements(current, item);
    changed(timeline, { item: current, added: false });
    return;
  }
  const pending = pendingOf(timeline, item.dataset["clientId"]);
  pending?.remove();
  place(timeline, item);
  changed(timeline, { item, added: !pending });
}

/** What came while the end of the thread was not on the page. */
const waiting = new WeakMap<HTMLElement, HTMLElement[]>();

/** The end of the thread is on the page now: put in what came meanwhile. */
export function releaseWaiting(timeline: HTMLElement): void {
  const items = waiting.get(timeline) ?? [];
  waiting.delete(timeline);
  for (const item of items) if (!timeline.querySelector(`#${CSS.escape(item.id)}`)) insertItem(timeline, item);
}

/** It was taken back: it goes, and nothing else moves. */
export function withdrawItem(item: HTMLElement): void {
  const timeline = item.parentElement;
  item.remove();
  if (timeline) changed(timeline, { item, added: false });
}

function pendingOf(timeline: HTMLElement, clientId: string | undefined): HTMLElement | null {
  return clientId ? timeline.querySelector<HTMLElement>(`[data-item][data-client-id="${CSS.escape(clientId)}"]`) : null;
}

function place(timeline: HTMLElement, item: HTMLElement): void {
  const all = items(timeline);
  const before = all.findLast((other) => goesBefore(key(other), key(item)));
  if (before && before === all.at(-1) && isCut(timeline)) waiting.set(timeline, [...(waiting.get(timeline) ?? []), item]);
  else if (before) before.after(item);
  else if (all.length > 0 && timeline.querySelector("turbo-frame:not([complete])")) return; // it belongs to a part that is not loaded yet
  else if (all[0]) all[0].before(item);
  else timeline.append(item);
}

function key(item: HTMLElement): ItemKey {
  return [Number(item.dataset["sort"]), Number(item.dataset["id"] ?? 0)];
}

/** Tell the thread that its items are others now. */
export function changed(timeline: HTMLElement, detail: Changed): void {
  timeline.dispatchEvent(new CustomEvent<Changed>("timeline:changed", { bubbles: true, detail }));
}
