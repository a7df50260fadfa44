// Sends what was written, one after the other per contact, so that the order of the thread is the order of writing.
import { renderStreamMessage } from "@hotwired/turbo";
import { wordsOf } from "../failures";
import { workspaceHeader } from "../workspace";

/** Why it was not taken; the message is a sentence, or empty if the network failed. */
export class NotSent extends Error {}

const queues = new Map<string, Promise<unknown>>();

/** Post the fields and put the answer's streams on the page. Fails with `NotSent`. */
export function sendInOrder(address: string, fields: FormData): Promise<void> {
  const before = queues.get(address) ?? Promise.resolve();
  const sending = before.then(() => post(address, fields));
  queues.set(address, sending.catch(() => undefined));
  return sending;
}

async function post(address: string, body: FormData): Promise<void> {
  const response = await fetch(address, { method: "POST", body, headers: { Accept: "text/vnd.turbo-stream.html, application/json", ...workspaceHeader() } }).catch(() => {
    throw new NotSent("");
  });
  const streams = (response.headers.get("content-type") ?? "").startsWith("text/vnd.turbo-stream.html");
  if (streams) renderStreamMessage(await response.text());
  if (response.redirected) location.reload(); // signed out meanwhile: the draft is kept, the page asks to sign in
  if (!response.ok) throw new NotSent(streams ? "" : await wordsOf(response));
}
