// Words that were not sent yet, kept per contact and kind until they are.
import { recall, remember } from "../store";

export type Kind = "reply" | "comment";

export function draft(kind: Kind, contactId: number): string {
  return recall(`draft.${kind}.${contactId}`) ?? "";
}

export function keepDraft(kind: Kind, contactId: number, text: string): void {
  remember(`draft.${kind}.${contactId}`, text.trim() === "" ? null : text);
}

/** Words that come back because they could not be sent: in front of what was written meanwhile. */
export function withReturned(returned: string, written: string): string {
  return written.trim() === "" ? returned : `${returned}\n\n${written}`;
}
