import { Controller } from "@hotwired/stimulus";
import { type Token, type Trigger, askedFor, hasVariables } from "../compose/complete";
import { Completion } from "../compose/completion";
import { asContent, askedOf, emojiOptions, filesOf } from "../compose/options";
import { counted } from "../words";
import { workspaceHeader } from "../workspace";

const PREVIEW_MS = 300;

/** Offers what can be put in while somebody writes, and shows what a text with variables will say. Tells "complete:files" when what is put in brings files along. */
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
  private completion!: Completion;
  private previewPause = 0;
  private flagged = "";

  connect(): void {
    const { textTarget: text, panelTarget: panel, listTarget: list, asideTarget: aside } = this;
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.completion = new Completion(this.element, { text, panel, list, aside }, {
      asked: (words, caret) => askedFor(words, caret, this.offered),
      find: (token, asking) => this.find(token, asking),
      shown: (number) => (this.saidTarget.textContent = counted(this.foundValue, number)),
      closed: () => (this.saidTarget.textContent = ""),
      took: (option) => this.tellFiles(option),
    });
    for (const name of ["input", "click", "focus"]) text.addEventListener(name, () => this.lookAhead(), { signal });
    this.element.addEventListener("composer:sending", (event) => this.check(event), { signal });
    requestAnimationFrame(() => this.lookAhead());
  }

  disconnect(): void {
    this.listening.abort();
    this.completion.end();
    clearTimeout(this.previewPause);
  }

  /** A button begins what could be typed. */
  begin({ params }: { params: { with: string } }): void {
    const { textTarget: text } = this;
    const before = text.value.slice(0, text.selectionStart);
    this.completion.put(text.selectionStart, (before === "" || /\s$/.test(before) ? "" : " ") + params.with);
  }

  private get offered(): ReadonlySet<Trigger> {
    const offered = new Set<Trigger>(["::"]);
    if (this.snippetsValue) offered.add("/");
    if (this.variablesValue) offered.add("$");
    if (this.membersValue) offered.add("@");
    return offered;
  }

  private async find({ trigger, query }: Token, signal: AbortSignal): Promise<Node> {
    if (trigger === "::") return emojiOptions(query);
    return askedOf({ "/": this.snippetsValue, $: this.variablesValue, "@": this.membersValue }[trigger], query, signal);
  }

  private tellFiles(option: HTMLElement): void {
    const files = filesOf(option);
    if (files.length) this.dispatch("files", { detail: { files } });
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
