import { Controller } from "@hotwired/stimulus";

const GAP_PIXELS = 4;
const ANCHORED = CSS.supports("position-area", "bottom");

/** A list of choices over the page: the browser opens and closes it, this places it, moves by keys and tells its state. */
export default class MenuController extends Controller<HTMLElement> {
  static targets = ["button", "panel"];
  static values = { side: { type: String, default: "below" } };
  declare readonly buttonTargets: HTMLButtonElement[];
  declare readonly panelTargets: HTMLElement[];
  declare readonly sideValue: string;

  panelTargetConnected(panel: HTMLElement): void {
    panel.addEventListener("beforetoggle", opens);
  }

  panelTargetDisconnected(panel: HTMLElement): void {
    panel.removeEventListener("beforetoggle", opens);
  }

  toggled(event: ToggleEvent): void {
    const panel = this.panelTargets.find((each) => each === event.target);
    if (!panel) return;
    for (const item of panel.querySelectorAll(".menu-item[autofocus]")) item.removeAttribute("autofocus");
    const open = event.newState === "open";
    for (const button of this.buttonsOf(panel)) button.setAttribute("aria-expanded", String(open));
    if (!open) return;
    if (!ANCHORED) this.place(panel);
    const first = panel.querySelector<HTMLElement>("[autofocus]") ?? this.itemsOf(panel)[0];
    if (!panel.contains(document.activeElement)) first?.focus();
  }

  move(event: KeyboardEvent): void {
    const items = this.itemsOf(event.currentTarget as HTMLElement);
    const at = items.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
    const writing = document.activeElement instanceof HTMLInputElement;
    if (to === undefined || (writing && event.key !== "ArrowDown")) return;
    event.preventDefault();
    items[(to + items.length) % items.length]?.focus();
  }

  close(): void {
    for (const panel of this.panelTargets) panel.hidePopover();
  }

  private buttonsOf(panel: HTMLElement): HTMLButtonElement[] {
    return this.buttonTargets.filter((button) => button.getAttribute("popovertarget") === panel.id);
  }

  private itemsOf(panel: HTMLElement): HTMLElement[] {
    return [...panel.querySelectorAll<HTMLElement>(".menu-item")].filter((item) => item.offsetParent !== null);
  }

  /** For browsers without anchored positions: beside the button, kept inside the window. */
  private place(panel: HTMLElement): void {
    const button = this.buttonsOf(panel)[0]?.getBoundingClientRect();
    if (!button) return;
    const { offsetWidth: width, offsetHeight: height, style } = panel;
    const below = this.sideValue === "below" && button.bottom + height + GAP_PIXELS < innerHeight;
    const top = below ? button.bottom + GAP_PIXELS : Math.max(GAP_PIXELS, button.top - height - GAP_PIXELS);
    const start = this.sideValue === "beside" ? button.right + GAP_PIXELS : button.left;
    style.top = `${top}px`;
    style.left = `${Math.max(GAP_PIXELS, Math.min(start, innerWidth - width - GAP_PIXELS))}px`;
  }
}

/** The browser itself puts the focus on the first that can be seen, before another key is pressed: what we are told afterwards comes too late for that. */
function opens({ target, newState }: ToggleEvent): void {
  const panel = target as HTMLElement;
  if (newState !== "open" || panel.querySelector("[autofocus]")) return;
  for (const item of panel.querySelectorAll(".menu-item")) item.setAttribute("autofocus", "");
}
