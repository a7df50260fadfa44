// What is being asked for at the caret: "/" snippets, "$" variables, "@" members, "::" emoji.

export type Trigger = "/" | "$" | "@" | "::";

export interface Token {
  readonly trigger: Trigger;
  readonly query: string;
  /** Where the trigger begins. */
  readonly start: number;
}

// A trigger counts at the beginning of a word; an address, a fraction or a price is none.
const ASKED: readonly [Trigger, RegExp][] = [
  ["::", /(?:^|[\s(])::(\p{L}[\p{L}\p{N}_ -]{0,30})$/u],
  ["/", /(?:^|\s)\/((?:[^\s/][^\n/]{0,40})?)$/u],
  ["$", /(?:^|[\s(])\$((?:\p{L}[\p{L}\p{N}_. -]{0,40})?)$/u],
  ["@", /(?:^|[\s(])@((?:\p{L}[^\n@]{0,40})?)$/u],
];
const LONGEST = 64;

/** What the words before the caret ask for, of what this place offers: the last trigger counts, since names of snippets and people have spaces. */
export function askedFor(text: string, caret: number, offered: ReadonlySet<Trigger>): Token | null {
  const before = text.slice(Math.max(0, caret - LONGEST), caret);
  let last: Token | null = null;
  for (const [trigger, pattern] of ASKED) {
    const found = offered.has(trigger) ? pattern.exec(before) : null;
    const start = caret - trigger.length - (found?.[1] ?? "").length;
    if (found && start > (last?.start ?? -1)) last = { trigger, query: found[1] ?? "", start };
  }
  return last;
}

export type Emoji = readonly [character: string, words: string];

/** The emoji whose words hold all of what was typed; those that begin with it first. */
export function emojiFor(query: string, all: readonly Emoji[], most: number): Emoji[] {
  const words = query.toLowerCase().split(/[\s_-]+/).filter(Boolean);
  const begins = words.join(" ");
  const found = all.filter(([, name]) => words.every((word) => name.toLowerCase().includes(word)));
  const rank = ([, name]: Emoji): number => (name.toLowerCase().startsWith(begins) ? 0 : ` ${name.toLowerCase()}`.includes(` ${begins}`) ? 1 : 2);
  return found.map((emoji) => [rank(emoji), emoji] as const).sort(([one], [other]) => one - other).slice(0, most).map(([, emoji]) => emoji);
}

/** Whether a text holds variables, which say something else to each contact. */
export function hasVariables(text: string): boolean {
  return /\{\{\s*\$|(?<![\p{L}\p{N}_$])\$(?:contact|assignee|member|workspace|system)\.[a-z0-9_]/iu.test(text);
}
