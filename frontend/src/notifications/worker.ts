// The service worker: shows what is pushed and opens what is clicked. It keeps no page and answers no request: pages come from the server alone.

interface Pushed {
  title: string;
  body: string;
  url: string;
  tag: string;
}

/** What we use of a worker's world; the page's types know another one. */
interface Worker {
  readonly registration: ServiceWorkerRegistration;
  readonly clients: { matchAll(options: object): Promise<Tab[]>; claim(): Promise<void>; openWindow(url: string): Promise<Tab | null> };
  skipWaiting(): Promise<void>;
  addEventListener(name: string, listener: (event: Happening) => void): void;
}

interface Tab {
  readonly focused: boolean;
  focus(): Promise<Tab>;
  postMessage(message: object): void;
}

interface Happening extends Event {
  waitUntil(work: Promise<unknown>): void;
  readonly data?: { json(): unknown } | null;
  readonly notification: Notification;
  readonly oldSubscription?: PushSubscription | null;
}

const worker = self as unknown as Worker;

worker.addEventListener("install", (event) => event.waitUntil(worker.skipWaiting()));
worker.addEventListener("activate", (event) => event.waitUntil(worker.clients.claim()));
worker.addEventListener("push", (event) => event.waitUntil(show(event.data?.json() as Pushed | undefined)));
worker.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open((event.notification.data as { url: string }).url));
});
worker.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(subscribeAgain(event.oldSubscription)));

/** Whoever looks at a page of ours sees it there. */
async function show(pushed: Pushed | undefined): Promise<void> {
  if (!pushed || (await tabs()).some((tab) => tab.focused)) return;
  const { title, body, url, tag } = pushed;
  await worker.registration.showNotification(title, { body, tag, data: { url } });
}

/** In a tab that is there, else in a new one. */
async function open(url: string): Promise<void> {
  const [tab] = await tabs();
  if (!tab) {
    await worker.clients.openWindow(url);
    return;
  }
  await tab.focus();
  tab.postMessage({ open: url });
}

async function subscribeAgain(old: PushSubscription | null | undefined): Promise<void> {
  if (!old) return;
  const subscription = await worker.registration.pushManager.subscribe(old.options as PushSubscriptionOptionsInit);
  const { endpoint, keys } = subscription.toJSON();
  const body = new URLSearchParams({ endpoint: endpoint ?? "", p256dh: keys?.["p256dh"] ?? "", auth: keys?.["auth"] ?? "" });
  await fetch("/notifications/subscription", { method: "POST", body });
}

function tabs(): Promise<Tab[]> {
  return worker.clients.matchAll({ type: "window", includeUncontrolled: true });
}
