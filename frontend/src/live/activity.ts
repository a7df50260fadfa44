// Tells the server, now and then, that somebody does something here: that makes them online. An open page alone does not.

const EVERY_MS = 30_000;
const SIGNS = ["keydown", "pointerdown", "pointermove", "wheel", "touchstart", "turbo:submit-start"];

let toldAt = -Infinity;
let owed = false;

/** `tell` says whether it could be told; else it is owed until the connection is there. */
export function watchActivity(tell: () => boolean): void {
  const sign = (): void => {
    const now = Date.now();
    if (now - toldAt < EVERY_MS) return;
    owed = !tell();
    if (!owed) toldAt = now;
  };
  for (const name of SIGNS) document.addEventListener(name, sign, { passive: true, capture: true });
  // Whoever asked for this page did something; one that a browser restored in the background did not.
  if (document.visibilityState === "visible") owed = true;
}

/** The connection is open: tell what could not be told before. */
export function tellOwed(tell: () => boolean): void {
  if (!owed) return;
  owed = !tell();
  if (!owed) toldAt = Date.now();
}
