import type { FrameElement } from "@hotwired/turbo";
import { Controller } from "@hotwired/stimulus";

const PAUSE_MS = 1500;

/** Loads its frame again and again, as long as it stands in it and somebody looks at the page. */
export default class ReloadController extends Controller<HTMLElement> {
  static values = { url: String };
  declare readonly urlValue: string;
  private timer = 0;

  connect(): void {
    this.timer = window.setInterval(() => this.again(), PAUSE_MS);
    document.addEventListener("visibilitychange", this.looked);
  }

  disconnect(): void {
    clearInterval(this.timer);
    document.removeEventListener("visibilitychange", this.looked);
  }

  private readonly looked = (): void => this.again();

  private again(): void {
    const frame = this.element.closest<FrameElement>("turbo-frame");
    if (document.hidden || !frame || frame.hasAttribute("busy")) return;
    if (frame.src) void frame.reload();
    else frame.src = this.urlValue;
  }
}
