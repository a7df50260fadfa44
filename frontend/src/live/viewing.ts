// Tells the server which conversation this tab shows, for as long as somebody looks at it.
import { tell } from "./start";

const AGAIN_MS = 20_000;

let shown: number | null = null;
let watching = false;

/** The tab shows this contact's conversation. */
export function look(contactId: number): void {
  shown = contactId;
  say();
  if (watching) return;
  watching = true;
  document.addEventListener("visibilitychange", say);
  window.addEventListener("live:open", say);
  setInterval(() => shown !== null && document.visibilityState === "visible" && say(), AGAIN_MS);
}

/** It shows it no longer, unless another thread has taken its place already. */
export function lookAway(contactId: number): void {
  if (shown !== contactId) return;
  shown = null;
  say();
}

function say(): void {
  tell({ viewing: document.visibilityState === "visible" ? shown : null });
}
