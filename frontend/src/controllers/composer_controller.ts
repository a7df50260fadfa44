import { Controller } from "@hotwired/stimulus";
import { type Kind, draft, withReturned } from "../compose/drafts";
import { Files, type Row, type Stored, looks } from "../compose/files";
import { leaves, left, stranded } from "../compose/leaving";
import { dropPending, hasArrived, newClientId, showPending } from "../compose/pending";
import type { Returned } from "../compose/returned";
import { sendInOrder } from "../compose/send";
import { Sync, type Version } from "../compose/sync";
import type { Changed } from "../inbox/timeline";
import { refresh } from "../live/refresh";
import { tell } from "../live/start";
import { isBrowsing } from "../search/browsing";

const TYPING_EVERY_MS = 4_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** By contact and kind: what came back, and the name that it was sent under. */
const cameBack = new Map<string, Map<string, string>>();
const GROWS_BY_ITSELF = CSS.supports("field-sizing", "content");

/** Where a reply or a comment is written and sent. */
export default class ComposerController extends Controller<HTMLFormElement> {
  static targets = ["text", "error", "submit", "bubble", "fileRow", "files", "picker", "channel", "channels", "quote", "quoteWords", "replyTo", "attach", "conflict", "conflictWords"];
  static values = { contact: Number, kind: String, failed: String, back: String, large: String, uploading: String, draft: String, version: Number };
  declare readonly textTarget: HTMLTextAreaElement;
  declare readonly errorTarget: HTMLElement;
  declare readonly submitTargets: HTMLButtonElement[];
  declare readonly bubbleTarget: HTMLTemplateElement;
  declare readonly fileRowTarget: HTMLTemplateElement;
  declare readonly filesTarget: HTMLElement;
  declare readonly hasFilesTarget: boolean;
  declare readonly pickerTarget: HTMLInputElement;
  declare readonly channelTarget: HTMLSelectElement;
  declare readonly hasChannelTarget: boolean;
  declare readonly quoteTarget: HTMLElement;
  declare readonly quoteWordsTarget: HTMLElement;
  declare readonly replyToTarget: HTMLInputElement;
  declare readonly hasReplyToTarget: boolean;
  declare readonly conflictTarget: HTMLElement;
  declare readonly conflictWordsTarget: HTMLElement;
  declare readonly contactValue: number;
  declare readonly kindValue: Kind;
  declare readonly failedValue: string;
  declare readonly backValue: string;
  declare readonly largeValue: string;
  declare readonly uploadingValue: string;
  declare readonly draftValue: string;
  declare readonly versionValue: number;
  private attached: Files | undefined;
  private sync!: Sync;
  private listening = new AbortController();
  private closing: ReturnType<typeof setTimeout> | undefined;
  private scheduling = false;
  private channelId = "";
  private toldTyping = 0;

  connect(): void {
    this.listening = new AbortController();
    const { signal } = this.listening;
    document.addEventListener("turbo:morph", () => this.again(), { signal });
    for (const back of ["online", "live:open"]) window.addEventListener(back, () => this.reconnected(), { signal });
    document.addEventListener("timeline:changed", (event) => this.arrived((event as CustomEvent<Changed>).detail.item), { signal });
    document.addEventListener("visibilitychange", () => (document.visibilityState === "visible" ? void this.sync.look() : this.sync.flush()), { signal });
    if (this.hasFilesTarget) this.attached ??= new Files(this.filesTarget, this.fileRowTarget);
    this.sync = new Sync(this.kindValue, this.contactValue, {
      text: () => this.textTarget.value,
      show: (text) => this.textTarget.value !== text && this.write(text),
      conflict: (theirs) => this.showConflict(theirs),
    });
    this.sync.start(this.page);
    this.pickUp();
    if (this.kindValue === "reply" && matchMedia("(pointer: fine)").matches && !isBrowsing()) this.textTarget.focus({ preventScroll: true });
  }

  disconnect(): void {
    this.listening.abort();
    clearTimeout(this.closing);
    this.sync.stop();
  }

  /** This member changed a draft, here or elsewhere. */
  drafted({ detail }: CustomEvent<{ contact_id: number; draft: Kind; version: number }>): void {
    if (detail.contact_id === this.contactValue && detail.draft === this.kindValue) void this.sync.told(detail.version);
  }

  /** What it says about the connection is not so any more; the words are still to be sent. */
  private reconnected(): void {
    if (this.errorTarget.textContent === this.failedValue) this.say(this.backValue);
  }

  keepMine(): void {
    this.sync.keepMine();
    this.textTarget.focus();
  }

  takeTheirs(): void {
    this.sync.takeTheirs();
    this.textTarget.focus();
  }

  private again(): void {
    if (this.hasChannelTarget) this.channelsTargetConnected();
    this.sync.again(this.page);
  }

  /** What came back as lost was there after all: it need not be sent again. */
  private arrived({ id, dataset }: HTMLElement): void {
    for (const [content, clientId] of this.unsent) {
      if (clientId !== dataset["clientId"] || id === `pending_${clientId}`) continue;
      this.unsent.delete(content);
      if (this.textTarget.value.trim() === textIn(content)) this.clear();
    }
  }

  /** What was being sent when this browser was closed, or broke down, and never arrived. */
  private pickUp(): void {
    const timeline = document.getElementById(`timeline_${this.contactValue}`);
    for (const { clientId, content, text } of stranded(this.contactValue, this.kindValue)) {
      if ((timeline && hasArrived(timeline, clientId)) || this.textTarget.value.trim() === text) continue;
      this.write(withReturned(text, this.textTarget.value));
      this.typed();
      this.unsent.set(content, clientId);
    }
  }

  /** The channels came, or came anew: keep the one that was chosen. */
  channelsTargetConnected(): void {
    if (this.channelId && [...this.channelTarget.options].some(({ value }) => value === this.channelId)) this.channelTarget.value = this.channelId;
    this.channelChosen();
  }

  channelChosen(): void {
    this.channelId = this.channelTarget.value;
    this.awaitClosing();
    for (const mark of this.element.querySelectorAll<HTMLElement>("[data-channel-mark]")) mark.hidden = mark.dataset["channelMark"] !== this.channelId;
    for (const permission of this.element.querySelectorAll<HTMLElement>("[data-permission]")) {
      permission.hidden = permission.dataset["permission"] !== this.channelId;
      for (const tag of permission.querySelectorAll("select")) tag.disabled = permission.hidden;
    }
    this.allow();
    const quotes = this.option?.dataset["quotes"] === "yes";
    this.element.closest(".thread")?.toggleAttribute("data-quotes", quotes);
    if (!quotes) this.dropQuote();
  }

  typed(): void {
    this.sync.typed();
    const text = this.textTarget.value.trim();
    for (const content of this.unsent.keys()) if (textIn(content) !== text) this.unsent.delete(content);
    this.grow();
    this.say("");
    if (this.kindValue !== "reply" || Date.now() - this.toldTyping < TYPING_EVERY_MS) return;
    this.toldTyping = Date.now();
    tell({ typing: { contact_id: this.contactValue } });
  }

  key(event: KeyboardEvent): void {
    if (event.key === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey && this.textTarget.value === "") this.undoLast(event);
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    if (this.mayWrite) this.element.requestSubmit();
  }

  async submit(event: Event): Promise<void> {
    event.preventDefault();
    event.stopPropagation();
    const text = this.textTarget.value.trim();
    if (!this.complete(text)) return;
    const sending = this.dispatch("sending", { detail: { contactId: this.contactValue, kind: this.kindValue }, cancelable: true });
    if (!sending.defaultPrevented) await this.send(text);
  }

  /** Send it later. The words stay until the server has them. */
  async schedule({ detail }: CustomEvent<{ at: string }>): Promise<void> {
    const text = this.textTarget.value.trim();
    if (!this.complete(text)) return;
    const { fields, content } = this.filledIn(text);
    fields.set("due_at", detail.at);
    this.scheduling = true;
    this.allow();
    try {
      await this.sync.send(async (version) => {
        fields.set("draft_version", String(version));
        await sendInOrder(`/contacts/${this.contactValue}/scheduled`, fields);
        this.attached?.take();
        this.clear();
      });
      this.unsent.delete(content);
    } catch (error) {
      this.unsent.set(content, String(fields.get("client_id")));
      this.say((error instanceof Error ? error.message : "") || this.failedValue);
    } finally {
      this.scheduling = false;
      this.allow();
    }
    this.textTarget.focus();
  }

  /** Whether there is something to send, and all of it is here. */
  private complete(text: string): boolean {
    if (this.scheduling) return false;
    if (text === "" && !this.attached?.count) {
      this.textTarget.focus();
      return false;
    }
    if (!this.attached?.uploading && !this.attached?.failed) return true;
    this.say(this.attached.uploading ? this.uploadingValue : (this.filesTarget.querySelector(".composer-file-error:not([hidden])")?.textContent ?? ""));
    return false;
  }

  private filledIn(text: string): { fields: FormData; content: string } {
    const fields = new FormData(this.element);
    const content = JSON.stringify([text, ...fields.getAll("files[]")]);
    fields.set("text", text);
    // Nobody knows whether what came back unchanged was stored: under its old name it is stored once.
    fields.set("client_id", this.unsent.get(content) ?? newClientId());
    if (!fields.get("reply_to")) fields.delete("reply_to");
    return { fields, content };
  }

  private async send(text: string): Promise<void> {
    const { fields, content } = this.filledIn(text);
    const clientId = String(fields.get("client_id"));
    const timeline = document.getElementById(`timeline_${this.contactValue}`);
    leaves(this.contactValue, this.kindValue, { clientId, content, text });
    const files = this.attached?.take() ?? [];
    const sending = this.sync.send(async (version) => {
      fields.set("draft_version", String(version));
      await sendInOrder(this.element.action, fields);
    });
    this.clear();
    if (timeline) showPending(timeline, this.bubbleTarget, { clientId, text, files: files.map(looks) });
    try {
      await sending;
      // It was stored before, under the same name, and stands there already.
      if (timeline && hasArrived(timeline, clientId)) dropPending(timeline, clientId);
    } catch (error) {
      if (timeline && hasArrived(timeline, clientId)) return;
      if (timeline) dropPending(timeline, clientId);
      this.giveBack(text, files, error instanceof Error ? error.message : "");
      this.unsent.set(content, clientId);
    } finally {
      left(this.contactValue, this.kindValue, clientId);
    }
  }

  /** The words return to where they were written, also if another thread is open by now. */
  private giveBack(text: string, files: Row[], reason: string): void {
    this.attached?.giveBack(files);
    if (!this.element.isConnected) {
      this.sync.keepFor(withReturned(text, draft(this.kindValue, this.contactValue)));
      return;
    }
    this.write(withReturned(text, this.textTarget.value));
    this.typed();
    this.say(reason || this.failedValue);
  }

  /** It is not sent after all: the words, the files and what they answered are here again. */
  returned(event: CustomEvent<Returned>): void {
    const { contactId, text, files, replyTo, quoted } = event.detail;
    if (contactId !== this.contactValue || this.kindValue !== "reply") return;
    event.preventDefault();
    this.write(withReturned(text, this.textTarget.value));
    this.typed();
    for (const file of files) this.attached?.addStored(file);
    if (replyTo) this.showQuote(replyTo, quoted);
    this.textTarget.focus();
  }

  /** Files that are on the server already: of a snippet, or chosen from the library. */
  attachStored({ detail }: CustomEvent<{ files: Stored[] }>): void {
    for (const file of detail.files) this.attached?.addStored(file);
    this.textTarget.focus();
  }

  insertEmoji({ detail }: CustomEvent<string>): void {
    this.textTarget.setRangeText(detail, this.textTarget.selectionStart, this.textTarget.selectionEnd, "end");
    this.textTarget.focus();
    this.typed();
  }

  browse(): void {
    this.pickerTarget.click();
  }

  picked(): void {
    this.add(this.pickerTarget.files);
    this.pickerTarget.value = "";
  }

  paste(event: ClipboardEvent): void {
    if (!event.clipboardData?.files.length) return;
    event.preventDefault();
    this.add(event.clipboardData.files);
  }

  dragOver(event: DragEvent): void {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.element.dataset["dropping"] = "";
  }

  dragEnd(event: DragEvent): void {
    if (!this.element.contains(event.relatedTarget as Node | null)) delete this.element.dataset["dropping"];
  }

  drop(event: DragEvent): void {
    event.preventDefault();
    delete this.element.dataset["dropping"];
    this.add(event.dataTransfer?.files ?? null);
  }

  removeFile({ currentTarget }: Event): void {
    this.attached?.remove(currentTarget as Element);
    this.say("");
    this.textTarget.focus();
  }

  quote({ detail }: CustomEvent<{ id: string; words: string }>): void {
    this.showQuote(detail.id, detail.words);
    this.textTarget.focus();
  }

  unquote(): void {
    this.dropQuote();
    this.textTarget.focus();
  }

  private showQuote(id: string, words: string): void {
    this.replyToTarget.value = id;
    this.quoteWordsTarget.textContent = words;
    this.quoteTarget.hidden = false;
  }

  private dropQuote(): void {
    if (!this.hasReplyToTarget) return;
    this.replyToTarget.value = "";
    this.quoteTarget.hidden = true;
  }

  private get unsent(): Map<string, string> {
    const name = `${this.kindValue}/${this.contactValue}`;
    const known = cameBack.get(name) ?? new Map<string, string>();
    cameBack.set(name, known);
    return known;
  }

  private get option(): HTMLOptionElement | undefined {
    return this.hasChannelTarget ? this.channelTarget.selectedOptions[0] : undefined;
  }

  private get mayWrite(): boolean {
    return this.kindValue === "comment" || ["open", "tag"].includes(this.option?.dataset["state"] ?? "");
  }

  private allow(): void {
    for (const button of this.submitTargets) button.disabled = this.scheduling || !this.mayWrite;
  }

  private add(files: FileList | null): void {
    const limits = JSON.parse(this.option?.dataset["limits"] ?? "{}") as Record<string, number>;
    for (const file of files ?? []) {
      const kind = /^(image|video|audio)\//.exec(file.type)?.[1] ?? "file";
      if (file.size > (limits[kind] ?? Infinity)) this.say(`${this.largeValue} ${file.name}`);
      else this.attached?.add(file);
    }
    this.textTarget.focus();
  }

  private clear(): void {
    this.write("");
    this.say("");
    this.sync.typed();
    this.dropQuote();
  }

  private get page(): Version {
    return { text: this.draftValue, version: this.versionValue };
  }

  private showConflict(theirs: Version | null): void {
    this.conflictWordsTarget.textContent = theirs?.text ?? "";
    this.conflictTarget.hidden = theirs === null;
  }

  /** The window of the channel shuts while somebody looks: what may still be sent then is another question. */
  private awaitClosing(): void {
    clearTimeout(this.closing);
    const rest = Date.parse(this.option?.dataset["until"] ?? "") - Date.now();
    if (rest > 0 && rest < LONGEST_TIMER_MS) this.closing = setTimeout(refresh, rest);
  }

  private undoLast(event: KeyboardEvent): void {
    const buttons = document.querySelectorAll<HTMLButtonElement>(`#timeline_${this.contactValue} [data-undo-target="button"]`);
    const last = [...buttons].findLast((button) => button.offsetParent !== null);
    if (!last) return;
    event.preventDefault();
    last.click();
  }

  private write(text: string): void {
    this.textTarget.value = text;
    this.grow();
  }

  private grow(): void {
    if (GROWS_BY_ITSELF) return;
    this.textTarget.style.height = "auto";
    this.textTarget.style.height = `${this.textTarget.scrollHeight}px`;
  }

  private say(words: string): void {
    this.errorTarget.textContent = words;
    this.errorTarget.hidden = words === "";
  }
}

function textIn(content: string): string {
  return (JSON.parse(content) as string[])[0] ?? "";
}
