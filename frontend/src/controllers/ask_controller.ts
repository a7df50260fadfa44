import type { FrameElement } from "@hotwired/turbo";
import { Controller } from "@hotwired/stimulus";

/** One dialog for many questions: each is a frame that its button names, loaded when it is asked. */
export default class AskController extends Controller<HTMLElement> {
  static targets = ["box", "frame", "waiting"];
  declare readonly boxTarget: HTMLDialogElement;
  declare readonly frameTarget: FrameElement;
  declare readonly waitingTarget: HTMLTemplateElement;

  open({ params }: Event & { params: { url: string } }): void {
    this.frameTarget.replaceChildren(this.waitingTarget.content.cloneNode(true));
    this.boxTarget.showModal();
    // The same question again is asked anew: what it is about may have changed.
    if (this.frameTarget.getAttribute("src") === params.url) void this.frameTarget.reload();
    else this.frameTarget.setAttribute("src", params.url);
  }

  /** What was asked is answered; what was refused stays open with its words. */
  ended({ detail }: CustomEvent<{ success: boolean }>): void {
    if (detail.success) this.close();
  }

  close(): void {
    this.boxTarget.close();
  }
}
