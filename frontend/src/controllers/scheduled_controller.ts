import { Controller } from "@hotwired/stimulus";

/** A reply that goes out later: another time for it. */
export default class ScheduledController extends Controller<HTMLElement> {
  static targets = ["form", "time"];
  declare readonly formTarget: HTMLFormElement;
  declare readonly timeTarget: HTMLInputElement;

  move({ detail }: CustomEvent<{ at: string }>): void {
    this.timeTarget.value = detail.at;
    this.formTarget.requestSubmit();
  }
}
