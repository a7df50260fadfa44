// The orders of the inbox: cards as their list sorts them, items of a thread oldest first.

export type ItemKey = readonly [milliseconds: number, id: number];
export type Sort = "newest" | "oldest" | "longest";

/** Whether the first item comes first: by time, then by id. */
export function goesBefore([oneTime, oneId]: ItemKey, [otherTime, otherId]: ItemKey): boolean {
  return oneTime === otherTime ? oneId < otherId : oneTime < otherTime;
}

/** What a list sorts a card by. A card without it comes last, whichever way the list goes. */
export function cardKey(card: DOMStringMap, sort: Sort): ItemKey {
  const said = (sort === "longest" ? card["opened"] : card["sort"]) ?? "";
  const last = sort === "newest" ? -Infinity : Infinity;
  return [said === "" ? last : Number(said), Number(card["contactId"])];
}

/** Before which of the keys one goes: an index, or their number for the end. */
export function position(keys: ItemKey[], key: ItemKey, sort: Sort): number {
  const index = keys.findIndex((other) => (sort === "newest" ? goesBefore(other, key) : goesBefore(key, other)));
  return index === -1 ? keys.length : index;
}
