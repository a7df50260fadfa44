// What stands in a form: the values of something new, which fields are shown, and how one value deep inside is replaced.
import type { Json, Params } from "../types";
import type { Field, Shape } from "./shape";

export type Path = readonly (string | number)[];

/** An id that nothing in this definition has: letters and digits, as exits are named. */
export function newId(random: () => number = Math.random): string {
  return `b${Math.floor(random() * 36 ** 7).toString(36).padStart(7, "0")}`;
}

/** The value that a field begins with. */
export function freshValue(field: Field): Json {
  if (isOwnId(field)) return newId();
  return field.fallback === undefined ? emptyOf(field.shape) : structuredClone(field.fallback);
}

/** The value of a shape when something is to stand there: what switching an optional part on brings. */
export function emptyOf(shape: Shape): Json {
  switch (shape.is) {
    case "text":
    case "timezone":
    case "country":
    case "moment":
    case "icon":
    case "found":
      return "";
    case "switch":
      return false;
    case "choice":
      return shape.options[0]?.value ?? null;
    case "choices":
      return [];
    case "thing":
      return shape.several ? [] : null;
    case "list":
      return Array.from({ length: shape.least }, () => freshValue(shape.item));
    case "duration":
      return { value: 1, unit: shape.units.some(({ value }) => value === "hours") ? "hours" : (shape.units[0]?.value ?? "minutes") };
    case "group":
    case "hours":
    case "message":
      return freshGroup(shape.fields);
    case "union":
      return freshVariant(shape.by, shape.variants[0]?.value ?? "", shape.variants[0]?.fields ?? []);
    case "conditions":
      return { $and: [] };
    case "map":
      return {};
    case "number":
    case "json":
      return null;
  }
}

export function freshGroup(fields: Field[]): Params {
  return Object.fromEntries(fields.map((field) => [field.name, freshValue(field)]));
}

/** The values with the defaults of what is missing: an imported step need not say all. */
export function filledIn(fields: readonly Field[], values: Params): Params {
  const missing = fields.filter(({ name, fallback }) => !(name in values) && fallback !== undefined);
  return missing.length ? { ...Object.fromEntries(missing.map(({ name, fallback }) => [name, fallback as Json])), ...values } : values;
}

/** Another of several models, with what both have in common kept. */
export function freshVariant(by: string, value: string, fields: Field[], before: Json = null): Params {
  const kept = isGroup(before) ? before : {};
  const fresh = freshGroup(fields);
  const common = Object.keys(fresh).filter((name) => name !== by && name in kept);
  return { ...fresh, ...Object.fromEntries(common.map((name) => [name, kept[name] as Json])), [by]: value };
}

/** A copy of one of a list, with ids of its own. */
export function cloned(value: Json, item: Field): Json {
  const copy = structuredClone(value);
  if (item.shape.is !== "group" || !isGroup(copy)) return copy;
  return Object.fromEntries(Object.entries(copy).map(([name, each]) => [name, item.shape.is === "group" && item.shape.fields.some((field) => field.name === name && isOwnId(field)) ? newId() : each]));
}

/** Ids of things in lists are made by the form: exits are named by them. */
export function isOwnId({ name, shape }: Field): boolean {
  return name === "id" && shape.is === "text";
}

/** Whether a field is shown beside the values of its neighbours. */
export function isShown(field: Field, beside: Params): boolean {
  if (field.hidden || isOwnId(field) || (field.rare && (beside[field.name] ?? null) === null)) return false;
  return Object.entries(field.when).every(([name, values]) => values.some((value) => same(value, beside[name] ?? null)));
}

export function isGroup(value: Json | undefined): value is Params {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function same(one: Json, other: Json): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

/** The same with one value replaced; what the way leads through is made where it is missing. */
export function replaced(whole: Json, path: Path, value: Json): Json {
  const [first, ...rest] = path;
  if (first === undefined) return value;
  if (typeof first === "number") {
    const list = Array.isArray(whole) ? [...whole] : [];
    list[first] = replaced(list[first] ?? null, rest, value);
    return list;
  }
  const group = isGroup(whole) ? whole : {};
  return { ...group, [first]: replaced(group[first] ?? null, rest, value) };
}

export function moved<Item>(list: readonly Item[], from: number, to: number): Item[] {
  const rest = list.filter((_, index) => index !== from);
  const item = list[from];
  return item === undefined ? [...list] : [...rest.slice(0, to), item, ...rest.slice(to)];
}

/** A number as it was typed, also with a comma; null where nothing, undefined where it is none. */
export function numberOf(typed: string, whole: boolean): number | null | undefined {
  const plain = typed.trim().replace(",", ".");
  if (plain === "") return null;
  const number = Number(plain);
  return Number.isFinite(number) && (!whole || Number.isInteger(number)) ? number : undefined;
}

/** The name of a variable as it is stored, while it is typed: "$First name" is "first_name". */
export function variableTyped(typed: string): string {
  return typed.trimStart().replace(/^\$+/, "").toLowerCase().replace(/[\s-]+/g, "_");
}

/** A moment as people write it, "2026-12-24 18:00" or a day alone; null for what is neither. */
export function momentParts(written: string): { day: string; time: string } | null {
  if (written === "") return { day: "", time: "" };
  const found = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2})(?::\d{2})?)?$/.exec(written.trim());
  return found ? { day: found[1] ?? "", time: found[2] ?? "" } : null;
}

/** How a text is counted by the server: by characters, not by halves of emoji. */
export function lengthOf(text: string): number {
  return [...text].length;
}
