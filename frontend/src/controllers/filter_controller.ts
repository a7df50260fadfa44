import { Controller } from "@hotwired/stimulus";
import { folded } from "../search/folded";

/** Narrows a list by what is typed; Enter chooses the first that is left, also where the list is still on its way. */
export default class FilterController extends Controller<HTMLElement> {
  static targets = ["words", "item", "none"];
  declare readonly wordsTarget: HTMLInputElement;
  declare readonly itemTargets: HTMLElement[];
  declare readonly hasWordsTarget: boolean;
  declare readonly noneTarget: HTMLElement;
  private wanted = false;

  connect(): void {
    document.addEventListener("turbo:morph", this.again);
  }

  disconnect(): void {
    document.removeEventListener("turbo:morph", this.again);
  }

  wordsTargetConnected(words: HTMLInputElement): void {
    words.dataset["keep"] = "";
  }

  private readonly again = (): void => {
    if (this.hasWordsTarget && this.wordsTarget.value) this.hideOthers();
  };

  narrow({ type }: Event): void {
    this.hideOthers();
    const chosen = this.wanted && type === "turbo:frame-load";
    this.wanted = false;
    if (chosen) this.choose();
  }

  first(event: Event): void {
    event.preventDefault();
    if (!this.wordsTarget.value.trim()) return;
    // Not [busy]: a frame stops being busy before it shows what came.
    this.wanted = this.element.querySelector("turbo-frame:not([complete])") !== null;
    if (this.wanted) return;
    // The list may have come in this very moment, and was not narrowed yet.
    this.narrow(event);
    this.choose();
  }

  private hideOthers(): void {
    const words = folded(this.wordsTarget.value.trim());
    for (const item of this.itemTargets) item.hidden = !folded(item.dataset["words"] ?? "").includes(words);
    this.noneTarget.hidden = this.itemTargets.some((item) => !item.hidden);
  }

  private choose(): void {
    this.itemTargets.find((item) => !item.hidden)?.click();
  }
}
