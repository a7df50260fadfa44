// The sound of a notification, in one tab of this browser: the one that somebody looks at, else whichever is first.
import { recall, remember } from "../store";

const SOUNDED = "notifications.sounded";
const HIDDEN_MS = 150;

let player: HTMLAudioElement | undefined;

export function sound(address: string, id: number): void {
  const wait = document.hasFocus() ? 0 : HIDDEN_MS * (1 + Math.random());
  setTimeout(() => {
    if (recall(SOUNDED) === String(id)) return;
    remember(SOUNDED, String(id));
    player ??= new Audio(address);
    player.currentTime = 0;
    // A browser plays nothing on a page that nobody has touched yet.
    player.play().catch(() => undefined);
  }, wait);
}
