import { Controller } from "@hotwired/stimulus";

/** Copies what is shown, and says so on the button. Where the browser gives no clipboard, the text is selected to be copied by hand. */
export default class CopyController extends Controller<HTMLElement> {
  static targets = ["source", "button"];
  static values = { done: String };
  declare readonly sourceTarget: HTMLElement;
  declare readonly buttonTarget: HTMLElement;
  declare readonly doneValue: string;

  async copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(this.sourceTarget.textContent ?? "");
      this.buttonTarget.textContent = this.doneValue;
    } catch {
      getSelection()?.selectAllChildren(this.sourceTarget);
    }
  }
}
