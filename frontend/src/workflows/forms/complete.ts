// What is offered while somebody writes in a form, and what a text says with samples in place of variables.
import { type Token, type Trigger, askedFor } from "../../compose/complete";
import { folded } from "../../search/folded";
import type { Offer } from "./reach";

const MOST = 50;
const VARIABLE = /(?:^|[^\w$])\$((?:\p{L}[\p{L}\p{N}_.]{0,60})?)$/u;
const IN_BRACES = /\{\{\s*\$((?:\p{L}[\p{L}\p{N}_.]{0,60})?)$/u;
const LONGEST = 80;

/** What is being asked for before the caret. A variable counts behind any sign here, and in braces; then its token begins with them. */
export function tokenAt(text: string, caret: number, offered: ReadonlySet<Trigger>): Token | null {
  const before = text.slice(Math.max(0, caret - LONGEST), caret);
  const braces = IN_BRACES.exec(before);
  const query = (braces ?? VARIABLE.exec(before))?.[1];
  if (query === undefined) return askedFor(text, caret, new Set([...offered].filter((trigger) => trigger !== "$")));
  return offered.has("$") ? { trigger: "$", query, start: braces ? caret - braces[0].length : caret - query.length - 1 } : null;
}

/** A member as something that can be put in. */
export function mentioned(name: string): Offer {
  return { name: `@${name}`, label: name, type: "text", options: [], from: "", written: `@${name}` };
}

/** The variables that fit what was typed: names that begin with it first, then those whose name or label holds it. */
export function matching(offers: readonly Offer[], query: string): Offer[] {
  const wanted = folded(query.trim());
  const rank = ({ name, label }: Offer): number => {
    const [one, other] = [folded(name), folded(label)];
    if (one.startsWith(wanted)) return 0;
    if (one.split(".").some((part) => part.startsWith(wanted)) || other.split(/\s+/).some((part) => part.startsWith(wanted))) return 1;
    return one.includes(wanted) || other.includes(wanted) ? 2 : 3;
  };
  return offers.map((offer) => [rank(offer), offer] as const).filter(([place]) => place < 3).sort(([one], [other]) => one - other).slice(0, MOST).map(([, offer]) => offer);
}

/** What takes the place of a token. A name of odd letters stands in braces; braces that were opened are closed, unless they are already. */
export function insertion(text: string, caret: number, { start }: Pick<Token, "start">, { name, written }: Pick<Offer, "name" | "written">): string {
  if (written) return written;
  if (text.startsWith("{{", start)) return `{{$${name}${/^\s*(\||\}\})/.test(text.slice(caret)) ? "" : "}}"}`;
  return /^\p{L}[\p{L}\p{N}_]*(\.\p{L}[\p{L}\p{N}_]*)*$/u.test(name) ? `$${name}` : `{{$${name}}}`;
}

/** The names of variables in a text, as they stand there, each once. */
export function namesIn(text: string, offers: readonly Offer[]): string[] {
  return [...new Set(pieces(text, offers).flatMap((piece) => (piece.variable ? [piece.variable.name] : [])))];
}

export type Piece = { words: string; variable: Offer | null };

/** A text cut into words and known variables; what is in braces is one piece with its filters. */
export function pieces(text: string, offers: readonly Offer[]): Piece[] {
  const byName = new Map(offers.map((offer) => [offer.name.toLocaleLowerCase(), offer]));
  const found: Piece[] = [];
  let last = 0;
  for (const match of text.matchAll(/\{\{\s*\$([^{}|\n]{1,100}?)\s*(?:\|[^{}\n]*)?\}\}|\$(\p{L}[\p{L}\p{N}_.]{0,100})/gu)) {
    const name = match[1] ?? longest(match[2] ?? "", byName);
    const variable = name ? byName.get(name.toLocaleLowerCase()) : undefined;
    if (!variable) continue;
    const end = match.index + (match[1] === undefined ? 1 + variable.name.length : match[0].length);
    if (match.index > last) found.push({ words: text.slice(last, match.index), variable: null });
    found.push({ words: text.slice(match.index, end), variable });
    last = end;
  }
  if (last < text.length) found.push({ words: text.slice(last), variable: null });
  return found;
}

/** The longest known name that these letters begin with, up to a letter that could belong to it. */
function longest(letters: string, known: ReadonlyMap<string, Offer>): string {
  for (let end = letters.length; end > 0; end--) {
    const next = letters[end];
    if (known.has(letters.slice(0, end).toLocaleLowerCase()) && (next === undefined || next === ".")) return letters.slice(0, end);
  }
  return "";
}
