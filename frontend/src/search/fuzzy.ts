// How well what somebody typed fits a line of the palette.
import { folded } from "./folded";

/** Higher is better, 0 does not fit: every word typed must begin a word, stand in it, or, letter by letter in order, run through the line. */
export function fit(typed: string, line: string): number {
  const words = folded(typed).split(/\s+/).filter(Boolean);
  const text = folded(line);
  let score = 1;
  for (const word of words) {
    const one = fitOne(word, text);
    if (one === 0) return 0;
    score += one;
  }
  return score;
}

function fitOne(word: string, text: string): number {
  const at = text.indexOf(word);
  if (at === 0) return 8;
  if (at > 0 && /[^\p{L}\p{N}]/u.test(text[at - 1] ?? "")) return 6;
  const later = text.search(new RegExp(`(?<![\\p{L}\\p{N}])${escaped(word)}`, "u"));
  if (later >= 0) return 5;
  if (at > 0) return 3;
  return word.length > 2 && runsThrough(word, text) ? 1 : 0;
}

function runsThrough(word: string, text: string): boolean {
  let at = -1;
  for (const letter of word) {
    at = text.indexOf(letter, at + 1);
    if (at < 0) return false;
  }
  return true;
}

function escaped(word: string): string {
  return word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
