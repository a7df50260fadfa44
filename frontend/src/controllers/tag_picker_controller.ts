import type { FrameElement } from "@hotwired/turbo";
import { Controller } from "@hotwired/stimulus";

const PAUSE_MS = 150;

/** Finds tags by what is typed, once the menu is open. */
export default class TagPickerController extends Controller<HTMLElement> {
  static targets = ["words", "frame"];
  static values = { url: String };
  declare readonly wordsTarget: HTMLInputElement;
  declare readonly frameTarget: FrameElement;
  declare readonly urlValue: string;
  private pause = 0;

  disconnect(): void {
    clearTimeout(this.pause);
  }

  /** Before it is seen: who types on at once types into an empty field. */
  opens(event: ToggleEvent): void {
    if (event.newState !== "open") return;
    this.wordsTarget.form?.reset();
    this.ask(true);
  }

  look(): void {
    clearTimeout(this.pause);
    this.pause = window.setTimeout(() => this.ask(false), PAUSE_MS);
  }

  private ask(anew: boolean): void {
    const url = `${this.urlValue}?${new URLSearchParams({ words: this.wordsTarget.value.trim() })}`;
    if (anew && this.frameTarget.src?.endsWith(url)) void this.frameTarget.reload();
    else this.frameTarget.src = url;
  }
}
