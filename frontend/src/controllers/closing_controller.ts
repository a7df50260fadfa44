import type { FrameElement } from "@hotwired/turbo";
import { Controller } from "@hotwired/stimulus";

const ASKING = new Set(["category", "both"]);

/** The dialog of the closing note. Where the workspace wants one, every form that closes a conversation comes here first. */
export default class ClosingController extends Controller<HTMLDialogElement> {
  static targets = ["frame", "waiting"];
  declare readonly frameTarget: FrameElement;
  declare readonly waitingTarget: HTMLTemplateElement;

  connect(): void {
    window.addEventListener("submit", this.asksFirst, true);
  }

  disconnect(): void {
    window.removeEventListener("submit", this.asksFirst, true);
  }

  private readonly asksFirst = (event: SubmitEvent): void => {
    const contactId = (event.target as HTMLElement).dataset["closes"];
    // A page is brought up to date when the workspace decides otherwise: the mode stands in the element.
    if (!contactId || !ASKING.has(this.element.dataset["mode"] ?? "")) return;
    event.preventDefault();
    event.stopPropagation();
    this.frameTarget.src = `/contacts/${contactId}/closure`;
  };

  /** Something is asked for in its frame. */
  open(): void {
    if (this.element.open) return;
    this.frameTarget.replaceChildren(this.waitingTarget.content.cloneNode(true));
    this.element.showModal();
  }

  loaded(): void {
    this.element.querySelector<HTMLElement>("select, textarea")?.focus();
  }

  ended({ detail }: CustomEvent<{ success: boolean }>): void {
    if (detail.success) this.close();
  }

  close(): void {
    this.element.close();
  }

  /** The next question is asked anew. */
  forget(): void {
    this.frameTarget.removeAttribute("src");
    this.frameTarget.replaceChildren();
  }
}
