import type { FrameElement } from "@hotwired/turbo";
import { Controller } from "@hotwired/stimulus";
import { renew } from "../notifications/push";
import { sound } from "../notifications/sound";
import { askIfOld, askSoon, settle, unread } from "../notifications/unread";
import { counted } from "../words";

let began = false;
let contact = "";

/** The bell: how many are unread, its panel kept fresh while it is open, and what is settled by being looked at. */
export default class NotificationsController extends Controller<HTMLElement> {
  static targets = ["badge", "words", "frame"];
  static values = { member: String, sound: String, words: Object };
  declare readonly badgeTarget: HTMLElement;
  declare readonly wordsTarget: HTMLElement;
  declare readonly frameTarget: FrameElement;
  declare readonly memberValue: string;
  declare readonly soundValue: string;
  declare readonly wordsValue: Record<string, string>;
  private open = false;
  private readonly counted = (): void => this.show();

  connect(): void {
    window.addEventListener("notifications:counted", this.counted);
    this.paint();
    askIfOld();
    if (began) return;
    began = true;
    void renew(this.memberValue).catch(() => undefined);
  }

  disconnect(): void {
    window.removeEventListener("notifications:counted", this.counted);
  }

  /** The server says that something is new, or was settled elsewhere. */
  came({ detail }: CustomEvent<{ id: number; sound: boolean; within_ms?: number }>): void {
    if (detail.sound) sound(this.soundValue, detail.id);
    askSoon(detail.within_ms);
  }

  /** A thread is on the screen; an empty id: none any more. */
  shown({ detail }: CustomEvent<{ contactId: string }>): void {
    contact = detail.contactId;
    this.settleShown();
  }

  looked(): void {
    if (document.hidden) return;
    askIfOld();
    this.settleShown();
  }

  /** The page has read itself again: it knows nothing of the number, and may have missed something. */
  again(): void {
    this.paint();
    askSoon();
  }

  toggled(event: ToggleEvent): void {
    this.open = event.newState === "open";
    if (this.open && this.frameTarget.hasAttribute("complete")) void this.frameTarget.reload();
  }

  /** A link was followed: what it leads to may not settle it, like the page of a channel. */
  opened({ params }: Event & { params: { id: number } }): void {
    void settle(`/notifications/${params.id}/reading`, {});
  }

  private show(): void {
    this.paint();
    this.settleShown();
    // Under somebody's hand nothing moves; opening the panel again shows what has come.
    if (this.open && !this.frameTarget.matches("[busy], :hover, :focus-within")) void this.frameTarget.reload();
  }

  private paint(): void {
    const { unread: number, most } = unread();
    this.badgeTarget.hidden = number === 0;
    this.badgeTarget.textContent = number > most ? `${most}+` : String(number);
    this.wordsTarget.textContent = number ? counted(this.wordsValue, number) : "";
  }

  private settleShown(): void {
    if (document.hidden || !contact || !unread().contacts.includes(Number(contact))) return;
    void settle("/notifications/reading", { contact_id: contact });
  }
}
