import { Controller } from "@hotwired/stimulus";
import { isUnread } from "../inbox/reads";
import { recall, remember } from "../store";
import { workspaceHeader } from "../workspace";

const LEAST_MS = 2_000;
const SOON_MS = 250;
const CUSTOM_MS = 15_000;
const MOST_CUSTOM = 30;
const FOLDED = "inboxes.folded";
const WHOSE = "inboxes.whose";

/** What the server says: numbers as people read them by the names of inboxes, and which one has the dot. */
interface Counts {
  counts: Record<string, string>;
  news: string;
}

/** Keeps numbers and dot beside the inboxes fresh: some seconds after something moved, at scattered times, and only while somebody looks. Remembers what is folded. */
export default class InboxController extends Controller<HTMLElement> {
  static targets = ["link", "count", "group", "custom", "whose"];
  static values = { member: String, team: String, open: String };
  declare readonly linkTargets: HTMLElement[];
  declare readonly countTargets: HTMLElement[];
  declare readonly groupTargets: HTMLDetailsElement[];
  declare readonly customTargets: HTMLElement[];
  declare readonly whoseTargets: HTMLElement[];
  declare readonly memberValue: string;
  declare readonly teamValue: string;
  declare readonly openValue: string;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private customTimer: ReturnType<typeof setTimeout> | undefined;
  private stale = false;
  private customAt = -CUSTOM_MS;
  private last: Counts | undefined;
  private asked = 0;
  private shown = 0;
  private dots = 0;

  connect(): void {
    this.unfold();
    this.narrow(recall(WHOSE) ?? "all");
    this.stale = true;
    this.fetch();
  }

  disconnect(): void {
    clearTimeout(this.timer);
    clearTimeout(this.customTimer);
    this.timer = this.customTimer = undefined;
  }

  /** The page has read itself again: numbers that a script put in are put in once more. */
  again(): void {
    this.unfold();
    this.narrow(recall(WHOSE) ?? "all");
    if (this.last) this.show(this.last);
  }

  /** A conversation changed its inbox or status. */
  moved(): void {
    this.later(LEAST_MS * (1 + Math.random()));
  }

  /** A card came: what is new on it may put the dot on a more important inbox, at once. */
  card({ detail: card }: CustomEvent<HTMLElement>): void {
    this.laterCustom();
    const { status, assigneeId, contactId, teamId = "" } = card.dataset;
    const isOpen = document.querySelector(`#header_${contactId ?? ""}`) && document.visibilityState === "visible";
    if (status !== "open" || card.dataset["blocked"] !== undefined || isOpen || !isUnread(card.dataset)) return;
    const own = this.teamValue !== "" && `team-${teamId}` === this.teamValue;
    const inbox = assigneeId === this.memberValue ? "mine" : own ? this.teamValue : assigneeId === "" ? "unassigned" : "all";
    const dotted = this.dotted;
    if (dotted && this.rank(dotted) <= this.priority.indexOf(inbox)) return;
    if (!this.linkTargets.some((link) => link.dataset["inboxName"] === inbox)) return;
    this.dots++;
    this.last = { counts: {}, ...this.last, news: inbox };
    this.dot(inbox);
  }

  /** The member has read something, here or in another window: the server knows what is left. */
  seen(): void {
    if (!this.dotted) return;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.later(SOON_MS);
  }

  fetch(): void {
    this.timer = undefined;
    if (!this.stale || document.visibilityState === "hidden") return;
    this.stale = false;
    void this.ask();
  }

  /** A group was opened or closed: it stays so in this browser, and one that is open has numbers. */
  fold({ currentTarget }: Event): void {
    const group = currentTarget as HTMLDetailsElement;
    const name = group.dataset["group"] ?? "";
    const folded = JSON.parse(recall(FOLDED) ?? "{}") as Record<string, boolean>;
    if ((folded[name] ?? name === "stages") === !group.open) return;
    remember(FOLDED, JSON.stringify({ ...folded, [name]: !group.open }));
    this.customAt = -CUSTOM_MS;
    if (group.open) this.later(0);
  }

  /** All custom inboxes, one's own, or those of others. */
  choose({ currentTarget }: Event): void {
    const whose = (currentTarget as HTMLElement).dataset["whose"] ?? "all";
    remember(WHOSE, whose === "all" ? null : whose);
    this.narrow(whose);
    this.customAt = -CUSTOM_MS;
    this.later(0);
  }

  private narrow(whose: string): void {
    if (this.whoseTargets.length === 0) whose = "all";
    for (const button of this.whoseTargets) button.setAttribute("aria-pressed", String(button.dataset["whose"] === whose));
    for (const line of this.customTargets) line.hidden = whose !== "all" && line.dataset["whose"] !== whose;
  }

  private unfold(): void {
    const folded = JSON.parse(recall(FOLDED) ?? "{}") as Record<string, boolean>;
    for (const group of this.groupTargets) group.open = !(folded[group.dataset["group"] ?? ""] ?? group.dataset["group"] === "stages");
  }

  private later(milliseconds: number): void {
    this.stale = true;
    this.timer ??= setTimeout(() => this.fetch(), milliseconds);
  }

  /** Anything about a contact may bring it into a custom inbox. */
  private laterCustom(): void {
    if (this.shownCustom.length === 0) return;
    const wait = Math.max(0, this.customAt + CUSTOM_MS - performance.now()) + LEAST_MS * Math.random();
    this.customTimer ??= setTimeout(() => {
      this.customTimer = undefined;
      this.later(0);
    }, wait);
  }

  /** Numbers of folded groups are not asked for; those of custom inboxes, which cost most, seldom. */
  private async ask(): Promise<void> {
    const query = new URLSearchParams();
    const open = this.groupTargets.filter((group) => group.open).map((group) => group.dataset["group"] ?? "");
    const groups = open.filter((name) => name !== "custom").join(",");
    if (groups) query.set("groups", groups);
    const custom = this.shownCustom;
    if (custom.length > 0 && performance.now() - this.customAt >= CUSTOM_MS) {
      query.set("custom", custom.join(","));
      this.customAt = performance.now();
    }
    const number = ++this.asked;
    const { dots } = this;
    const answer = await fetch(`/inbox/counts?${query.toString()}`, { headers: { ...workspaceHeader(), Accept: "application/json" } }).catch(() => null);
    if (!answer?.ok) return;
    const told = (await answer.json()) as Counts;
    this.learn(told, { late: number < this.shown, news: dots === this.dots });
    this.shown = Math.max(this.shown, number);
  }

  /** An answer that was overtaken by another one, or by a card, does not know of what that one told. */
  private learn({ counts, news }: Counts, { late, news: isNews }: { late: boolean; news: boolean }): void {
    const before = this.last ?? { counts: {}, news: "" };
    this.last = { news: late || !isNews ? before.news : news, counts: late ? { ...counts, ...before.counts } : { ...before.counts, ...counts } };
    this.show(this.last);
    if (!isNews) this.moved();
  }

  private get shownCustom(): string[] {
    if (!this.groupTargets.some((group) => group.open && group.dataset["group"] === "custom")) return [];
    const shown = this.customTargets.filter((line) => !line.hidden).slice(0, MOST_CUSTOM);
    return shown.map((line) => line.querySelector<HTMLElement>("[data-inbox-name]")?.dataset["inboxName"]?.split("-")[1] ?? "");
  }

  private show({ counts, news }: Counts): void {
    for (const place of this.countTargets) {
      const number = counts[place.dataset["countOf"] ?? ""];
      if (number === undefined) continue;
      const words = Object.assign(document.createElement("span"), { className: "sr-only", textContent: ` ${this.openValue}` });
      place.replaceChildren(number, words);
    }
    this.dot(news);
  }

  private dot(inbox: string): void {
    for (const link of this.linkTargets) link.toggleAttribute("data-news", link.dataset["inboxName"] === inbox);
  }

  private get priority(): string[] {
    return ["mine", this.teamValue, "unassigned", "all"];
  }

  private rank(link: HTMLElement): number {
    return this.priority.indexOf(link.dataset["inboxName"] ?? "");
  }

  private get dotted(): HTMLElement | undefined {
    return this.linkTargets.find((link) => link.hasAttribute("data-news"));
  }
}
