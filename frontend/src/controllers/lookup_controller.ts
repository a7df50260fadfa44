import { Controller } from "@hotwired/stimulus";
import type { FrameElement } from "@hotwired/turbo";

const PAUSE_MS = 150;

/** Finds by what is typed; Enter takes the first, the arrows go into the list. */
export default class LookupController extends Controller<HTMLElement> {
  static targets = ["words", "frame"];
  static values = { url: String };
  declare readonly wordsTarget: HTMLInputElement;
  declare readonly frameTarget: FrameElement;
  declare readonly urlValue: string;
  private pause: ReturnType<typeof setTimeout> | undefined;

  disconnect(): void {
    clearTimeout(this.pause);
    this.pause = undefined;
  }

  look(): void {
    clearTimeout(this.pause);
    this.pause = setTimeout(() => this.ask(), PAUSE_MS);
  }

  async first(event: Event): Promise<void> {
    event.preventDefault();
    if (this.pause !== undefined) this.ask();
    await this.frameTarget.loaded;
    this.found?.click();
  }

  into(event: Event): void {
    event.preventDefault();
    this.found?.focus();
  }

  private ask(): void {
    clearTimeout(this.pause);
    this.pause = undefined;
    this.frameTarget.src = `${this.urlValue}?${new URLSearchParams({ words: this.wordsTarget.value.trim() })}`;
  }

  private get found(): HTMLElement | null {
    return this.frameTarget.querySelector("a");
  }
}
