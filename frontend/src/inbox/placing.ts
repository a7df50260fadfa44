// Where a contact's card belongs: decided by each list for itself, from what stands on the card.

export interface Place {
  inbox: string;
  status: string;
  memberId: string;
}

export interface CardFacts {
  status: string;
  assigneeId: string;
}

/** Whether a list shows such a card. */
export function belongs(card: CardFacts, list: Place): boolean {
  if (card.status !== list.status) return false;
  if (list.inbox === "mine") return card.assigneeId === list.memberId;
  if (list.inbox === "unassigned") return card.assigneeId === "";
  return true;
}

const known = new Map<string, string>();

/** Hand a copy of the card to every list on the page. Tells when the numbers beside the inboxes may have changed. */
export function placeEverywhere(card: HTMLElement): void {
  const { contactId = "", status = "", assigneeId = "" } = card.dataset;
  for (const list of document.querySelectorAll('[data-controller~="list"]')) {
    list.dispatchEvent(new CustomEvent("list:place", { detail: card.cloneNode(true) }));
  }
  window.dispatchEvent(new CustomEvent("inbox:card", { detail: card }));
  const whose = `${status} ${assigneeId}`;
  if (known.get(contactId) !== whose) window.dispatchEvent(new CustomEvent("inbox:moved"));
  known.set(contactId, whose);
}

/** Remember where a card of the first rendering is, so that a mere new message is not taken for a move. */
export function know({ contactId = "", status = "", assigneeId = "" }: DOMStringMap): void {
  if (!known.has(contactId)) known.set(contactId, `${status} ${assigneeId}`);
}
