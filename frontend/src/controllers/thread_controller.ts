import { Controller } from "@hotwired/stimulus";
import { visit } from "@hotwired/turbo";
import { flash } from "../inbox/flash";
import { isCut, land, threadAt } from "../inbox/landing";
import { layOut } from "../inbox/layout";
import { noteRead } from "../inbox/reads";
import { EndKeeper } from "../inbox/scroll";
import { type Changed, items, releaseWaiting } from "../inbox/timeline";
import { look, lookAway } from "../live/viewing";
import type { Typing } from "../live/frames";
import { counted, filled } from "../words";
import { workspaceHeader } from "../workspace";

const TYPING_MS = 6_000;
const READ_AFTER_MS = 250;

/** One open conversation: its layout, its place, what is new in it, and that it is read. */
export default class ThreadController extends Controller<HTMLElement> {
  static targets = ["scroll", "timeline", "typing", "typingWords", "pill", "pillWords", "day", "fold", "assignee"];
  static values = { contact: Number, read: Number, events: Object, new: Object, typingWords: String, landing: String, newest: String };
  declare readonly scrollTarget: HTMLElement;
  declare readonly timelineTarget: HTMLElement;
  declare readonly typingTarget: HTMLElement;
  declare readonly typingWordsTarget: HTMLElement;
  declare readonly pillTarget: HTMLElement;
  declare readonly pillWordsTarget: HTMLElement;
  declare readonly dayTarget: HTMLTemplateElement;
  declare readonly foldTarget: HTMLTemplateElement;
  declare readonly assigneeTargets: HTMLButtonElement[];
  declare readonly contactValue: number;
  declare readonly readValue: number;
  declare readonly eventsValue: Record<string, string>;
  declare readonly newValue: Record<string, string>;
  declare readonly typingWordsValue: string;
  declare readonly landingValue: string;
  declare readonly newestValue: string;
  private readonly unfolded = new Set<string>();
  private listening = new AbortController();
  private end!: EndKeeper;
  private unseen = 0;
  private reading: ReturnType<typeof setTimeout> | undefined;
  private quiet: ReturnType<typeof setTimeout> | undefined;

  connect(): void {
    noteRead(this.contactValue, this.readValue);
    this.end = new EndKeeper(this.scrollTarget, this.timelineTarget);
    this.layOut();
    this.open();
    this.tellShown(String(this.contactValue));
    this.read();
    look(this.contactValue);
    this.chooseChannel();
    this.listening = new AbortController();
    const { signal } = this.listening;
    document.addEventListener("visibilitychange", () => this.read(), { signal });
    document.addEventListener("turbo:morph", () => this.again(), { signal });
    document.addEventListener("turbo:before-fetch-request", (event) => this.leaving(event as CustomEvent<{ url: URL }>), { signal });
    for (const name of ["turbo:fetch-request-error", "turbo:frame-missing"]) document.addEventListener(name, (event) => event.target === this.frame && this.hold(false), { signal });
    this.element.addEventListener("turbo:before-frame-render", (event) => this.loading(event as CustomEvent<Rendering>), { signal });
    this.element.addEventListener("turbo:frame-load", () => this.loaded(), { signal });
  }

  disconnect(): void {
    this.listening.abort();
    this.end.stop();
    clearTimeout(this.reading);
    clearTimeout(this.quiet);
    this.tellShown("");
    lookAway(this.contactValue);
  }

  /** What happened between the messages is shown now, or hidden; what is read stays where it is. */
  eventsSwitched(): void {
    this.end.anchored(() => this.layOut());
  }

  /** An item came or changed. */
  changed({ detail: { item, added } }: CustomEvent<Changed>): void {
    const wasAtEnd = this.end.atEnd;
    this.layOut();
    const incoming = item.dataset["incoming"] !== undefined;
    if (wasAtEnd || item.classList.contains("message-pending")) this.toEnd();
    else if (added && incoming) this.showUnseen(this.unseen + 1);
    if (!added || !incoming) return;
    this.typingTarget.hidden = true;
    this.announce(item);
    this.read();
  }

  scrolled(): void {
    this.end.scrolled();
    if (this.cut) this.end.atEnd = false;
    if (this.end.atEnd) this.showUnseen(0);
  }

  toEnd(): void {
    if (this.cut) {
      visit(threadAt(), { frame: "thread", action: "replace" });
      return;
    }
    this.end.toEnd();
    this.showUnseen(0);
  }

  typing({ detail }: CustomEvent<Typing>): void {
    if (detail.contact_id !== this.contactValue) return;
    this.typingWordsTarget.textContent = filled(this.typingWordsValue, { name: detail.name ?? this.name });
    this.typingTarget.hidden = false;
    this.markWriting(detail.member_id);
    if (this.end.atEnd) this.end.toEnd();
    clearTimeout(this.quiet);
    this.quiet = setTimeout(() => {
      this.typingTarget.hidden = true;
      this.markWriting(null);
    }, TYPING_MS);
  }

  unfold({ currentTarget }: Event): void {
    const id = (currentTarget as HTMLElement).dataset["fold"] ?? "";
    if (!this.unfolded.delete(id)) this.unfolded.add(id);
    this.end.anchored(() => this.layOut());
    this.timelineTarget.querySelector<HTMLElement>(`[data-fold="${id}"]`)?.focus({ preventScroll: true });
  }

  /** Show the message that another one quotes. */
  jump(event: Event): void {
    event.preventDefault();
    const quoted = document.getElementById((event.currentTarget as HTMLAnchorElement).hash.slice(1));
    if (quoted) flash(quoted);
    else visit(threadAt((event.currentTarget as HTMLAnchorElement).hash.slice(1)), { frame: "thread", action: "replace" });
  }

  /** The composer is to answer this very message. */
  quote({ currentTarget }: Event): void {
    const message = (currentTarget as HTMLElement).closest<HTMLElement>("[data-item]");
    const words = message?.querySelector(".bubble-text")?.textContent?.trim() ?? "";
    window.dispatchEvent(new CustomEvent("quote", { detail: { id: message?.dataset["id"], words } }));
  }

  /** The menu of members opens: mark whose conversation it is now. */
  markAssignee(): void {
    const current = this.element.querySelector<HTMLElement>("[data-assignee-id]")?.dataset["assigneeId"];
    for (const choice of this.assigneeTargets) choice.setAttribute("aria-pressed", String(choice.value === current));
  }

  private markWriting(memberId: number | null | undefined): void {
    for (const viewer of this.element.querySelectorAll<HTMLElement>("[data-viewer-id]")) viewer.toggleAttribute("data-writing", viewer.dataset["viewerId"] === String(memberId));
  }

  /** Whoever begins a conversation has chosen a channel for it: the address names it. */
  private chooseChannel(): void {
    const wanted = new URLSearchParams(location.search).get("channel");
    const choice = this.element.querySelector<HTMLSelectElement>('select[name="channel_id"]');
    if (!wanted || !choice || ![...choice.options].some(({ value }) => value === wanted)) return;
    choice.value = wanted;
    // The composer may not be there yet to hear it.
    queueMicrotask(() => choice.dispatchEvent(new Event("change", { bubbles: true })));
  }

  private layOut(): void {
    layOut(this.timelineTarget, { dayTemplate: this.dayTarget, foldTemplate: this.foldTarget, eventWords: this.eventsValue, unfolded: this.unfolded });
  }

  /** The page was brought up to date as a whole. */
  private again(): void {
    this.layOut();
    if (this.end.atEnd) this.toEnd();
    this.tellShown(String(this.contactValue));
    this.read();
  }

  /** At the item that the address names, else at the end. */
  private open(): void {
    const { hash } = location;
    if (land(this.timelineTarget, this.landingValue || hash.slice(1))) this.end.atEnd = false;
    else if (/^#(message|comment)_\d+$/.test(hash) && !this.landingValue) visit(threadAt(hash.slice(1)), { frame: "thread", action: "replace" });
    else this.end.toEnd();
    this.showUnseen(0);
  }

  /** Another conversation comes in place of this one: what is pressed or written from now on is not for this one. */
  private leaving({ target, detail }: CustomEvent<{ url: URL }>): void {
    if (target === this.frame) this.hold(!detail.url.pathname.endsWith(`/contacts/${this.contactValue}`));
  }

  private hold(held: boolean): void {
    for (const part of this.frame?.children ?? []) part.toggleAttribute("inert", held);
  }

  private get frame(): Element | null {
    return this.element.closest("turbo-frame");
  }

  /** Items are put in above or below: what is being read stays where it is. */
  private loading({ target, detail }: CustomEvent<Rendering>): void {
    const render = detail.render;
    const below = target instanceof Element && target.matches(".timeline-newer");
    detail.render = (current, next) => {
      const change = () => {
        render(current, next);
        this.layOut();
      };
      if (below) change();
      else this.end.anchored(change);
    };
  }

  private loaded(): void {
    if (this.cut) return;
    releaseWaiting(this.timelineTarget);
    this.scrolled();
    this.showUnseen(0);
    this.read();
  }

  private get cut(): boolean {
    return isCut(this.timelineTarget);
  }

  private showUnseen(number: number): void {
    this.unseen = number;
    this.pillTarget.hidden = number === 0 && !this.cut;
    this.pillWordsTarget.textContent = number > 0 ? counted(this.newValue, number) : this.newestValue;
  }

  private announce(item: HTMLElement): void {
    const line = document.createElement("p");
    line.textContent = `${this.name}: ${item.querySelector(".bubble")?.textContent?.trim() ?? ""}`;
    document.getElementById("announcements")?.replaceChildren(line);
  }

  /** What is shown to somebody who looks is read. */
  private read(): void {
    clearTimeout(this.reading);
    if (document.visibilityState !== "visible") return;
    this.reading = setTimeout(() => this.sendRead(), READ_AFTER_MS);
  }

  private sendRead(): void {
    const incoming = items(this.timelineTarget).filter((item) => item.dataset["incoming"] !== undefined);
    const newest = Math.max(0, ...incoming.map((item) => Number(item.dataset["id"])));
    if (newest <= this.readUpTo) return;
    this.readUpTo = newest;
    noteRead(this.contactValue, newest);
    const body = new URLSearchParams({ message_id: String(newest) });
    void fetch(`/contacts/${this.contactValue}/read`, { method: "POST", body, headers: workspaceHeader(), keepalive: true }).catch(() => (this.readUpTo = 0));
  }

  private get name(): string {
    return this.element.querySelector("#thread_name")?.textContent ?? "";
  }

  private get readUpTo(): number {
    return Number(this.element.dataset["readUpTo"] ?? this.readValue);
  }

  private set readUpTo(id: number) {
    this.element.dataset["readUpTo"] = String(id);
  }

  private tellShown(contactId: string): void {
    window.dispatchEvent(new CustomEvent("inbox:shown", { detail: { contactId } }));
  }
}

interface Rendering {
  render: (current: Element, next: Element) => void;
}
