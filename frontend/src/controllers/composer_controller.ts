import { Controller } from "@hotwired/stimulus";
import { type Kind, draft, keepDraft, withReturned } from "../compose/drafts";
import { Files, type Row, looks } from "../compose/files";
import { dropPending, hasArrived, newClientId, showPending } from "../compose/pending";
import { sendInOrder } from "../compose/send";
import { tell } from "../live/start";

const TYPING_EVERY_MS = 4_000;
const GROWS_BY_ITSELF = CSS.supports("field-sizing", "content");

/** Where a reply or a comment is written and sent. */
export default class ComposerController extends Controller<HTMLFormElement> {
  static targets = ["text", "error", "submit", "bubble", "fileRow", "files", "picker", "channel", "channels", "quote", "quoteWords", "replyTo", "attach"];
  static values = { contact: Number, kind: String, failed: String, large: String, uploading: String };
  declare readonly textTarget: HTMLTextAreaElement;
  declare readonly errorTarget: HTMLElement;
  declare readonly submitTarget: HTMLButtonElement;
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
  declare readonly contactValue: number;
  declare readonly kindValue: Kind;
  declare readonly failedValue: string;
  declare readonly largeValue: string;
  declare readonly uploadingValue: string;
  private attached: Files | undefined;
  private channelId = "";
  private toldTyping = 0;
  private readonly unsent = new Map<string, string>();

  connect(): void {
    document.addEventListener("turbo:morph", this.again);
    if (this.hasFilesTarget) this.attached = new Files(this.filesTarget, this.fileRowTarget);
    this.write(draft(this.kindValue, this.contactValue));
    if (this.kindValue === "reply" && matchMedia("(pointer: fine)").matches) this.textTarget.focus({ preventScroll: true });
  }

  disconnect(): void {
    document.removeEventListener("turbo:morph", this.again);
  }

  private readonly again = (): void => {
    if (this.hasChannelTarget) this.channelsTargetConnected();
  };

  /** The channels came, or came anew: keep the one that was chosen. */
  channelsTargetConnected(): void {
    if (this.channelId && [...this.channelTarget.options].some(({ value }) => value === this.channelId)) this.channelTarget.value = this.channelId;
    this.channelChosen();
  }

  channelChosen(): void {
    this.channelId = this.channelTarget.value;
    for (const mark of this.element.querySelectorAll<HTMLElement>("[data-channel-mark]")) mark.hidden = mark.dataset["channelMark"] !== this.channelId;
    for (const permission of this.element.querySelectorAll<HTMLElement>("[data-permission]")) {
      permission.hidden = permission.dataset["permission"] !== this.channelId;
      for (const tag of permission.querySelectorAll("select")) tag.disabled = permission.hidden;
    }
    this.submitTarget.disabled = !this.mayWrite;
    const quotes = this.option?.dataset["quotes"] === "yes";
    this.element.closest(".thread")?.toggleAttribute("data-quotes", quotes);
    if (!quotes) this.dropQuote();
  }

  typed(): void {
    keepDraft(this.kindValue, this.contactValue, this.textTarget.value);
    this.unsent.clear();
    this.grow();
    this.say("");
    if (this.kindValue !== "reply" || Date.now() - this.toldTyping < TYPING_EVERY_MS) return;
    this.toldTyping = Date.now();
    tell({ typing: { contact_id: this.contactValue } });
  }

  key(event: KeyboardEvent): void {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    if (this.mayWrite) this.element.requestSubmit();
  }

  async submit(event: Event): Promise<void> {
    event.preventDefault();
    event.stopPropagation();
    const text = this.textTarget.value.trim();
    if (text === "" && !this.attached?.count) return;
    if (this.attached?.uploading || this.attached?.failed) {
      this.say(this.attached.uploading ? this.uploadingValue : (this.filesTarget.querySelector(".composer-file-error:not([hidden])")?.textContent ?? ""));
      return;
    }
    const sending = this.dispatch("sending", { detail: { contactId: this.contactValue, kind: this.kindValue }, cancelable: true });
    if (!sending.defaultPrevented) await this.send(text);
  }

  private async send(text: string): Promise<void> {
    const fields = new FormData(this.element);
    const content = JSON.stringify([text, ...fields.getAll("files[]")]);
    // Nobody knows whether what came back unchanged was stored: under its old name it is stored once.
    const clientId = this.unsent.get(content) ?? newClientId();
    fields.set("text", text);
    fields.set("client_id", clientId);
    if (!fields.get("reply_to")) fields.delete("reply_to");
    const timeline = document.getElementById(`timeline_${this.contactValue}`);
    const files = this.attached?.take() ?? [];
    this.clear();
    if (timeline) showPending(timeline, this.bubbleTarget, { clientId, text, files: files.map(looks) });
    try {
      await sendInOrder(this.element.action, fields);
    } catch (error) {
      if (timeline && hasArrived(timeline, clientId)) return;
      if (timeline) dropPending(timeline, clientId);
      this.giveBack(text, files, error instanceof Error ? error.message : "");
      this.unsent.set(content, clientId);
    }
  }

  /** The words return to where they were written, also if another thread is open by now. */
  private giveBack(text: string, files: Row[], reason: string): void {
    this.attached?.giveBack(files);
    const written = this.element.isConnected ? this.textTarget.value : draft(this.kindValue, this.contactValue);
    const words = withReturned(text, written);
    keepDraft(this.kindValue, this.contactValue, words);
    this.write(words);
    this.say(reason || this.failedValue);
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
    this.replyToTarget.value = detail.id;
    this.quoteWordsTarget.textContent = detail.words;
    this.quoteTarget.hidden = false;
    this.textTarget.focus();
  }

  unquote(): void {
    this.dropQuote();
    this.textTarget.focus();
  }

  private dropQuote(): void {
    if (!this.hasReplyToTarget) return;
    this.replyToTarget.value = "";
    this.quoteTarget.hidden = true;
  }

  private get option(): HTMLOptionElement | undefined {
    return this.hasChannelTarget ? this.channelTarget.selectedOptions[0] : undefined;
  }

  private get mayWrite(): boolean {
    return this.kindValue === "comment" || ["open", "tag"].includes(this.option?.dataset["state"] ?? "");
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
    keepDraft(this.kindValue, this.contactValue, "");
    this.dropQuote();
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
