import { Controller } from "@hotwired/stimulus";
import type { FrameElement } from "@hotwired/turbo";
import { isUnread } from "../inbox/reads";

const LEAST_MS = 2_000;
const SOON_MS = 250;
const PRIORITY = ["mine", "unassigned", "all"];

/** Keeps numbers and dot beside the inboxes fresh: some seconds after something moved, at scattered times, and only while somebody looks. */
export default class InboxController extends Controller<HTMLElement> {
  static targets = ["counts", "link"];
  static values = { member: String };
  declare readonly countsTarget: FrameElement;
  declare readonly linkTargets: HTMLElement[];
  declare readonly memberValue: string;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private stale = false;

  disconnect(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** A conversation changed its inbox or status. */
  moved(): void {
    this.later(LEAST_MS * (1 + Math.random()));
  }

  /** A card came: what is new on it may put the dot on a more important inbox, at once. */
  card({ detail: card }: CustomEvent<HTMLElement>): void {
    const { status, assigneeId, contactId } = card.dataset;
    const isOpen = document.querySelector(`#header_${contactId ?? ""}`) && document.visibilityState === "visible";
    if (status !== "open" || isOpen || !isUnread(card.dataset)) return;
    const inbox = assigneeId === this.memberValue ? "mine" : assigneeId === "" ? "unassigned" : "all";
    const dotted = this.dotted;
    if (dotted && rank(dotted) <= PRIORITY.indexOf(inbox)) return;
    const named = this.linkTargets.find((link) => link.dataset["inboxName"] === inbox);
    if (named) for (const link of this.linkTargets) link.toggleAttribute("data-news", link === named);
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
    void this.countsTarget.reload();
  }

  private later(milliseconds: number): void {
    this.stale = true;
    this.timer ??= setTimeout(() => this.fetch(), milliseconds);
  }

  private get dotted(): HTMLElement | undefined {
    return this.linkTargets.find((link) => link.hasAttribute("data-news"));
  }
}

function rank(link: HTMLElement): number {
  return PRIORITY.indexOf(link.dataset["inboxName"] ?? "");
}
