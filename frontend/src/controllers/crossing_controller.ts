import { Controller } from "@hotwired/stimulus";
import { items } from "../inbox/timeline";
import { recall, remember } from "../store";
import { filled } from "../words";

/** A reply that crosses a colleague's: what they sent since this one was begun is shown before it goes. */
export default class CrossingController extends Controller<HTMLElement> {
  static targets = ["box", "title", "words"];
  static values = { contact: Number, member: Number, title: String };
  declare readonly boxTarget: HTMLDialogElement;
  declare readonly titleTarget: HTMLElement;
  declare readonly wordsTarget: HTMLElement;
  declare readonly contactValue: number;
  declare readonly memberValue: number;
  declare readonly titleValue: string;
  /** The newest reply of a colleague that was there when the words were begun. */
  private known = 0;
  private form: HTMLFormElement | undefined;

  connect(): void {
    // Words that were kept from an earlier visit were begun then.
    this.known = Number(recall(this.key) ?? this.newest);
  }

  /** A key in the reply, or the cursor put there: with nothing written yet, it begins now. */
  begin({ target }: Event): void {
    if (target instanceof HTMLTextAreaElement && target.form?.dataset["composerKindValue"] === "reply" && target.value.trim() === "") this.know(true);
  }

  sending(event: CustomEvent<{ contactId: number; kind: string }>): void {
    const { detail, target } = event;
    if (detail.kind !== "reply" || detail.contactId !== this.contactValue) return;
    const crossed = this.replies.at(-1);
    if (!crossed || numberOf(crossed) <= this.known) {
      this.know(false);
      return;
    }
    event.preventDefault();
    this.form = target as HTMLFormElement;
    this.titleTarget.textContent = filled(this.titleValue, { name: crossed.querySelector("[data-sender]")?.textContent ?? "" });
    this.wordsTarget.textContent = crossed.querySelector(".bubble-text")?.textContent?.trim() ?? "";
    this.boxTarget.showModal();
  }

  /** Read it first: what is written stays, and goes the next time. */
  look(): void {
    this.know(true);
    this.boxTarget.close();
    this.replies.at(-1)?.scrollIntoView({ block: "center" });
  }

  send(): void {
    this.know(false);
    this.boxTarget.close();
    this.form?.requestSubmit();
  }

  private know(kept: boolean): void {
    this.known = this.newest;
    remember(this.key, kept ? String(this.known) : null);
  }

  private get key(): string {
    return `began.${this.contactValue}`;
  }

  /** What colleagues answered by hand, as far as it is on the page. */
  private get replies(): HTMLElement[] {
    const own = `user:${this.memberValue}`;
    return items(this.element).filter(({ dataset }) => dataset["from"]?.startsWith("user:") && dataset["from"] !== own);
  }

  private get newest(): number {
    return Math.max(0, ...this.replies.map(numberOf));
  }
}

function numberOf({ dataset }: HTMLElement): number {
  return Number(dataset["id"]);
}
