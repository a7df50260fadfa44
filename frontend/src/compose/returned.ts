// Words and files that come back from the server because they are not sent after all.
import { draft, keepDraft, noteUnsaved, withReturned } from "./drafts";
import type { Stored } from "./files";

export interface Returned {
  contactId: number;
  text: string;
  files: Stored[];
  /** The message that they answer, and its words. */
  replyTo: string;
  quoted: string;
}

/** Give them to the composer of that contact; if none is on the page, they wait for the next one. */
export function giveBack(element: HTMLElement): void {
  const returned: Returned = {
    contactId: Number(element.dataset["contactId"]),
    text: element.querySelector("textarea")?.value ?? "",
    files: [...element.querySelectorAll("a")].map((file) => ({ id: file.dataset["id"] ?? "", name: file.textContent ?? "", mime: file.dataset["mime"] ?? "", url: file.href })),
    replyTo: element.dataset["replyTo"] ?? "",
    quoted: element.dataset["quoted"] ?? "",
  };
  const taken = !window.dispatchEvent(new CustomEvent<Returned>("compose:returned", { detail: returned, cancelable: true }));
  if (taken) return;
  keepDraft("reply", returned.contactId, withReturned(returned.text, draft("reply", returned.contactId)));
  noteUnsaved("reply", returned.contactId, 0);
}
