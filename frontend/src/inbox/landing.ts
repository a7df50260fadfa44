// A thread that is opened at one of its messages: what is shown ends before the thread does, until one has read on to its end.
import { flash } from "./flash";

/** Whether what comes after the last item shown is not on the page yet. */
export function isCut(timeline: ParentNode): boolean {
  return timeline.querySelector("turbo-frame.timeline-newer:not([complete])") !== null;
}

/** Show the item in the middle, at once, and mark it for a moment; false if it is not there. */
export function land(timeline: ParentNode, id: string): boolean {
  const item = id ? timeline.querySelector<HTMLElement>(`#${CSS.escape(id)}`) : null;
  if (!item) return false;
  item.scrollIntoView({ block: "center", behavior: "instant" });
  flash(item);
  return true;
}

/** The address of the open thread at its end, or at one of its items. */
export function threadAt(id = ""): string {
  const url = new URL(location.href);
  url.hash = "";
  for (const kind of ["message", "comment"]) url.searchParams.delete(kind);
  const [, kind, number] = /^(message|comment)_(\d+)$/.exec(id) ?? [];
  if (kind && number) url.searchParams.set(kind, number);
  return url.pathname + url.search;
}
