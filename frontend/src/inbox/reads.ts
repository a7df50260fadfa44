// How far each conversation has been read by this member, as far as this tab knows.

const reads = new Map<number, number>();

/** The newest message read of a contact, or undefined if nothing is known. */
export function readUpTo(contactId: number): number | undefined {
  return reads.get(contactId);
}

/** Whether a card's newest message is new to this member. What a stream brings says nothing of reading: what has just come in is new. */
export function isUnread({ contactId, lastIncomingId, direction }: DOMStringMap): boolean {
  const newest = Number(lastIncomingId);
  const read = readUpTo(Number(contactId)) ?? (direction === "in" ? newest - 1 : newest);
  return newest > read;
}

/** The member wants to come back to this: what came after the message is new again. */
export function noteUnread(contactId: number, messageId: number): void {
  reads.set(contactId, messageId);
  window.dispatchEvent(new CustomEvent("inbox:read", { detail: { contactId } }));
}

/** The member has read up to this message; tells the lists. */
export function noteRead(contactId: number, messageId: number): void {
  if ((reads.get(contactId) ?? -1) >= messageId) return;
  reads.set(contactId, messageId);
  window.dispatchEvent(new CustomEvent("inbox:read", { detail: { contactId } }));
}
