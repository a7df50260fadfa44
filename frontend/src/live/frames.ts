// What the server sends over the live connection, and the memory that puts it onto pages that were being loaded meanwhile.
import { renderStreamMessage } from "@hotwired/turbo";
import { noteRead, noteUnread } from "../inbox/reads";
import { type Presence, showPresence } from "./presence";
import { isAfter } from "./sequence";

export interface Typing {
  contact_id: number;
  /** The colleague who writes; none where it is the contact. */
  member_id?: number | null;
  name?: string;
}

/** `html` holds turbo-stream elements, `typing` who writes now, `read` what this member has read in another window, `presence` whose dot changed, `tell` what concerns this member alone. */
export interface Frame {
  seq?: string;
  html?: string;
  typing?: Typing;
  read?: { contact_id: number; message_id: number; back?: boolean };
  presence?: Presence;
  tell?: { what: string; value: unknown };
}

const KEPT_MS = 60_000;
const KEPT_FRAMES = 500;

export class Frames {
  /** The last position that this page has seen. */
  last = "";
  private recent: { seq: string; html: string; at: number }[] = [];

  /** A page was rendered at this position: what is known is at least that. */
  startAt(position: string): void {
    if (this.last === "" || isAfter(position, this.last)) this.last = position;
  }

  receive(frame: Frame): void {
    if (frame.seq) this.startAt(frame.seq);
    if (frame.html) {
      this.keep(frame.seq ?? this.last, frame.html);
      renderStreamMessage(frame.html);
    }
    if (frame.typing) window.dispatchEvent(new CustomEvent("live:typing", { detail: frame.typing }));
    if (frame.presence) showPresence(frame.presence);
    if (frame.tell) window.dispatchEvent(new CustomEvent(`live:${frame.tell.what}`, { detail: frame.tell.value }));
    if (frame.read) {
      (frame.read.back ? noteUnread : noteRead)(frame.read.contact_id, frame.read.message_id);
      window.dispatchEvent(new CustomEvent("inbox:seen"));
    }
  }

  private keep(seq: string, html: string): void {
    // A refresh is not for later: the page that comes will be fresh.
    if (html.includes('action="refresh"')) return;
    const now = Date.now();
    this.recent = this.recent.filter(({ at }) => now - at < KEPT_MS).slice(1 - KEPT_FRAMES);
    this.recent.push({ seq, html, at: now });
  }

  /** Apply again what came after a part of the page was rendered: every action may be applied twice. */
  replay(root: ParentNode): void {
    const positions = [...root.querySelectorAll<HTMLElement>("[data-live-seq]")].map((element) => element.dataset["liveSeq"] ?? "");
    const oldest = positions.reduce((least, position) => (isAfter(least, position) ? position : least), positions[0] ?? this.last);
    for (const { seq, html } of this.recent) if (isAfter(seq, oldest)) renderStreamMessage(html);
  }
}
