// The bubble that stands for a message until the server's own comes, by the answer or by the live stream, whichever is first.
import { changed, insertItem, items } from "../inbox/timeline";

/** A name that no other browser gives. */
export function newClientId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export interface Draft {
  clientId: string;
  text: string;
  files: { name: string; picture: string | null }[];
}

export function showPending(timeline: HTMLElement, template: HTMLTemplateElement, draft: Draft): void {
  const item = (template.content.cloneNode(true) as DocumentFragment).querySelector<HTMLElement>("[data-item]");
  if (!item) return;
  item.id = `pending_${draft.clientId}`;
  item.classList.add("message-pending");
  item.dataset["clientId"] = draft.clientId;
  item.dataset["sort"] = String(Math.max(Date.now(), 1 + newest(timeline)));
  item.dataset["id"] = String(Number.MAX_SAFE_INTEGER);
  item.dataset["version"] = "0";
  const time = item.querySelector("time");
  if (time) time.dateTime = new Date().toISOString();
  fill(item, draft);
  insertItem(timeline, item);
}

/** It was not sent: the bubble goes away again. */
export function dropPending(timeline: HTMLElement, clientId: string): void {
  const item = document.getElementById(`pending_${clientId}`);
  if (!item) return;
  item.remove();
  changed(timeline, { item, added: false });
}

/** Whether the message came by the live stream, although its sender heard no answer. */
export function hasArrived(timeline: HTMLElement, clientId: string): boolean {
  return items(timeline).some(({ dataset, id }) => dataset["clientId"] === clientId && id !== `pending_${clientId}`);
}

/** The reader's clock may be behind: what was just written is the newest all the same. */
function newest(timeline: HTMLElement): number {
  return Math.max(0, ...items(timeline).map((item) => Number(item.dataset["sort"])));
}

function fill(item: HTMLElement, { text, files }: Draft): void {
  const words = item.querySelector(".bubble-text");
  if (!words) return;
  words.textContent = text;
  for (const { name, picture } of files) words.before(picture ? image(picture) : line(name));
  if (text === "") words.remove();
}

function image(source: string): HTMLElement {
  const element = document.createElement("img");
  element.className = "media";
  element.alt = "";
  element.src = source;
  return element;
}

function line(name: string): HTMLElement {
  const element = document.createElement("p");
  element.className = "media-file-name";
  element.textContent = name;
  return element;
}
