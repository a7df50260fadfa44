// Words that were not sent yet, kept per contact and kind in this browser until they are: also without a network.
import { recall, remember } from "../store";
import { workspace } from "../workspace";

export type Kind = "reply" | "comment";

export function draft(kind: Kind, contactId: number): string {
  return recall(key(kind, contactId)) ?? "";
}

export function keepDraft(kind: Kind, contactId: number, text: string): void {
  remember(key(kind, contactId), text.trim() === "" ? null : text);
}

/** The version of the server's draft on which words were written that it does not have yet; null if it has them. */
export function unsavedOn(kind: Kind, contactId: number): number | null {
  const version = recall(`${key(kind, contactId)}.on`);
  return version === null ? null : Number(version);
}

export function noteUnsaved(kind: Kind, contactId: number, version: number | null): void {
  remember(`${key(kind, contactId)}.on`, version === null ? null : String(version));
}

/** Words that come back because they could not be sent: in front of what was written meanwhile. */
export function withReturned(returned: string, written: string): string {
  return written.trim() === "" ? returned : `${returned}\n\n${written}`;
}

/** Nobody else who uses this browser sees them, and a contact of another workspace may have the same number. */
export function key(kind: string, contactId: number): string {
  const member = document.querySelector<HTMLMetaElement>("meta[name=member]")?.content ?? "";
  return `draft.${workspace()}.${member}.${kind}.${contactId}`;
}
