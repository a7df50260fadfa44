import { Controller } from "@hotwired/stimulus";
import type { FrameElement } from "@hotwired/turbo";
import { type Token, replaced, tokenAt } from "../search/token";

const WAIT_MS = 250;

interface Offer {
  insert: string;
  words: string;
}

/** The search bar: what it finds takes the place of the list, and filters are suggested while they are typed. */
export default class SearchController extends Controller<HTMLElement> {
  static targets = ["words", "choices", "key", "choice", "results"];
  declare readonly wordsTarget: HTMLInputElement;
  declare readonly choicesTarget: HTMLElement;
  declare readonly keyTargets: HTMLElement[];
  declare readonly choiceTarget: HTMLTemplateElement;
  declare readonly resultsTarget: FrameElement;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private asked = 0;
  private line = "";

  connect(): void {
    this.element.addEventListener("search:for", this.searchFor);
    this.choicesTarget.addEventListener("pointerdown", this.picked);
    const wanted = new URLSearchParams(location.search).get("search");
    if (wanted && !this.wordsTarget.value) this.begin(wanted);
  }

  disconnect(): void {
    clearTimeout(this.timer);
    this.element.removeEventListener("search:for", this.searchFor);
    this.choicesTarget.removeEventListener("pointerdown", this.picked);
  }

  submit(event: Event): void {
    event.preventDefault();
    this.run();
  }

  typed(): void {
    clearTimeout(this.timer);
    if (this.wordsTarget.value.trim() === "") this.run();
    else this.timer = setTimeout(() => this.run(), WAIT_MS);
    void this.offer();
  }

  key(event: KeyboardEvent): void {
    if (event.isComposing) return;
    if (event.key === "Escape") this.escape(event);
    else if (event.key === "Enter" && this.active) this.pick(this.active, event);
    else if (event.key === "Tab" && this.active && this.token.text) this.pick(this.active, event);
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") this.move(event);
  }

  /** Suggest how what stands before the caret may go on. */
  async offer(): Promise<void> {
    const { text } = this.token;
    const begun = /^(\w+):/.exec(text);
    const asked = ++this.asked;
    let offers: Offer[] = [];
    if (begun) {
      const answer = await fetch(`/search/suggestions?typed=${encodeURIComponent(text)}`, { headers: { accept: "application/json" } }).catch(() => null);
      if (answer?.ok) offers = (await answer.json()) as Offer[];
      if (asked !== this.asked) return;
    }
    for (const old of this.choicesTarget.querySelectorAll("[data-offered]")) old.remove();
    for (const key of this.keyTargets) key.hidden = begun !== null || !(key.dataset["insert"] ?? "").startsWith(text.toLowerCase()) || (text === "" && this.wordsTarget.value.trim() !== "");
    offers.forEach((offer, index) => this.add(offer, index));
    this.show(document.activeElement === this.wordsTarget && this.options.length > 0);
  }

  leave(): void {
    this.show(false);
  }

  /** What was found has come: its first line is where the list begins. */
  shown(event: Event): void {
    if (event.target === this.resultsTarget) this.resultsTarget.scrollTop = 0;
  }

  /** Show which hit is open. */
  chosen({ target }: Event): void {
    const hit = target instanceof Element ? target.closest(".search-hit") : null;
    if (!hit) return;
    for (const other of this.resultsTarget.querySelectorAll(".search-hit")) other.removeAttribute("aria-current");
    hit.setAttribute("aria-current", "true");
  }

  private readonly searchFor = (event: Event): void => this.begin((event as CustomEvent<string>).detail);

  private begin(line: string): void {
    this.wordsTarget.value = line;
    this.wordsTarget.focus();
    this.run();
  }

  private run(): void {
    clearTimeout(this.timer);
    const line = this.wordsTarget.value.trim();
    if (line === this.line) return;
    this.line = line;
    this.element.toggleAttribute("data-searching", line !== "");
    if (line) this.resultsTarget.src = `/search?q=${encodeURIComponent(line)}`;
    else {
      this.resultsTarget.removeAttribute("src");
      this.resultsTarget.replaceChildren();
    }
  }

  /** First the suggestions go, then the search, then one leaves the bar. */
  private escape(event: KeyboardEvent): void {
    event.preventDefault();
    if (this.active) this.show(false);
    else if (this.wordsTarget.value) {
      this.wordsTarget.value = "";
      this.run();
      this.show(false);
    } else this.wordsTarget.blur();
  }

  private move(event: KeyboardEvent): void {
    const options = this.choicesTarget.hidden ? [] : this.options;
    if (options.length === 0) {
      if (event.key === "ArrowDown") this.toResults(event);
      return;
    }
    event.preventDefault();
    const at = options.findIndex((option) => option === this.active) + (event.key === "ArrowDown" ? 1 : -1);
    this.choose(options[at < -1 ? options.length - 1 : at]);
  }

  private toResults(event: Event): void {
    const first = this.resultsTarget.querySelector<HTMLElement>(".search-hit");
    if (!first) return;
    event.preventDefault();
    first.focus();
  }

  private readonly picked = (event: Event): void => {
    const option = event.target instanceof Element ? event.target.closest<HTMLElement>("[role=option]") : null;
    if (option) this.pick(option, event);
  };

  private pick(option: HTMLElement, event: Event): void {
    event.preventDefault();
    const insert = option.dataset["insert"] ?? "";
    const { line, caret } = replaced(this.wordsTarget.value, this.token, insert.endsWith(":") ? insert : `${insert} `);
    this.wordsTarget.value = line;
    this.wordsTarget.setSelectionRange(caret, caret);
    this.typed();
  }

  private add({ insert, words }: Offer, index: number): void {
    const option = (this.choiceTarget.content.cloneNode(true) as DocumentFragment).querySelector<HTMLElement>("[role=option]");
    if (!option) return;
    option.id = `search_offer_${index}`;
    option.dataset["insert"] = insert;
    option.dataset["offered"] = "";
    const [code, span] = [option.querySelector("code"), option.querySelector("span")];
    if (code) code.textContent = insert.slice(0, insert.indexOf(":") + 1);
    if (span) span.textContent = words;
    this.choicesTarget.append(option);
  }

  private show(open: boolean): void {
    this.choicesTarget.hidden = !open;
    this.wordsTarget.setAttribute("aria-expanded", String(open));
    this.choose(undefined);
  }

  private choose(option: HTMLElement | undefined): void {
    for (const other of this.options) other.setAttribute("aria-selected", String(other === option));
    if (option) this.wordsTarget.setAttribute("aria-activedescendant", option.id);
    else this.wordsTarget.removeAttribute("aria-activedescendant");
    option?.scrollIntoView({ block: "nearest" });
  }

  private get options(): HTMLElement[] {
    return [...this.choicesTarget.querySelectorAll<HTMLElement>("[role=option]")].filter((option) => !option.hidden);
  }

  private get active(): HTMLElement | undefined {
    return this.choicesTarget.hidden ? undefined : this.options.find((option) => option.getAttribute("aria-selected") === "true");
  }

  private get token(): Token {
    return tokenAt(this.wordsTarget.value, this.wordsTarget.selectionStart ?? this.wordsTarget.value.length);
  }
}
