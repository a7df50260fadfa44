import type { FrameElement } from "@hotwired/turbo";
import { Controller } from "@hotwired/stimulus";

/** A menu whose choices are asked for when it opens, so that they are those of now; what it showed before stays until they are there. */
export default class LateMenuController extends Controller<HTMLElement> {
  static targets = ["frame", "words"];
  static values = { url: String };
  declare readonly frameTarget: FrameElement;
  declare readonly wordsTarget: HTMLInputElement;
  declare readonly hasWordsTarget: boolean;
  declare readonly urlValue: string;

  /** Before it is seen: who types on at once types into an empty field. */
  opens(event: ToggleEvent): void {
    if (event.target !== this.element || event.newState !== "open") return;
    if (this.hasWordsTarget) this.wordsTarget.value = "";
    const url = new URL(this.urlValue, location.href);
    url.searchParams.set("zone", Intl.DateTimeFormat().resolvedOptions().timeZone);
    if (this.frameTarget.src === url.href) void this.frameTarget.reload();
    else this.frameTarget.src = url.href;
  }

  /** Whoever opened it by the keyboard goes on there. */
  loaded(): void {
    if (!this.element.matches(":popover-open") || this.element.contains(document.activeElement)) return;
    this.element.querySelector<HTMLElement>(".menu-item")?.focus();
  }

  ended({ detail }: CustomEvent<{ success: boolean }>): void {
    if (detail.success) this.element.hidePopover();
  }
}
