// The dots beside members: who is online, busy or offline now.

/** Status by member; under "*" that of everybody who is not named. */
export type Presence = Record<string, string>;

const FRESH_MS = 10_000;
let recent: { presence: Presence; at: number }[] = [];

export function showPresence(presence: Presence): void {
  const now = Date.now();
  recent = [...recent.filter(({ at }) => now - at < FRESH_MS), { presence, at: now }];
  show(presence);
}

/** A part of the page that was being rendered meanwhile may show what was before. */
export function showPresenceAgain(): void {
  const now = Date.now();
  for (const { presence, at } of recent) if (now - at < FRESH_MS) show(presence);
}

function show(presence: Presence): void {
  const { "*": others, ...named } = presence;
  if (others) mark("", others);
  for (const [id, status] of Object.entries(named)) mark(`="${CSS.escape(id)}"`, status);
}

/** `whose` is the end of an attribute selector, empty for all. */
function mark(whose: string, status: string): void {
  const words = document.getElementById("live_note")?.dataset[status] ?? status;
  for (const dot of document.querySelectorAll(`[data-presence-of${whose}]`)) dot.className = `presence presence-${status}`;
  for (const label of document.querySelectorAll(`[data-presence-words-of${whose}]`)) label.textContent = words;
}
