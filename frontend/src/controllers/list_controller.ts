import { Controller } from "@hotwired/stimulus";
import { morphElements } from "@hotwired/turbo";
import { position } from "../inbox/order";
import { belongs, know } from "../inbox/placing";
import { isUnread, noteRead, readUpTo } from "../inbox/reads";
import { isOlder } from "../inbox/version";
import { move } from "../morph";

/** A list of contacts, newest first. It decides by its own filter which cards it shows. */
export default class ListController extends Controller<HTMLElement> {
  static targets = ["card", "more"];
  static values = { inbox: String, status: String, member: String, contact: String };
  declare readonly cardTargets: HTMLElement[];
  declare readonly moreTargets: HTMLElement[];
  declare readonly inboxValue: string;
  declare readonly statusValue: string;
  declare readonly memberValue: string;
  declare contactValue: string;

  connect(): void {
    document.addEventListener("turbo:morph", this.again);
  }

  disconnect(): void {
    document.removeEventListener("turbo:morph", this.again);
  }

  cardTargetConnected(card: HTMLElement): void {
    for (const twin of this.cardTargets) if (twin !== card && twin.id === card.id) (sortOf(twin) < sortOf(card) ? twin : card).remove();
    know(card.dataset);
    this.mark(card);
  }

  /** A card has changed: put it in, move it, or take it out. */
  place({ detail: card }: CustomEvent<HTMLElement>): void {
    const current = this.cardTargets.find(({ id }) => id === card.id);
    if (current && isOlder(card, current)) return;
    const { status = "", assigneeId = "" } = card.dataset;
    if (!belongs({ status, assigneeId }, { inbox: this.inboxValue, status: this.statusValue, memberId: this.memberValue })) {
      current?.remove();
      return;
    }
    const shown = current ?? card;
    if (current) morphElements(current, this.fitted(card));
    this.putInOrder(this.fitted(shown));
    if (shown.isConnected) this.mark(shown);
  }

  /** A contact was read, here or in another window. */
  read({ detail }: CustomEvent<{ contactId: number }>): void {
    for (const card of this.cardTargets) if (Number(card.dataset["contactId"]) === detail.contactId) this.mark(card);
  }

  /** Another thread is shown. */
  shown({ detail }: CustomEvent<{ contactId: string }>): void {
    this.contactValue = detail.contactId;
    this.again();
  }

  /** Show at once which card was chosen; the thread follows. */
  choose({ currentTarget }: Event): void {
    this.contactValue = (currentTarget as HTMLElement).closest<HTMLElement>("[data-contact-id]")?.dataset["contactId"] ?? "";
    this.again();
  }

  private readonly again = (): void => {
    for (const card of this.cardTargets) this.mark(card);
  };

  private putInOrder(card: HTMLElement): void {
    const others = this.cardTargets.filter((other) => other !== card);
    const at = position(others.map(sortOf), sortOf(card));
    const next = others[at];
    if (next) {
      if (card.nextElementSibling !== next) move(next.parentElement ?? this.element, card, next);
    } else if (this.moreTargets.some((more) => !more.hasAttribute("complete"))) card.remove();
    else if (others.at(-1) !== card.previousElementSibling || !card.isConnected) this.putLast(card, others.at(-1));
  }

  private putLast(card: HTMLElement, last: HTMLElement | undefined): void {
    if (last) move(last.parentElement ?? this.element, card, last.nextElementSibling);
    else move(this.element, card, this.element.firstElementChild);
  }

  /** A card that came by the stream leads into "All"; in this list it leads on within this list. */
  private fitted(card: HTMLElement): HTMLElement {
    const link = card.querySelector("a");
    const filter = this.statusValue === "open" ? "" : `?status=${this.statusValue}`;
    if (link) link.href = `/inbox/${this.inboxValue}/contacts/${card.dataset["contactId"] ?? ""}${filter}`;
    return card;
  }

  private mark(card: HTMLElement): void {
    const contactId = Number(card.dataset["contactId"]);
    if (card.dataset["readId"]) noteRead(contactId, Number(card.dataset["readId"]));
    const unread = isUnread(card.dataset);
    // It stays so once a colleague has answered it.
    if (unread && readUpTo(contactId) === undefined) noteRead(contactId, Number(card.dataset["lastIncomingId"]) - 1);
    const current = card.dataset["contactId"] === this.contactValue;
    card.toggleAttribute("data-unread", unread && !(current && document.visibilityState === "visible"));
    card.toggleAttribute("data-current", current);
    card.querySelector("a")?.toggleAttribute("aria-current", false);
    if (current) card.querySelector("a")?.setAttribute("aria-current", "true");
  }
}

function sortOf(card: HTMLElement): number {
  return Number(card.dataset["sort"]);
}
