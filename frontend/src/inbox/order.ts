// The orders of the inbox: cards newest first, items of a thread oldest first.

export type ItemKey = readonly [milliseconds: number, id: number];

/** Whether the first item comes first: by time, then by id. */
export function goesBefore([oneTime, oneId]: ItemKey, [otherTime, otherId]: ItemKey): boolean {
  return oneTime === otherTime ? oneId < otherId : oneTime < otherTime;
}

/** Before which of the sorts (newest first) one goes: an index, or their number for the end. */
export function position(sorts: number[], sort: number): number {
  const index = sorts.findIndex((other) => other < sort);
  return index === -1 ? sorts.length : index;
}
