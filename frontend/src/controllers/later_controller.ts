import { Controller } from "@hotwired/stimulus";
import * as words from "../words";
import { laterChoices, moment, readersZone, wallTime } from "../zoned";

/** A choice of times in the future, in the reader's zone. Tells `later:chosen` with the moment. */
export default class LaterController extends Controller<HTMLElement> {
  static targets = ["choice", "own"];
  declare readonly choiceTargets: HTMLButtonElement[];
  declare readonly ownTarget: HTMLInputElement;

  /** Before it is seen: whoever is quick finds the times of now. */
  opens({ newState }: ToggleEvent): void {
    if (newState !== "open") return;
    const now = new Date();
    const zone = readersZone();
    const choices = laterChoices(now, zone);
    for (const button of this.choiceTargets) {
      const choice = choices.find(({ name }) => name === button.dataset["name"]);
      button.hidden = !choice;
      if (!choice) continue;
      button.value = choice.at.toISOString();
      button.querySelector("time")?.replaceChildren(words.when(choice.at));
    }
    this.ownTarget.min = wallTime(now, zone);
    if (this.ownTarget.value < this.ownTarget.min) this.ownTarget.value = wallTime(choices.find(({ name }) => name === "tomorrow")?.at ?? now, zone);
  }

  choose({ currentTarget }: Event): void {
    this.tell((currentTarget as HTMLButtonElement).value);
  }

  chooseOwn(event: Event): void {
    event.preventDefault();
    if (this.ownTarget.value === "") this.ownTarget.focus();
    else this.tell(moment(this.ownTarget.value, readersZone()).toISOString());
  }

  private tell(at: string): void {
    this.dispatch("chosen", { detail: { at } });
    this.element.hidePopover();
  }
}
