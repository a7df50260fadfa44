// Conditions in words, as the editor of conditions says them: for showing which of them held.
import { type Leaf, type One, type Option, type Schema, type Subject, leavesOf, read } from "../../conditions/tree";
import { type Words, operatorWords, optionsOf, subjectWords } from "../../conditions/words";
import type { Json } from "../types";

/** One line for each condition, in their order. */
export function conditionLines(condition: Json, schema: Schema, words: Words): string[] {
  return leavesOf(read(condition, [])).map((leaf) => lineOf(leaf, schema, words));
}

function lineOf(leaf: Leaf, schema: Schema, words: Words): string {
  const subject = schema.subjects.find(({ category, field }) => category === leaf.category && (field ?? "") === leaf.field);
  const known: Subject = subject ?? { category: leaf.category, ...(leaf.field && { field: leaf.field, name: leaf.field }), kind: "text" };
  const value = leaf.value === undefined ? "" : valueWords(leaf.value, optionsOf(schema, known, words) ?? [], words);
  return [subjectWords(words, known), operatorWords(words, known.kind, leaf.operator), value].filter(Boolean).join(" ");
}

function valueWords(value: One | One[], options: Option[], words: Words): string {
  if (Array.isArray(value)) return value.map((each) => valueWords(each, options, words)).join(", ");
  if (typeof value === "object") return `${value.value} ${words.units[value.unit] ?? value.unit}`;
  if (typeof value === "boolean") return value ? words.true : words.false;
  return options.find(([id]) => id === value)?.[1] ?? String(value);
}

/** The editor's words stand in its template. */
export function editorWords(): Words | null {
  const template = document.querySelector<HTMLTemplateElement>("template#conditions-editor");
  const holder = template?.content.querySelector<HTMLElement>("[data-conditions-words-value]");
  return holder ? (JSON.parse(holder.dataset["conditionsWordsValue"] ?? "null") as Words | null) : null;
}
