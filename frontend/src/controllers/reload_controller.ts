import type { FrameElement } from "@hotwired/turbo";
import { Controller } from "@hotwired/stimulus";
import { refresh } from "../live/refresh";

const PAUSE_MS = 1500;

/** Loads its frame again and again, as long as it stands in it and somebody looks at the page; then a page that says data-refreshes around it. */
export default class ReloadController extends Controller<HTMLElement> {
  static values = { url: String, pause: { type: Number, default: PAUSE_MS } };
  declare readonly urlValue: string;
  declare readonly pauseValue: number;
  private timer = 0;
  private frame: FrameElement | null = null;

  connect(): void {
    this.frame = this.element.closest<FrameElement>("turbo-frame");
    this.timer = window.setInterval(() => this.again(), this.pauseValue);
    document.addEventListener("visibilitychange", this.looked);
  }

  disconnect(): void {
    clearInterval(this.timer);
    document.removeEventListener("visibilitychange", this.looked);
    const over = this.frame?.isConnected && !this.frame.querySelector(`[data-controller~="${this.identifier}"]`);
    if (over && this.frame?.closest("[data-refreshes]")) refresh();
  }

  private readonly looked = (): void => this.again();

  private again(): void {
    const frame = this.frame;
    if (document.hidden || !frame || frame.hasAttribute("busy")) return;
    if (frame.src) void frame.reload();
    else frame.src = this.urlValue;
  }
}
