// Notifications of the browser itself, which come also while no page of ours is open: its subscription, and the service worker that shows them.
import { visit } from "@hotwired/turbo";
import { recall, remember } from "../store";
import { workspace, workspaceHeader } from "../workspace";

const WORKER = "/service-worker.js";
const SUBSCRIPTION = "/notifications/subscription";

export type PushState = "unsupported" | "blocked" | "off" | "on" | "failed";

/** Whether this member wants them in this browser is remembered here: on a shared computer another one may not. */
const key = (member: string): string => `push.${workspace()}.${member}`;

export function pushState(member: string): PushState {
  if (!supported()) return "unsupported";
  if (Notification.permission === "denied") return "blocked";
  return Notification.permission === "granted" && recall(key(member)) ? "on" : "off";
}

/** Asks the person, then the browser's push service. `publicKey` is the server's. */
export async function turnOn(member: string, publicKey: string): Promise<PushState> {
  if (!supported()) return "unsupported";
  if ((await Notification.requestPermission()) !== "granted") return pushState(member);
  try {
    const registration = await navigator.serviceWorker.register(WORKER);
    await navigator.serviceWorker.ready;
    const old = await registration.pushManager.getSubscription();
    const fits = old && sameBytes(old.options.applicationServerKey, bytes(publicKey));
    if (old && !fits) await old.unsubscribe();
    const options = { userVisibleOnly: true, applicationServerKey: bytes(publicKey) };
    const subscription = fits ? old : await registration.pushManager.subscribe(options);
    if (!(await tell("POST", subscription))) return "failed";
  } catch {
    return "failed";
  }
  remember(key(member), "1");
  return "on";
}

export async function turnOff(member: string): Promise<PushState> {
  remember(key(member), null);
  const subscription = await current();
  // Another workspace may still want it: the subscription itself stays.
  if (subscription) await tell("DELETE", subscription);
  return pushState(member);
}

/** Once for each page that is loaded anew: the subscription belongs to the session that the browser has now. */
export async function renew(member: string): Promise<void> {
  if (pushState(member) !== "on") return;
  const subscription = await current();
  if (subscription) await tell("POST", subscription);
  else remember(key(member), null);
}

/** Somebody clicked on a notification: this tab goes there, with all that is being written in it. */
export function followClicks(): void {
  if (!("serviceWorker" in navigator)) return;
  navigator.serviceWorker.addEventListener("message", ({ data }: MessageEvent<{ open?: string }>) => {
    if (data.open && new URL(data.open).origin === location.origin) visit(data.open);
  });
}

function supported(): boolean {
  return "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
}

async function current(): Promise<PushSubscription | null> {
  const registration = await navigator.serviceWorker.getRegistration("/");
  return (await registration?.pushManager.getSubscription()) ?? null;
}

async function tell(method: "POST" | "DELETE", subscription: PushSubscription): Promise<boolean> {
  const { endpoint, keys } = subscription.toJSON();
  const body = new URLSearchParams({ endpoint: endpoint ?? "", p256dh: keys?.["p256dh"] ?? "", auth: keys?.["auth"] ?? "" });
  const answer = await fetch(SUBSCRIPTION, { method, body, headers: { Accept: "application/json", ...workspaceHeader() } });
  return answer.ok;
}

function bytes(base64url: string): Uint8Array<ArrayBuffer> {
  const plain = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (character) => character.charCodeAt(0));
}

function sameBytes(one: ArrayBuffer | null, other: Uint8Array): boolean {
  const held = new Uint8Array(one ?? new ArrayBuffer(0));
  return held.length === other.length && held.every((byte, index) => byte === other[index]);
}
