import { Controller } from "@hotwired/stimulus";
import type { FrameElement } from "@hotwired/turbo";

const LEAST_MS = 2_000;

/** Keeps the numbers beside the inboxes fresh: some seconds after something moved, at scattered times, and only while somebody looks. */
export default class InboxController extends Controller<HTMLElement> {
  static targets = ["counts"];
  declare readonly countsTarget: FrameElement;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private stale = false;

  disconnect(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** A conversation changed its inbox or status. */
  moved(): void {
    this.stale = true;
    this.timer ??= setTimeout(() => this.fetch(), LEAST_MS * (1 + Math.random()));
  }

  fetch(): void {
    this.timer = undefined;
    if (!this.stale || document.visibilityState === "hidden") return;
    this.stale = false;
    void this.countsTarget.reload();
  }
}
