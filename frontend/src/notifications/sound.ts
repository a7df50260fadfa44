// The sound of a notification, in one tab of this browser: the one that somebody looks at, else whichever is first.
import { recall, remember } from "../store";

const SOUNDED = "notifications.sounded";
const HIDDEN_MS = 150;
const ALONE_MS = 1_500;

let player: HTMLAudioElement | undefined;

export function sound(address: string, id: number): void {
  setTimeout(() => void alone(() => play(address, id)), document.hasFocus() ? 0 : HIDDEN_MS);
}

/** Of all tabs one does it; the others are kept from it for a moment. Without a secure address there are no locks, and all do. */
async function alone(work: () => void): Promise<void> {
  if (!("locks" in navigator)) {
    work();
    return;
  }
  await navigator.locks.request(SOUNDED, { ifAvailable: true }, async (lock) => {
    if (!lock) return;
    work();
    await new Promise((done) => setTimeout(done, ALONE_MS));
  });
}

function play(address: string, id: number): void {
  if (recall(SOUNDED) === String(id)) return;
  remember(SOUNDED, String(id));
  player ??= new Audio(address);
  player.currentTime = 0;
  // A browser plays nothing on a page that nobody has touched yet.
  player.play().catch(() => undefined);
}
