// A page that missed something reads itself again: never across a navigation that is under way, and never not at all.
import { type FrameElement, navigator, session, visit } from "@hotwired/turbo";

const TOGETHER_MS = 150;

let timer: ReturnType<typeof setTimeout> | undefined;
let later: ReturnType<typeof setTimeout> | undefined;
let submitting = 0;
/** Somebody is dragging something. */
let dragging = false;
/** The visit that reads the page again, until its page is shown. */
let reading: object | undefined;
/** How often the page was asked for. What was asked for before a wish does not meet it, though it comes after. */
let asked = 0;
/** `asked` as it was at the last wish, while it is owed, and when the timer of `later` was set. */
let owed: number | undefined;
let owedLater = 0;

export function watchRefreshes(): void {
  document.addEventListener("turbo:render", (event) => {
    const morphed = (event as CustomEvent<{ renderMethod?: string }>).detail.renderMethod === "morph";
    // An error page or the sign-in has nothing to catch up with.
    const catchesUp = document.querySelector("meta[name=live-seq]") !== null;
    if (!morphed && catchesUp) return;
    if (owed !== undefined && (owed < asked || !catchesUp)) owed = undefined;
    if (owedLater === asked && catchesUp) return;
    clearTimeout(later);
    later = undefined;
  });
  document.addEventListener("turbo:before-fetch-request", ({ target }) => {
    // What a form was answered may have been read before a wish: only a visit counts.
    if (target === document.documentElement) asked++;
    // Who goes somewhere else in a frame: the older page would bring its own address.
    else if ((target as Partial<FrameElement>).delegate?.action) giveUp();
  });
  document.addEventListener("turbo:before-render", () => (reading = undefined));
  document.addEventListener("turbo:submit-start", () => submitting++);
  document.addEventListener("turbo:submit-end", () => {
    submitting = Math.max(0, submitting - 1);
    soon();
  });
  for (const name of ["turbo:load", "turbo:frame-load", "turbo:frame-missing"]) document.addEventListener(name, soon);
}

/** Bring the visible page up to date soon; several wishes at once are one. */
export function refresh(): void {
  owed = asked;
  soon();
}

/** The same at some moment within this time, where every page of a workspace is told at once. */
export function refreshWithin(milliseconds: number): void {
  if (!milliseconds) return refresh();
  owedLater = asked;
  later ??= setTimeout(() => {
    later = undefined;
    refresh();
  }, Math.random() * milliseconds);
}

/** Under a hand that drags nothing is read again: what it holds would jump back. Up to `letGo` the page goes on owing it. */
export function takeHold(): void {
  dragging = true;
  giveUp();
}

export function letGo(): void {
  dragging = false;
  soon();
}

/** Do not wait for the page that is on its way any more: another one is owed. */
function giveUp(): void {
  if (reading === undefined || reading !== navigator.currentVisit) return;
  navigator.stop();
  owed = asked;
}

function soon(): void {
  if (owed !== undefined) timer ??= setTimeout(pay, TOGETHER_MS);
}

/** Whoever clicked just now, or sent a form, gets what they asked for first; its end brings us here again. */
function pay(): void {
  timer = undefined;
  if (owed === undefined || submitting || dragging || navigator.currentVisit || document.querySelector("turbo-frame[busy]")) return;
  // A frame that changed the address is no rendering for Turbo: it would take this for another page and replace it, with all that is being written.
  session.view.lastRenderedLocation = new URL(location.href);
  visit(location.href, { action: "replace" });
  reading = navigator.currentVisit;
}
