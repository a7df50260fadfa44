import { Controller } from "@hotwired/stimulus";

/** A form that is saved whenever something in it changed, and says so in the element whose id is `state`. */
export default class AutosaveController extends Controller<HTMLFormElement> {
  static values = { state: String, saving: String, failed: String };
  declare readonly stateValue: string;
  declare readonly savingValue: string;
  declare readonly failedValue: string;

  save(): void {
    if (this.element.checkValidity()) this.element.requestSubmit();
    else this.element.reportValidity();
  }

  started(): void {
    this.say(this.savingValue);
  }

  ended(event: CustomEvent<{ success: boolean }>): void {
    if (!event.detail.success) this.say(this.failedValue);
  }

  private say(words: string): void {
    const state = document.getElementById(this.stateValue);
    if (state) state.textContent = words;
  }
}
