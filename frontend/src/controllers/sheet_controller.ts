import type { FrameElement } from "@hotwired/turbo";
import { Controller } from "@hotwired/stimulus";

/** A dialog around a frame: it opens when something is asked for in the frame, and closes when a form in it was accepted. */
export default class SheetController extends Controller<HTMLDialogElement> {
  static targets = ["frame", "waiting"];
  declare readonly frameTarget: FrameElement;
  declare readonly waitingTarget: HTMLTemplateElement;

  open(): void {
    if (this.element.open) return;
    this.frameTarget.replaceChildren(this.waitingTarget.content.cloneNode(true));
    this.element.showModal();
  }

  loaded(): void {
    this.element.querySelector<HTMLElement>("turbo-frame :is(input, select, textarea, .menu-item, [type=submit])")?.focus();
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
