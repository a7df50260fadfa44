// The piece of a search line that is being typed: a word, or a filter whose value may stand in quotes.

export interface Token {
  text: string;
  start: number;
  end: number;
}

const PIECE = /\w+:"[^"]*"?|\S+/g;

/** What the caret stands in or right behind; an empty piece between words. */
export function tokenAt(line: string, caret: number): Token {
  for (const found of line.matchAll(PIECE)) {
    const [start, end] = [found.index, found.index + found[0].length];
    if (start < caret && caret <= end) return { text: line.slice(start, caret), start, end };
  }
  return { text: "", start: caret, end: caret };
}

/** The line with another piece in the place of this one, and where the caret is then. */
export function replaced(line: string, { start, end }: Token, piece: string): { line: string; caret: number } {
  const rest = line.slice(end);
  const after = piece.endsWith(" ") ? rest.trimStart() : rest;
  return { line: line.slice(0, start) + piece + after, caret: start + piece.length };
}
