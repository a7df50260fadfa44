// The words of the editor, as its template hands them over, and the names that the browser knows itself.
import type { Option, Schema, Subject } from "./tree";

export type Words = {
  choose: string;
  fields: string;
  others: string;
  variables: string;
  gone: string;
  goneVariable: string;
  missing: string;
  pick: string;
  unfinished: string;
  more: string;
  value: string;
  from: string;
  to: string;
  and: string;
  amount: string;
  unit: string;
  units: Record<string, string>;
  true: string;
  false: string;
  categories: Record<string, string>;
  statuses: Record<string, string>;
  operators: Record<string, string>;
  kinds: Record<string, Record<string, string>>;
};

export function operatorWords(words: Words, kind: string, operator: string): string {
  return words.kinds[kind]?.[operator] ?? words.operators[operator] ?? operator;
}

export function subjectWords(words: Words, subject: Subject): string {
  return subject.name ?? words.categories[subject.category] ?? subject.category;
}

/** What a value can be chosen from, with names; `undefined` where it is typed. */
export function optionsOf(schema: Schema, subject: Subject, words: Words): Option[] | undefined {
  if (subject.choices) return subject.choices;
  if (subject.kind === "checkbox") return [];
  const options = subject.options ? schema.options[subject.options] : undefined;
  if (!options?.length && !["choice", "tags"].includes(subject.kind)) return undefined;
  const names = { language: "language", country: "region", conversationStatus: "", assigneeStatus: "" }[subject.options ?? "none"];
  if (names === undefined) return options ?? [];
  return names ? named(options ?? [], names as "language" | "region") : (options ?? []).map(([id]) => [id, words.statuses[id] ?? String(id)]);
}

// Every condition about a country wants the same two hundred names.
const known = new Map<string, Option[]>();

function named(options: Option[], type: "language" | "region"): Option[] {
  const language = document.documentElement.lang || "en";
  const kept = known.get(`${language} ${type}`);
  if (kept) return kept;
  const names = new Intl.DisplayNames(language, { type });
  const { compare } = new Intl.Collator(language);
  const found = options.map(([code]): Option => [code, names.of(String(code)) ?? String(code)]).sort(([, one], [, other]) => compare(one, other));
  known.set(`${language} ${type}`, found);
  return found;
}
