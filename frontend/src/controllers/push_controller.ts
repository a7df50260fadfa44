import { Controller } from "@hotwired/stimulus";
import { refresh } from "../live/refresh";
import { type PushState, pushState, turnOff, turnOn } from "../notifications/push";

/** Turns the notifications of this browser on and off, and says how they stand. */
export default class PushController extends Controller<HTMLElement> {
  static targets = ["words", "sentence", "on", "off"];
  static values = { key: String, member: String };
  declare readonly wordsTarget: HTMLElement;
  declare readonly sentenceTargets: HTMLTemplateElement[];
  declare readonly onTarget: HTMLButtonElement;
  declare readonly offTarget: HTMLButtonElement;
  declare readonly keyValue: string;
  declare readonly memberValue: string;

  connect(): void {
    this.again();
  }

  /** The page has read itself again: it knows nothing of this browser. */
  again(): void {
    this.show(pushState(this.memberValue));
  }

  async turnOn(): Promise<void> {
    this.onTarget.disabled = true;
    this.changed(await turnOn(this.memberValue, this.keyValue), "on");
  }

  async turnOff(): Promise<void> {
    this.offTarget.disabled = true;
    this.changed(await turnOff(this.memberValue), "off");
  }

  private changed(state: PushState, wanted: PushState): void {
    this.show(state);
    if (state === wanted) refresh(); // the list of browsers is another one now
  }

  private show(state: PushState): void {
    const sentence = this.sentenceTargets.find((each) => each.dataset["state"] === state);
    this.wordsTarget.textContent = sentence?.content.textContent ?? "";
    this.onTarget.hidden = state !== "off" && state !== "failed";
    this.offTarget.hidden = state !== "on";
    this.onTarget.disabled = this.offTarget.disabled = false;
  }
}
