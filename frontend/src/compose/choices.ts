// The list over a place to write: which choice is the current one, for eyes, ears and keys.

export interface Parts {
  readonly text: HTMLTextAreaElement | HTMLInputElement;
  readonly panel: HTMLElement;
  readonly list: HTMLElement;
  readonly aside: HTMLElement;
}

export class Choices {
  private at = -1;

  constructor(private readonly parts: Parts) {}

  get open(): boolean {
    return !this.parts.panel.hidden;
  }

  get current(): HTMLElement | undefined {
    return this.options[this.at];
  }

  get count(): number {
    return this.options.length;
  }

  /** Show these choices; with `chosen` the first is the current one. */
  show(content: Node, chosen: boolean): void {
    this.parts.list.replaceChildren(content);
    this.options.forEach((option, index) => (option.id = `${this.parts.list.id}_${index}`));
    this.parts.panel.hidden = this.count === 0;
    this.parts.list.scrollTop = 0;
    this.choose(chosen && this.count ? 0 : -1);
  }

  close(): void {
    this.parts.panel.hidden = true;
    this.parts.list.replaceChildren();
    this.choose(-1);
  }

  step(by: 1 | -1): void {
    const next = this.at + by;
    this.choose(this.at < 0 && by < 0 ? this.count - 1 : (next + this.count) % this.count);
  }

  point(option: Element): void {
    this.choose(this.options.indexOf(option as HTMLElement));
  }

  private get options(): HTMLElement[] {
    return [...this.parts.list.querySelectorAll<HTMLElement>("[role=option]")];
  }

  private choose(at: number): void {
    this.at = at;
    for (const [index, option] of this.options.entries()) option.setAttribute("aria-selected", String(index === at));
    const current = this.current;
    if (current) this.parts.text.setAttribute("aria-activedescendant", current.id);
    else this.parts.text.removeAttribute("aria-activedescendant");
    current?.scrollIntoView({ block: "nearest" });
    this.tellMore(current);
  }

  private tellMore(current: HTMLElement | undefined): void {
    const { preview = "", problem = "" } = current?.dataset ?? {};
    this.parts.aside.hidden = !preview && !problem;
    const [words, wrong] = [this.parts.aside.querySelector(".complete-preview-words"), this.parts.aside.querySelector<HTMLElement>(".complete-problem")];
    if (words) words.textContent = preview;
    if (!wrong) return;
    wrong.hidden = !problem;
    wrong.querySelector("span")?.replaceChildren(problem);
  }
}
