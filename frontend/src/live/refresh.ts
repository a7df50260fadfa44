// A page that missed something reads itself again: never across a navigation that is under way, and never not at all.
import { navigator, session, visit } from "@hotwired/turbo";

const TOGETHER_MS = 150;

let owed = false;
let timer: ReturnType<typeof setTimeout> | undefined;
let later: ReturnType<typeof setTimeout> | undefined;
let submitting = 0;

export function watchRefreshes(): void {
  document.addEventListener("turbo:render", (event) => {
    const morphed = (event as CustomEvent<{ renderMethod?: string }>).detail.renderMethod === "morph";
    // An error page or the sign-in has nothing to catch up with.
    if (!morphed && document.querySelector("meta[name=live-seq]")) return;
    owed = false;
    clearTimeout(later);
    later = undefined;
  });
  document.addEventListener("turbo:submit-start", () => submitting++);
  document.addEventListener("turbo:submit-end", () => {
    submitting = Math.max(0, submitting - 1);
    soon();
  });
  for (const name of ["turbo:load", "turbo:frame-load", "turbo:frame-missing"]) document.addEventListener(name, soon);
}

/** Bring the visible page up to date soon; several wishes at once are one. */
export function refresh(): void {
  owed = true;
  soon();
}

/** The same at some moment within this time, where every page of a workspace is told at once. */
export function refreshWithin(milliseconds: number): void {
  if (!milliseconds) return refresh();
  later ??= setTimeout(() => {
    later = undefined;
    refresh();
  }, Math.random() * milliseconds);
}

function soon(): void {
  if (owed) timer ??= setTimeout(pay, TOGETHER_MS);
}

/** Whoever clicked just now, or sent a form, gets what they asked for first; its end brings us here again. */
function pay(): void {
  timer = undefined;
  if (!owed || submitting || navigator.currentVisit || document.querySelector("turbo-frame[busy]")) return;
  // A frame that changed the address is no rendering for Turbo: it would take this for another page and replace it, with all that is being written.
  session.view.lastRenderedLocation = new URL(location.href);
  visit(location.href, { action: "replace" });
}
