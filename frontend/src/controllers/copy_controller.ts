import { cache } from "@hotwired/turbo";
import { Controller } from "@hotwired/stimulus";

/**
 * Copies a secret that is shown once, and says so on the button. Where the browser gives no clipboard, it is selected to be copied by hand.
 * Going back does not bring the secret back: its page is kept out of Turbo's memory.
 */
export default class CopyController extends Controller<HTMLElement> {
  static targets = ["source", "button"];
  static values = { done: String };
  declare readonly sourceTarget: HTMLElement;
  declare readonly buttonTarget: HTMLElement;
  declare readonly doneValue: string;

  connect(): void {
    this.forget();
  }

  /** Every rendering of the page sets its memory anew. */
  forget(): void {
    cache.exemptPageFromCache();
  }

  async copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(this.sourceTarget.textContent ?? "");
      this.buttonTarget.textContent = this.doneValue;
    } catch {
      getSelection()?.selectAllChildren(this.sourceTarget);
    }
  }
}
