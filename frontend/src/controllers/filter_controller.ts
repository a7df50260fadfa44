import { Controller } from "@hotwired/stimulus";

/** Narrows a list that is on the page by what is typed; Enter chooses the first that is left. */
export default class FilterController extends Controller<HTMLElement> {
  static targets = ["words", "item", "none"];
  declare readonly wordsTarget: HTMLInputElement;
  declare readonly itemTargets: HTMLElement[];
  declare readonly noneTarget: HTMLElement;

  narrow(): void {
    const words = this.wordsTarget.value.trim().toLocaleLowerCase();
    for (const item of this.itemTargets) item.hidden = !(item.dataset["words"] ?? "").toLocaleLowerCase().includes(words);
    this.noneTarget.hidden = this.itemTargets.some((item) => !item.hidden);
  }

  first(event: Event): void {
    event.preventDefault();
    if (this.wordsTarget.value.trim()) this.itemTargets.find((item) => !item.hidden)?.click();
  }
}
