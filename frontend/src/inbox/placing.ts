// Where a contact's card belongs: decided by each list for itself, from what stands on the card.

export interface Place {
  inbox: string;
  status: string;
  unreplied: boolean;
  memberId: string;
}

export interface CardFacts {
  status: string;
  assigneeId: string;
  teamId: string;
  stageId: string;
  blocked: boolean;
  unreplied: boolean;
}

/** What a card says about itself. */
export function factsOf(card: DOMStringMap): CardFacts {
  const { status = "", assigneeId = "", teamId = "", stageId = "" } = card;
  return { status, assigneeId, teamId, stageId, blocked: card["blocked"] !== undefined, unreplied: card["unreplied"] !== undefined };
}

/** Whether a list shows such a card; undefined where only the server knows. */
export function belongs(card: CardFacts, list: Place): boolean | undefined {
  const [kind, id = ""] = list.inbox.split("-");
  if (kind === "blocked") return card.blocked;
  if (card.blocked) return false;
  if (list.status !== "all" && card.status !== list.status) return false;
  if (list.unreplied && !card.unreplied) return false;
  switch (kind) {
    case "mine":
      return card.assigneeId === list.memberId;
    case "unassigned":
      return card.assigneeId === "";
    case "team":
      return card.teamId === id;
    case "stage":
      return card.stageId === id;
    case "custom":
      return undefined;
    default:
      return true;
  }
}

const known = new Map<string, string>();

/** Hand a copy of the card to every list on the page. Tells when the numbers beside the inboxes may have changed. */
export function placeEverywhere(card: HTMLElement): void {
  const { contactId = "" } = card.dataset;
  for (const list of document.querySelectorAll('[data-controller~="list"]')) {
    list.dispatchEvent(new CustomEvent("list:place", { detail: card.cloneNode(true) }));
  }
  window.dispatchEvent(new CustomEvent("inbox:card", { detail: card }));
  if (known.get(contactId) !== whereabouts(card.dataset)) window.dispatchEvent(new CustomEvent("inbox:moved"));
  known.set(contactId, whereabouts(card.dataset));
}

/** Remember where a card of the first rendering is, so that a mere new message is not taken for a move. */
export function know(card: DOMStringMap): void {
  const { contactId = "" } = card;
  if (!known.has(contactId)) known.set(contactId, whereabouts(card));
}

/** What decides in which numbers a contact is counted. */
function whereabouts(card: DOMStringMap): string {
  const { status, assigneeId, teamId, stageId, blocked } = factsOf(card);
  return [status, assigneeId, teamId, stageId, blocked].join(" ");
}
