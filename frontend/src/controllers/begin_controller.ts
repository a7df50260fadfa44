import { Controller } from "@hotwired/stimulus";
import type { FrameElement } from "@hotwired/turbo";

const URL_OF_NEW = "/conversations/new";

/** Opens the dialog that begins a conversation, at its beginning. */
export default class BeginController extends Controller<HTMLElement> {
  static targets = ["frame", "waiting"];
  declare readonly frameTarget: FrameElement;
  declare readonly waitingTarget: HTMLTemplateElement;

  open(): void {
    // What was asked the last time takes no words of this time.
    this.frameTarget.replaceChildren(this.waitingTarget.content.cloneNode(true));
    if (this.frameTarget.src?.endsWith(URL_OF_NEW)) void this.frameTarget.reload();
    else this.frameTarget.src = URL_OF_NEW;
    this.element.querySelector("dialog")?.showModal();
  }
}
