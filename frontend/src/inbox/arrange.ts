// How a thread is laid out: marks between days, groups of one sender, folds of events. Done here because a day is the reader's own.

const GROUP_MS = 5 * 60_000;
const FOLD_FROM = 3;

export interface Item {
  milliseconds: number;
  /** Who it is from; null for an event. */
  from: string | null;
  /** It has something to say below it, so its foot must stay. */
  trouble: boolean;
}

export interface Place {
  /** A mark of the day goes above it. */
  day: boolean;
  /** The next one continues it: it shows no foot of its own. */
  joined: boolean;
  /** The number of events in the fold that begins here, else 0. */
  folds: number;
  /** It is one of the events of a fold that begins at this index, else -1. */
  fold: number;
}

/** One place per item, in order. `dayOf` names the day of a time, in whatever zone. */
export function arrange(items: Item[], dayOf: (milliseconds: number) => string): Place[] {
  const days = items.map((item) => dayOf(item.milliseconds));
  const places = items.map((_, index) => ({ day: days[index] !== days[index - 1], joined: continues(items, days, index), folds: 0, fold: -1 }));
  for (let start = 0; start < items.length; start++) {
    const length = eventsFrom(items, days, start);
    if (length < FOLD_FROM) continue;
    for (const place of places.slice(start, start + length)) place.fold = start;
    const first = places[start];
    if (first) first.folds = length;
    start += length - 1;
  }
  return places;
}

function continues(items: Item[], days: string[], index: number): boolean {
  const item = items[index];
  const next = items[index + 1];
  if (!item || !next || item.from === null || item.trouble) return false;
  return item.from === next.from && days[index] === days[index + 1] && next.milliseconds - item.milliseconds < GROUP_MS;
}

function eventsFrom(items: Item[], days: string[], start: number): number {
  let end = start;
  while (items[end]?.from === null && days[end] === days[start]) end++;
  return end - start;
}
