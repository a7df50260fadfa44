import type { FrameElement } from "@hotwired/turbo";
import { Controller } from "@hotwired/stimulus";
import type { Stored } from "../compose/files";

const PAUSE_MS = 150;

/** Finds files of the library by what is typed, once its panel is open. Tells "complete:files" and "library:picked" when one is picked. */
export default class LibraryController extends Controller<HTMLElement> {
  static targets = ["words", "frame"];
  declare readonly wordsTarget: HTMLInputElement;
  declare readonly frameTarget: FrameElement;
  private pause = 0;
  private wanted = false;

  disconnect(): void {
    clearTimeout(this.pause);
  }

  /** Before it is seen: who types on at once types into an empty field. */
  opens(event: ToggleEvent): void {
    if (event.newState !== "open") return;
    this.wordsTarget.value = "";
    this.ask(true);
  }

  look(): void {
    clearTimeout(this.pause);
    this.wanted = false;
    this.pause = window.setTimeout(() => this.ask(false), PAUSE_MS);
  }

  /** Enter picks the first file that fits the words, also where the answer to them is still on its way. */
  first(event: Event): void {
    event.preventDefault();
    if (!this.wordsTarget.value.trim()) return;
    clearTimeout(this.pause);
    this.wanted = true;
    this.ask(false);
  }

  came(): void {
    if (this.wanted) this.frameTarget.querySelector<HTMLElement>(".library-file")?.click();
    this.wanted = false;
  }

  pick({ params, currentTarget }: { params: { file: Stored }; currentTarget: EventTarget | null }): void {
    this.dispatch("picked", { target: currentTarget as Element });
    this.dispatch("files", { prefix: "complete", detail: { files: [params.file] } });
  }

  private ask(anew: boolean): void {
    const url = `/library?${new URLSearchParams({ words: this.wordsTarget.value.trim() })}`;
    if (anew && this.frameTarget.src?.endsWith(url)) void this.frameTarget.reload();
    else this.frameTarget.src = url;
  }
}
