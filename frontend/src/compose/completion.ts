// What can be put in where somebody writes: what opens the list, which keys are for it, and what it puts in.
import { Choices, type Parts } from "./choices";
import type { Token } from "./complete";

const PAUSE_MS = 120;

export interface Offering {
  /** What the words before the caret ask for. */
  readonly asked: (text: string, caret: number) => Token | null;
  /** The choices for it, each `[role=option]` with `data-insert`, or with `data-query` for what is asked next. */
  readonly find: (token: Token, signal: AbortSignal) => Promise<Node>;
  /** So many were found; the list is open if there are any. */
  readonly shown: (number: number) => void;
  readonly closed: () => void;
  readonly took: (option: HTMLElement) => void;
}

/** The list follows the pattern of WAI-ARIA for text fields with a listbox; the focus stays in the text. */
export class Completion {
  private readonly listening = new AbortController();
  private readonly choices: Choices;
  private token: Token | null = null;
  private asking: AbortController | null = null;
  private leftAlone: { start: number; words: string } | null = null;
  private nothing: Token | null = null;
  private chooseFirst = false;
  private quiet = false;
  private pause = 0;

  /** `around` is what holds the text: its keys are heard here before the place itself hears them. */
  constructor(around: HTMLElement, private readonly parts: Parts, private readonly offering: Offering) {
    const { text, panel, list } = parts;
    this.choices = new Choices(parts);
    for (const [name, value] of Object.entries({ "aria-autocomplete": "list", "aria-haspopup": "listbox", "aria-controls": list.id })) text.setAttribute(name, value);
    const { signal } = this.listening;
    text.addEventListener("input", () => this.look(), { signal });
    text.addEventListener("click", () => this.look(), { signal });
    text.addEventListener("blur", () => this.close(), { signal });
    around.addEventListener("keydown", (event) => this.key(event), { signal, capture: true });
    panel.addEventListener("mousedown", (event) => event.preventDefault(), { signal });
    list.addEventListener("click", (event) => this.clicked(event), { signal });
  }

  end(): void {
    this.listening.abort();
    this.close();
  }

  get open(): boolean {
    return this.choices.open;
  }

  /** Offer without anything being typed. */
  async offer(token: Token): Promise<void> {
    this.token = token;
    await this.ask(token, true);
  }

  /** Put words in place of what stands between `start` and the caret, as if they were typed. */
  put(start: number, words: string): void {
    const { text } = this.parts;
    text.focus();
    this.leftAlone = null;
    text.setRangeText(words, start, text.selectionStart ?? start, "end");
    text.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertReplacementText" }));
  }

  close(): void {
    clearTimeout(this.pause);
    this.asking?.abort();
    this.asking = null;
    this.chooseFirst = false;
    this.token = null;
    if (this.choices.open) this.offering.closed();
    this.choices.close();
  }

  private look(): void {
    if (this.quiet) return;
    const { selectionStart, selectionEnd, value } = this.parts.text;
    const token = selectionStart !== null && selectionStart === selectionEnd ? this.offering.asked(value, selectionStart) : null;
    if (!this.isLeftAlone(token)) this.leftAlone = null;
    if (!token || this.leftAlone || this.isKnownToFindNothing(token)) return this.close();
    this.token = token;
    clearTimeout(this.pause);
    this.asking ??= new AbortController();
    // Alone a dollar sign may be money: then Enter is not for the list.
    this.pause = window.setTimeout(() => void this.ask(token, token.query !== "" || token.trigger !== "$"), this.choices.open ? PAUSE_MS : 0);
  }

  private isLeftAlone(token: Token | null): boolean {
    return token?.start === this.leftAlone?.start && this.parts.text.value.startsWith(this.leftAlone?.words ?? "", token?.start);
  }

  private isKnownToFindNothing({ trigger, start, query }: Token): boolean {
    const known = this.nothing?.trigger === trigger && this.nothing.start === start && query.startsWith(this.nothing.query);
    if (!known) this.nothing = null;
    return known;
  }

  private async ask(token: Token, chosen: boolean): Promise<void> {
    this.asking?.abort();
    const asking = (this.asking = new AbortController());
    const found = await this.offering.find(token, asking.signal).catch(() => null);
    if (asking.signal.aborted) return;
    this.asking = null;
    if (!found) return this.close();
    this.choices.show(found, chosen);
    this.nothing = this.choices.count ? null : token;
    this.offering.shown(this.choices.count);
    if (this.chooseFirst && this.choices.current) this.take(this.choices.current);
    this.chooseFirst = false;
  }

  private key(event: KeyboardEvent): void {
    if (event.target !== this.parts.text || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!this.choices.open) {
      // Typed faster than the answer came: "/hi" and Enter means the snippet, not these words.
      if (event.key !== "Enter" || event.shiftKey || !this.asking || !this.token?.query || !["/", "@"].includes(this.token.trigger)) return;
      this.chooseFirst = true;
    } else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey && this.asking && this.token?.query) {
      // The list still shows what fitted fewer letters.
      clearTimeout(this.pause);
      this.chooseFirst = true;
      void this.ask(this.token, true);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") this.choices.step(event.key === "ArrowDown" ? 1 : -1);
    else if (event.key === "Escape") this.leave(this.token);
    else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey && this.choices.current) this.take(this.choices.current);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private clicked({ target }: Event): void {
    const option = target instanceof Element ? target.closest<HTMLElement>("[role=option]") : null;
    if (!option) return;
    this.choices.point(option);
    this.take(option);
  }

  private take(option: HTMLElement): void {
    const { token } = this;
    if (!token) return;
    const { query, insert = "" } = option.dataset;
    if (query) return this.put(token.start, `${token.trigger}${query}`);
    this.quiet = true;
    this.put(token.start, insert);
    this.quiet = false;
    this.leave(token);
    this.offering.took(option);
  }

  /** What was asked for stays as it is, until something else is. */
  private leave(token: Token | null): void {
    const { value, selectionStart } = this.parts.text;
    this.leftAlone = token && { start: token.start, words: value.slice(token.start, selectionStart ?? token.start) };
    this.close();
  }
}
