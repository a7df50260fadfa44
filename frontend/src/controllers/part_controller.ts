import { Controller } from "@hotwired/stimulus";
import type { FrameElement } from "@hotwired/turbo";
import type { Changed } from "../inbox/timeline";
import { recall, remember } from "../store";

const TOGETHER_MS = 1_000;
const MEDIA = ".media, .media-link, .media-file, .media-audio";

/** A part of the contact panel that folds, remembers whether it does, and is read again when the thread has more of its kind. */
export default class PartController extends Controller<HTMLDetailsElement> {
  static targets = ["frame"];
  static values = { name: String, contact: Number, open: Boolean };
  declare readonly frameTarget: FrameElement;
  declare readonly nameValue: string;
  declare readonly contactValue: number;
  declare readonly openValue: boolean;
  private timer: ReturnType<typeof setTimeout> | undefined;

  connect(): void {
    const kept = recall(this.key);
    if (kept) this.element.open = kept === "open";
  }

  disconnect(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  remember(): void {
    const { open } = this.element;
    remember(this.key, open === this.openValue ? null : open ? "open" : "folded");
  }

  /** Something came into the thread, or changed there. */
  changed(event: CustomEvent<Changed>): void {
    if (!this.element.open || (event.target as Element).id !== `timeline_${this.contactValue}`) return;
    const { item, added } = event.detail;
    const concerns = this.nameValue === "activities" ? added && item.dataset["event"] !== undefined : this.nameValue === "files" && item.querySelector(MEDIA);
    if (!concerns) return;
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      void this.frameTarget.reload();
    }, TOGETHER_MS);
  }

  private get key(): string {
    return `part.${this.nameValue}`;
  }
}
