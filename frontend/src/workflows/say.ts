// The words of the builder. They come from the templates (`<script type="application/json" data-words>`), so that they are translated.
import { counted, filled } from "../words";

let words: Record<string, string> = {};

export function readWords(): void {
  const parts = document.querySelectorAll<HTMLScriptElement>("script[data-words]");
  words = Object.assign({}, ...Array.from(parts, (part) => JSON.parse(part.textContent ?? "{}") as object)) as Record<string, string>;
}

/** A sentence by its name: `say("clash", { name: "Bo" })` fills "%(name)s changed it". */
export function say(name: string, values: Record<string, string> = {}): string {
  return filled(words[name] ?? name, values);
}

/** A counted sentence, whose forms the template's `plurals()` handed over. */
export function sayCount(name: string, number: number): string {
  const forms = words[name];
  return forms ? counted(JSON.parse(forms) as Record<string, string>, number) : `${number} ${name}`;
}
