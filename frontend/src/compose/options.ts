// The choices of a list over a place to write, as templates/compose/options.html draws them.
import { workspaceHeader } from "../workspace";
import { type Emoji, emojiFor } from "./complete";

const MOST_EMOJI = 20;
let emoji: Emoji[] = [];

/** A file that comes with what is put in. */
export interface ToldFile {
  readonly id: number;
  readonly name: string;
  readonly mime: string;
  readonly size: number;
  readonly url: string;
}

export interface OptionParts {
  readonly insert: string;
  readonly name: string;
  readonly words: string;
}

/** What the server offers for these words. */
export async function askedOf(address: string, query: string, signal: AbortSignal): Promise<Node> {
  const response = await fetch(`${address}?${new URLSearchParams({ words: query.trim() })}`, { headers: workspaceHeader(), signal });
  return response.ok ? asContent(await response.text()) : new DocumentFragment();
}

export async function emojiOptions(query: string): Promise<Node> {
  if (!emoji.length) emoji = (await import("virtual:emoji")).default.flat();
  return together(emojiFor(query, emoji, MOST_EMOJI).map(([character, words]) => option(character, marked("complete-emoji", character), words)));
}

export function namedOptions(parts: readonly OptionParts[]): Node {
  return together(
    parts.map(({ insert, name, words }) => {
      const what = marked("complete-what");
      what.append(marked("complete-name", name), marked("complete-words", words));
      return option(insert, what);
    }),
  );
}

export function filesOf({ dataset }: HTMLElement): ToldFile[] {
  return JSON.parse(dataset["files"] ?? "[]") as ToldFile[];
}

export function asContent(html: string): DocumentFragment {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

function together(options: readonly HTMLElement[]): DocumentFragment {
  const fragment = new DocumentFragment();
  fragment.append(...options);
  return fragment;
}

function option(insert: string, ...content: (Node | string)[]): HTMLElement {
  const made = document.createElement("div");
  made.className = "complete-option";
  made.setAttribute("role", "option");
  made.dataset["insert"] = insert;
  made.append(...content);
  return made;
}

function marked(name: string, words = ""): HTMLElement {
  const span = document.createElement("span");
  span.className = name;
  span.dir = "auto";
  span.textContent = words;
  return span;
}
