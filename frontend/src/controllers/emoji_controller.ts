import { Controller } from "@hotwired/stimulus";

const COLUMNS = 8;

/** A searchable grid of emoji; the list is fetched when it is first opened. Tells "emoji:chosen" with the character. */
export default class EmojiController extends Controller<HTMLElement> {
  static targets = ["search", "group", "none"];
  declare readonly searchTarget: HTMLInputElement;
  declare readonly groupTargets: HTMLElement[];
  declare readonly noneTarget: HTMLElement;
  private buttons: HTMLButtonElement[] = [];
  private filling: Promise<void> | undefined;

  /** Before it is seen: who types on at once types into an empty field. */
  opens(event: ToggleEvent): void {
    if (event.newState !== "open") return;
    this.searchTarget.value = "";
    this.filling ??= this.fill();
    void this.filling.then(() => this.search());
  }

  search(): void {
    const words = this.searchTarget.value.trim().toLocaleLowerCase();
    for (const button of this.buttons) button.hidden = !(button.dataset["words"] ?? "").includes(words);
    for (const group of this.groupTargets) group.hidden = !group.querySelector("button:not([hidden])");
    this.noneTarget.hidden = this.groupTargets.some((group) => !group.hidden);
  }

  async enter(event: KeyboardEvent): Promise<void> {
    if (event.key !== "Enter" && event.key !== "ArrowDown") return;
    event.preventDefault();
    await this.filling;
    if (event.key === "Enter") this.shown[0]?.click();
    else this.shown[0]?.focus();
  }

  /** Arrow keys walk over the grid; up from the first row leads back to the search. */
  move(event: KeyboardEvent): void {
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: COLUMNS, ArrowUp: -COLUMNS }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const shown = this.shown;
    const next = shown[shown.indexOf(event.target as HTMLButtonElement) + step];
    (next ?? (step < 0 ? this.searchTarget : null))?.focus();
  }

  choose(event: Event): void {
    const button = (event.target as Element).closest("button");
    if (button) this.dispatch("chosen", { detail: button.textContent ?? "" });
  }

  private get shown(): HTMLButtonElement[] {
    return this.buttons.filter((button) => !button.hidden);
  }

  private async fill(): Promise<void> {
    const { default: groups } = await import("virtual:emoji");
    groups.forEach((emoji, index) => this.groupTargets[index]?.querySelector(".emoji-grid")?.append(...emoji.map(asButton)));
    this.buttons = [...this.element.querySelectorAll<HTMLButtonElement>(".emoji-grid button")];
  }
}

function asButton([character, words]: [string, string]): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.tabIndex = -1;
  button.textContent = character;
  button.title = words;
  button.dataset["words"] = words.toLowerCase();
  button.setAttribute("aria-label", words);
  return button;
}
