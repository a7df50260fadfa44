import { Controller } from "@hotwired/stimulus";
import { Choices } from "../compose/choices";
import { type Emoji, type Token, type Trigger, askedFor, emojiFor, hasVariables } from "../compose/complete";
import { counted } from "../words";
import { workspaceHeader } from "../workspace";

const PAUSE_MS = 120;
const PREVIEW_MS = 300;
const MOST_EMOJI = 20;

/**
 * Offers what can be put in while somebody writes, and shows what a text with variables will say. The list follows the pattern of WAI-ARIA
 * for text fields with a listbox; the focus stays in the text. Tells "complete:files" when what is put in brings files along.
 */
export default class CompleteController extends Controller<HTMLElement> {
  static targets = ["text", "panel", "list", "aside", "said", "line"];
  static values = { snippets: String, variables: String, members: String, preview: String, found: Object };
  declare readonly textTarget: HTMLTextAreaElement;
  declare readonly panelTarget: HTMLElement;
  declare readonly listTarget: HTMLElement;
  declare readonly asideTarget: HTMLElement;
  declare readonly saidTarget: HTMLElement;
  declare readonly lineTarget: HTMLElement;
  declare readonly snippetsValue: string;
  declare readonly variablesValue: string;
  declare readonly membersValue: string;
  declare readonly previewValue: string;
  declare readonly foundValue: Record<string, string>;
  private listening = new AbortController();
  private choices!: Choices;
  private token: Token | null = null;
  private asking: AbortController | null = null;
  private leftAlone: { start: number; words: string } | null = null;
  private nothing: Token | null = null;
  private chooseFirst = false;
  private quiet = false;
  private pause = 0;
  private previewPause = 0;
  private flagged = "";
  private emoji: Emoji[] = [];

  connect(): void {
    const { textTarget: text, panelTarget: panel, listTarget: list, asideTarget: aside } = this;
    this.choices = new Choices({ text, panel, list, aside });
    for (const [name, value] of Object.entries({ "aria-autocomplete": "list", "aria-haspopup": "listbox", "aria-controls": list.id })) text.setAttribute(name, value);
    this.listening = new AbortController();
    const { signal } = this.listening;
    text.addEventListener("input", () => this.look(), { signal });
    text.addEventListener("click", () => this.look(), { signal });
    text.addEventListener("focus", () => this.lookAhead(), { signal });
    text.addEventListener("blur", () => this.close(), { signal });
    // Before the place itself hears the key: Enter chooses here, and sends there.
    this.element.addEventListener("keydown", (event) => this.key(event), { signal, capture: true });
    panel.addEventListener("mousedown", (event) => event.preventDefault(), { signal });
    list.addEventListener("click", (event) => this.clicked(event), { signal });
    this.element.addEventListener("composer:sending", (event) => this.check(event), { signal });
    requestAnimationFrame(() => this.lookAhead());
  }

  disconnect(): void {
    this.listening.abort();
    this.close();
    clearTimeout(this.previewPause);
  }

  /** A button begins what could be typed. */
  begin({ params }: { params: { with: string } }): void {
    const { textTarget: text } = this;
    const before = text.value.slice(0, text.selectionStart);
    this.put(text.selectionStart, (before === "" || /\s$/.test(before) ? "" : " ") + params.with);
  }

  private get offered(): ReadonlySet<Trigger> {
    const offered = new Set<Trigger>(["::"]);
    if (this.snippetsValue) offered.add("/");
    if (this.variablesValue) offered.add("$");
    if (this.membersValue) offered.add("@");
    return offered;
  }

  private look(): void {
    this.lookAhead();
    if (this.quiet) return;
    const { selectionStart, selectionEnd, value } = this.textTarget;
    const token = selectionStart === selectionEnd ? askedFor(value, selectionStart, this.offered) : null;
    if (!this.isLeftAlone(token)) this.leftAlone = null;
    if (!token || this.leftAlone || this.isKnownToFindNothing(token)) return this.close();
    this.token = token;
    clearTimeout(this.pause);
    this.asking ??= new AbortController();
    this.pause = window.setTimeout(() => void this.ask(token), this.choices.open ? PAUSE_MS : 0);
  }

  private isLeftAlone(token: Token | null): boolean {
    return token?.start === this.leftAlone?.start && this.textTarget.value.startsWith(this.leftAlone?.words ?? "", token?.start);
  }

  private isKnownToFindNothing({ trigger, start, query }: Token): boolean {
    const known = this.nothing?.trigger === trigger && this.nothing.start === start && query.startsWith(this.nothing.query);
    if (!known) this.nothing = null;
    return known;
  }

  private async ask(token: Token): Promise<void> {
    this.asking?.abort();
    const asking = (this.asking = new AbortController());
    const found = await this.find(token, asking.signal).catch(() => null);
    if (asking.signal.aborted) return;
    this.asking = null;
    if (!found) return this.close();
    // Alone a dollar sign may be money: then Enter is not for the list.
    this.choices.show(found, token.query !== "" || token.trigger !== "$");
    this.nothing = this.choices.count ? null : token;
    this.saidTarget.textContent = counted(this.foundValue, this.choices.count);
    if (this.chooseFirst && this.choices.current) this.take(this.choices.current);
    this.chooseFirst = false;
  }

  private async find({ trigger, query }: Token, signal: AbortSignal): Promise<Node> {
    if (trigger === "::") return this.findEmoji(query);
    const address = { "/": this.snippetsValue, $: this.variablesValue, "@": this.membersValue }[trigger];
    const response = await fetch(`${address}?${new URLSearchParams({ words: query.trim() })}`, { headers: workspaceHeader(), signal });
    return response.ok ? asContent(await response.text()) : new DocumentFragment();
  }

  private async findEmoji(query: string): Promise<Node> {
    if (!this.emoji.length) this.emoji = (await import("virtual:emoji")).default.flat();
    const found = new DocumentFragment();
    found.append(...emojiFor(query, this.emoji, MOST_EMOJI).map(asOption));
    return found;
  }

  private key(event: KeyboardEvent): void {
    if (event.target !== this.textTarget || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!this.choices.open) {
      // Typed faster than the answer came: "/hi" and Enter means the snippet, not these words.
      if (event.key !== "Enter" || event.shiftKey || !this.asking || !this.token?.query || !["/", "@"].includes(this.token.trigger)) return;
      this.chooseFirst = true;
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

  private take({ dataset }: HTMLElement): void {
    const { token } = this;
    if (!token) return;
    if (dataset["query"]) return this.put(token.start, `${token.trigger}${dataset["query"]}`);
    this.quiet = true;
    this.put(token.start, dataset["insert"] ?? "");
    this.quiet = false;
    this.leave(token);
    const files: unknown = JSON.parse(dataset["files"] ?? "[]");
    if (Array.isArray(files) && files.length) this.dispatch("files", { detail: { files } });
  }

  /** Put words in place of what stands between `start` and the caret, as if they were typed. */
  private put(start: number, words: string): void {
    const { textTarget: text } = this;
    text.focus();
    this.leftAlone = null;
    text.setRangeText(words, start, text.selectionStart, "end");
    text.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertReplacementText" }));
  }

  /** What was asked for stays as it is, until something else is. */
  private leave(token: Token | null): void {
    this.leftAlone = token && { start: token.start, words: this.textTarget.value.slice(token.start, this.textTarget.selectionStart) };
    this.close();
  }

  private close(): void {
    clearTimeout(this.pause);
    this.asking?.abort();
    this.asking = null;
    this.chooseFirst = false;
    this.token = null;
    if (this.choices.open) this.saidTarget.textContent = "";
    this.choices.close();
  }

  /** Show what a text with variables will say. */
  private lookAhead(): void {
    clearTimeout(this.previewPause);
    if (this.flagged && this.flagged !== this.textTarget.value) this.flagged = "";
    if (!this.previewValue || !hasVariables(this.textTarget.value)) this.lineTarget.hidden = true;
    else this.previewPause = window.setTimeout(() => void this.preview(this.textTarget.value), PREVIEW_MS);
  }

  private async preview(text: string): Promise<void> {
    const body = new FormData();
    body.set("text", text);
    const response = await fetch(this.previewValue, { method: "POST", body, headers: workspaceHeader(), signal: this.listening.signal }).catch(() => null);
    if (!response?.ok || text !== this.textTarget.value) return;
    this.lineTarget.replaceChildren(asContent(await response.text()));
    this.lineTarget.hidden = false;
    this.flagged = this.lineTarget.querySelector("[data-problem]") ? text : "";
  }

  /** What is known to be wrong does not go. */
  private check(event: Event): void {
    if (this.flagged && this.flagged === this.textTarget.value) {
      event.preventDefault();
      this.textTarget.focus();
    } else this.lineTarget.hidden = true;
  }
}

function asContent(html: string): DocumentFragment {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

function asOption([character, words]: Emoji): HTMLElement {
  const option = document.createElement("div");
  option.className = "complete-option";
  option.setAttribute("role", "option");
  option.dataset["insert"] = character;
  const mark = document.createElement("span");
  mark.className = "complete-emoji";
  mark.textContent = character;
  option.append(mark, words);
  return option;
}
