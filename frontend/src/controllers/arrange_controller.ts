import { Controller } from "@hotwired/stimulus";
import { move } from "../morph";

/** A list whose items are put into another order by their buttons; the form around it sends them as they stand. */
export default class ArrangeController extends Controller<HTMLElement> {
  static targets = ["item"];
  declare readonly itemTargets: HTMLElement[];

  up(event: Event): void {
    this.step(event, -1);
  }

  down(event: Event): void {
    this.step(event, 1);
  }

  private step({ currentTarget }: Event, by: number): void {
    const button = currentTarget as HTMLElement;
    const at = this.itemTargets.findIndex((item) => item.contains(button));
    const item = this.itemTargets[at];
    const to = at + by;
    if (!item || to < 0 || to >= this.itemTargets.length) return;
    move(item.parentElement ?? this.element, item, this.itemTargets[by < 0 ? to : to + 1] ?? null);
    button.focus();
    // The form holds something now that nobody typed.
    this.element.dispatchEvent(new Event("input", { bubbles: true }));
  }
}
