// The dots beside members: who is online, busy or offline now.

export type Presence = Record<string, string>;

const FRESH_MS = 10_000;
let recent: { presence: Presence; at: number }[] = [];

export function showPresence(presence: Presence): void {
  const now = Date.now();
  recent = [...recent.filter(({ at }) => now - at < FRESH_MS), { presence, at: now }];
  for (const [id, status] of Object.entries(presence)) mark(id, status);
}

/** A part of the page that was being rendered meanwhile may show what was before. */
export function showPresenceAgain(): void {
  const now = Date.now();
  for (const { presence, at } of recent) if (now - at < FRESH_MS) for (const [id, status] of Object.entries(presence)) mark(id, status);
}

function mark(id: string, status: string): void {
  const words = document.getElementById("live_note")?.dataset[status] ?? status;
  for (const dot of document.querySelectorAll(`[data-presence-of="${CSS.escape(id)}"]`)) dot.className = `presence presence-${status}`;
  for (const label of document.querySelectorAll(`[data-presence-words-of="${CSS.escape(id)}"]`)) label.textContent = words;
}
