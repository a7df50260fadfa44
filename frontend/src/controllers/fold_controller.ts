import { Controller } from "@hotwired/stimulus";

/** Shows and hides what takes too much room on a small screen; the stylesheet says where that is. */
export default class FoldController extends Controller<HTMLElement> {
  static targets = ["button", "content"];
  declare readonly buttonTarget: HTMLButtonElement;
  declare readonly contentTarget: HTMLElement;

  toggle(): void {
    this.buttonTarget.ariaExpanded = String(this.contentTarget.toggleAttribute("data-open"));
  }
}
