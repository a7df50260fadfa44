import { Controller } from "@hotwired/stimulus";

/** Tabs by the pattern of WAI-ARIA: arrow keys move and choose. */
export default class TabsController extends Controller<HTMLElement> {
  static targets = ["tab", "panel"];
  declare readonly tabTargets: HTMLElement[];
  declare readonly panelTargets: HTMLElement[];
  private chosen = "";

  connect(): void {
    document.addEventListener("turbo:morph", this.again);
  }

  disconnect(): void {
    document.removeEventListener("turbo:morph", this.again);
  }

  choose({ currentTarget }: Event): void {
    this.show((currentTarget as HTMLElement).id);
    this.shownPanel?.querySelector<HTMLElement>("textarea, input:not([type=hidden])")?.focus();
  }

  move(event: KeyboardEvent): void {
    const at = this.tabTargets.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: -1 }[event.key];
    if (at === -1 || to === undefined) return;
    event.preventDefault();
    const tab = this.tabTargets.at(to % this.tabTargets.length);
    if (tab) this.show(tab.id);
    tab?.focus();
  }

  private readonly again = (): void => {
    if (this.chosen) this.show(this.chosen);
  };

  private show(id: string): void {
    this.chosen = id;
    for (const tab of this.tabTargets) {
      tab.setAttribute("aria-selected", String(tab.id === id));
      tab.tabIndex = tab.id === id ? 0 : -1;
    }
    for (const panel of this.panelTargets) panel.hidden = panel.getAttribute("aria-labelledby") !== id;
  }

  private get shownPanel(): HTMLElement | undefined {
    return this.panelTargets.find((panel) => !panel.hidden);
  }
}
