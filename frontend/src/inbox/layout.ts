// Puts the arrangement of a thread on the page: marks of days, joined bubbles, folds.
import { eventsHidden } from "../look";
import { counted, day, dayKey } from "../words";
import { arrange } from "./arrange";
import { items } from "./timeline";

export interface Layout {
  dayTemplate: HTMLTemplateElement;
  foldTemplate: HTMLTemplateElement;
  /** Forms of "%(num)s events". */
  eventWords: Record<string, string>;
  /** Ids of first events of folds that the reader has opened. */
  unfolded: Set<string>;
}

export function layOut(timeline: HTMLElement, layout: Layout): void {
  for (const old of timeline.querySelectorAll(".day-mark, .event-fold")) old.remove();
  const all = items(timeline).filter(({ dataset }) => dataset["event"] === undefined || !eventsHidden());
  const places = arrange(all.map(asItem), (milliseconds) => dayKey(new Date(milliseconds)));
  places.forEach((place, index) => {
    const item = all[index];
    if (!item) return;
    item.toggleAttribute("data-joined", place.joined);
    item.toggleAttribute("data-folded", place.fold !== -1 && !layout.unfolded.has(all[place.fold]?.id ?? ""));
    if (place.day) item.before(dayMark(layout, new Date(Number(item.dataset["sort"]))));
    if (place.folds > 0) item.before(foldButton(layout, item.id, place.folds));
  });
  timeline.dataset["laidOut"] = "";
}

function asItem(item: HTMLElement): { milliseconds: number; from: string | null; trouble: boolean } {
  const from = item.dataset["event"] === undefined ? (item.dataset["from"] ?? "") : null;
  return { milliseconds: Number(item.dataset["sort"]), from, trouble: item.dataset["trouble"] !== undefined };
}

function dayMark(layout: Layout, at: Date): Node {
  const mark = layout.dayTemplate.content.cloneNode(true) as DocumentFragment;
  const time = mark.querySelector("time");
  if (time) {
    time.dateTime = at.toISOString();
    time.textContent = day(at, new Date());
  }
  return mark;
}

function foldButton(layout: Layout, id: string, number: number): Node {
  const fold = layout.foldTemplate.content.cloneNode(true) as DocumentFragment;
  const button = fold.querySelector("button");
  const words = fold.querySelector("span");
  button?.setAttribute("data-fold", id);
  button?.setAttribute("aria-expanded", String(layout.unfolded.has(id)));
  if (words) words.textContent = counted(layout.eventWords, number);
  return fold;
}
