import { Controller } from "@hotwired/stimulus";

/** Narrows a list by what is typed; Enter chooses the first that is left, also where the list is still on its way. */
export default class FilterController extends Controller<HTMLElement> {
  static targets = ["words", "item", "none"];
  declare readonly wordsTarget: HTMLInputElement;
  declare readonly itemTargets: HTMLElement[];
  declare readonly noneTarget: HTMLElement;
  private wanted = false;

  narrow({ type }: Event): void {
    const words = this.wordsTarget.value.trim().toLocaleLowerCase();
    for (const item of this.itemTargets) item.hidden = !(item.dataset["words"] ?? "").toLocaleLowerCase().includes(words);
    this.noneTarget.hidden = this.itemTargets.some((item) => !item.hidden);
    const chosen = this.wanted && type === "turbo:frame-load";
    this.wanted = false;
    if (chosen) this.choose();
  }

  first(event: Event): void {
    event.preventDefault();
    if (!this.wordsTarget.value.trim()) return;
    this.wanted = this.element.querySelector("turbo-frame[busy]") !== null;
    if (!this.wanted) this.choose();
  }

  private choose(): void {
    this.itemTargets.find((item) => !item.hidden)?.click();
  }
}
