import { type FrameElement, visit } from "@hotwired/turbo";
import { Controller } from "@hotwired/stimulus";

const PAUSE_MS = 1500;

/** Loads its frame again and again, as long as it stands in it and somebody looks at the page; then a page that says data-refreshes around it. */
export default class ReloadController extends Controller<HTMLElement> {
  static values = { url: String };
  declare readonly urlValue: string;
  private timer = 0;
  private frame: FrameElement | null = null;

  connect(): void {
    this.frame = this.element.closest<FrameElement>("turbo-frame");
    this.timer = window.setInterval(() => this.again(), PAUSE_MS);
    document.addEventListener("visibilitychange", this.looked);
  }

  disconnect(): void {
    clearInterval(this.timer);
    document.removeEventListener("visibilitychange", this.looked);
    const over = this.frame?.isConnected && !this.frame.querySelector(`[data-controller~="${this.identifier}"]`);
    if (over && this.frame?.closest("[data-refreshes]")) visit(location.href, { action: "replace" });
  }

  private readonly looked = (): void => this.again();

  private again(): void {
    const frame = this.frame;
    if (document.hidden || !frame || frame.hasAttribute("busy")) return;
    if (frame.src) void frame.reload();
    else frame.src = this.urlValue;
  }
}
