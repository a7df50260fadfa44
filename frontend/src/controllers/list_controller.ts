import { Controller } from "@hotwired/stimulus";
import { morphElements } from "@hotwired/turbo";
import { type Sort, cardKey, position } from "../inbox/order";
import { belongs, factsOf, know } from "../inbox/placing";
import { isUnread, noteRead, readUpTo } from "../inbox/reads";
import { readCards } from "../inbox/reread";
import { isOlder } from "../inbox/version";
import { move } from "../morph";

const REREAD_MS = 5_000;

/** A list of contacts. It decides by its own filter which cards it shows, in its own order; a custom inbox asks the server, now and then. */
export default class ListController extends Controller<HTMLElement> {
  static targets = ["card", "more"];
  static values = { inbox: String, status: String, unreplied: Boolean, sort: String, query: String, member: String, contact: String };
  declare readonly cardTargets: HTMLElement[];
  declare readonly moreTargets: HTMLElement[];
  declare readonly inboxValue: string;
  declare readonly statusValue: string;
  declare readonly unrepliedValue: boolean;
  declare readonly sortValue: Sort;
  declare readonly queryValue: string;
  declare readonly memberValue: string;
  declare contactValue: string;
  private timer: ReturnType<typeof setTimeout> | undefined;

  connect(): void {
    document.addEventListener("turbo:morph", this.again);
  }

  disconnect(): void {
    document.removeEventListener("turbo:morph", this.again);
    document.removeEventListener("visibilitychange", this.reread);
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  cardTargetConnected(card: HTMLElement): void {
    for (const twin of this.cardTargets) if (twin !== card && twin.id === card.id) (isOlder(twin, card) ? twin : card).remove();
    know(card.dataset);
    this.mark(card);
  }

  /** A card has changed: put it in, move it, or take it out. */
  place({ detail: card }: CustomEvent<HTMLElement>): void {
    const current = this.cardTargets.find(({ id }) => id === card.id);
    if (current && isOlder(card, current)) return;
    const place = { inbox: this.inboxValue, status: this.statusValue, unreplied: this.unrepliedValue, memberId: this.memberValue };
    const fits = belongs(factsOf(card.dataset), place);
    if (fits === undefined) this.later();
    if (fits === false || (fits === undefined && !current)) {
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

  /** Who meets a condition only the server knows: it is asked some seconds after somebody changed, at scattered times, while somebody looks. */
  private later(): void {
    this.timer ??= setTimeout(this.reread, REREAD_MS * (1 + Math.random()));
  }

  private readonly reread = (): void => {
    clearTimeout(this.timer);
    this.timer = undefined;
    document.removeEventListener("visibilitychange", this.reread);
    if (document.visibilityState === "hidden") document.addEventListener("visibilitychange", this.reread);
    else void readCards(this.element);
  };

  private putInOrder(card: HTMLElement): void {
    const others = this.cardTargets.filter((other) => other !== card);
    const key = (each: HTMLElement) => cardKey(each.dataset, this.sortValue);
    const at = position(others.map(key), key(card), this.sortValue);
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
    if (link) link.href = `/inbox/${this.inboxValue}/contacts/${card.dataset["contactId"] ?? ""}${this.queryValue}`;
    return card;
  }

  private mark(card: HTMLElement): void {
    const contactId = Number(card.dataset["contactId"]);
    if (card.dataset["readId"]) noteRead(contactId, Number(card.dataset["readId"]));
    // It was so when the card was made: it may be marked as unread after that.
    delete card.dataset["readId"];
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
