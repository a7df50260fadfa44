import type { FrameElement } from "@hotwired/turbo";
import { Controller } from "@hotwired/stimulus";

/** Shows in a frame what would come of a form as it is filled in now, by asking for its address with the answers. */
export default class PreviewController extends Controller<HTMLFormElement> {
  static targets = ["frame"];
  declare readonly frameTarget: FrameElement;

  show(): void {
    const answers = new URLSearchParams();
    for (const [name, value] of new FormData(this.element)) if (typeof value === "string") answers.append(name, value);
    this.frameTarget.src = `${this.element.action}?${answers.toString()}`;
  }
}
