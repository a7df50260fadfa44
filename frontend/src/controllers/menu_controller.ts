import { Controller } from "@hotwired/stimulus";

const GAP_PIXELS = 4;
const ANCHORED = CSS.supports("position-area", "bottom");

/** A list of choices over the page: the browser opens and closes it, this places it, moves by keys and tells its state. */
export default class MenuController extends Controller<HTMLElement> {
  static targets = ["button", "panel"];
  static values = { side: { type: String, default: "below" } };
  declare readonly buttonTargets: HTMLButtonElement[];
  declare readonly panelTarget: HTMLElement;
  declare readonly sideValue: string;

  toggled(event: ToggleEvent): void {
    if (event.target !== this.panelTarget) return;
    const open = event.newState === "open";
    for (const button of this.buttons) button.setAttribute("aria-expanded", String(open));
    if (!open) return;
    if (!ANCHORED) this.place();
    const first = this.panelTarget.querySelector<HTMLElement>("[autofocus]") ?? this.items[0];
    if (!this.panelTarget.contains(document.activeElement)) first?.focus();
  }

  move(event: KeyboardEvent): void {
    const items = this.items;
    const at = items.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
    const writing = document.activeElement instanceof HTMLInputElement;
    if (to === undefined || (writing && event.key !== "ArrowDown")) return;
    event.preventDefault();
    items[(to + items.length) % items.length]?.focus();
  }

  close(): void {
    this.panelTarget.hidePopover();
  }

  private get buttons(): HTMLButtonElement[] {
    return this.buttonTargets.filter((button) => button.getAttribute("popovertarget") === this.panelTarget.id);
  }

  private get items(): HTMLElement[] {
    return [...this.panelTarget.querySelectorAll<HTMLElement>(".menu-item")].filter((item) => item.offsetParent !== null);
  }

  /** For browsers without anchored positions: beside the button, kept inside the window. */
  private place(): void {
    const button = this.buttons[0]?.getBoundingClientRect();
    if (!button) return;
    const { offsetWidth: width, offsetHeight: height, style } = this.panelTarget;
    const below = this.sideValue === "below" && button.bottom + height + GAP_PIXELS < innerHeight;
    const top = below ? button.bottom + GAP_PIXELS : Math.max(GAP_PIXELS, button.top - height - GAP_PIXELS);
    const start = this.sideValue === "beside" ? button.right + GAP_PIXELS : button.left;
    style.top = `${top}px`;
    style.left = `${Math.max(GAP_PIXELS, Math.min(start, innerWidth - width - GAP_PIXELS))}px`;
  }
}
