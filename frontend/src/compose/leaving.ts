// Words on their way to the server: should the browser die before an answer comes, they are here when the thread is opened again.
import { recall, remember } from "../store";
import { key } from "./drafts";

/** So long another tab may still be sending them. */
const ELSEWHERE_MS = 60_000;

export interface Leaving {
  clientId: string;
  /** What the words and files were known by, so that the same is sent under the same name again. */
  content: string;
  text: string;
  at: number;
  tab: string;
}

const underWay = new Set<string>();

export function leaves(contactId: number, kind: string, { clientId, content, text }: Omit<Leaving, "at" | "tab">): void {
  underWay.add(clientId);
  write(contactId, kind, [...read(contactId, kind), { clientId, content, text, at: Date.now(), tab: tab() }]);
}

export function left(contactId: number, kind: string, clientId: string): void {
  underWay.delete(clientId);
  write(contactId, kind, read(contactId, kind).filter((each) => each.clientId !== clientId));
}

/** What was being sent when a page of this browser ended; each is given once. */
export function stranded(contactId: number, kind: string): Leaving[] {
  const lost = ({ clientId, tab: of, at }: Leaving): boolean => !underWay.has(clientId) && (of === tab() || Date.now() - at > ELSEWHERE_MS);
  const all = read(contactId, kind);
  const found = all.filter(lost);
  if (found.length > 0) write(contactId, kind, all.filter((each) => !lost(each)));
  return found;
}

function read(contactId: number, kind: string): Leaving[] {
  try {
    return JSON.parse(recall(`${key(kind, contactId)}.leaving`) ?? "[]") as Leaving[];
  } catch {
    return [];
  }
}

function write(contactId: number, kind: string, all: Leaving[]): void {
  remember(`${key(kind, contactId)}.leaving`, all.length > 0 ? JSON.stringify(all) : null);
}

/** A name of this tab that outlives its pages. */
function tab(): string {
  try {
    const known = sessionStorage.getItem("ismessenger.tab") ?? String(Math.random());
    sessionStorage.setItem("ismessenger.tab", known);
    return known;
  } catch {
    return "";
  }
}
