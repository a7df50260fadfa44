// How many notifications of this member are unread, as far as this tab knows: asked for when the page is loaded and when the server says
// that it changed, at scattered times, and only while somebody looks.
import { workspace, workspaceHeader } from "../workspace";

const LEAST_MS = 2_000;
const STALE_MS = 30_000;

interface Unread {
  unread: number;
  /** More than so many are not counted. */
  most: number;
  /** Contacts whose thread settles a notification when it is opened. */
  contacts: number[];
}

let known: Unread = { unread: 0, most: 99, contacts: [] };
let knownOf = "";
let askedAt = -Infinity;
let stale = false;
let timer: ReturnType<typeof setTimeout> | undefined;
let dueAt = Infinity;

/** What is known, for the workspace that this page shows. */
export function unread(): Unread {
  return knownOf === workspace() ? known : { unread: 0, most: 99, contacts: [] };
}

/** Ask soon: at once if that was not done a moment ago. What all members are told has them all ask, at some time `withinMs`. */
export function askSoon(withinMs = 0): void {
  stale = true;
  if (document.hidden || (withinMs > 0 && timer !== undefined)) return;
  const now = Date.now();
  const at = Math.max(now, askedAt + LEAST_MS * (1 + Math.random())) + withinMs * Math.random();
  if (at >= dueAt) return;
  clearTimeout(timer);
  dueAt = at;
  timer = setTimeout(() => void ask(), at - now);
}

/** A page was shown: ask if nothing is known of its workspace, or what is known is old. */
export function askIfOld(): void {
  if (stale || knownOf !== workspace() || Date.now() - askedAt > STALE_MS) askSoon();
}

async function ask(): Promise<void> {
  timer = undefined;
  dueAt = Infinity;
  const of = workspace();
  if (!of) return;
  askedAt = Date.now();
  stale = false;
  try {
    const answer = await fetch("/notifications/unread", { headers: { Accept: "application/json", ...workspaceHeader() } });
    if (!answer.ok || answer.redirected) return;
    known = (await answer.json()) as Unread;
    knownOf = of;
    window.dispatchEvent(new CustomEvent("notifications:counted"));
  } catch {
    stale = true; // without a network; the next sign of life asks again
  }
}

/** Tell the server that what concerns a contact has been seen, or one notification. */
export async function settle(address: string, fields: Record<string, string>): Promise<void> {
  try {
    const headers = { Accept: "application/json", ...workspaceHeader() };
    await fetch(address, { method: "POST", body: new URLSearchParams(fields), headers, keepalive: true });
  } catch {
    // It stays unread; opening it again settles it.
  }
}
