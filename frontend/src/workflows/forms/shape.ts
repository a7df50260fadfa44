// What a form makes of the JSON schema of a step's parameters: fields, each with the shape that says how it is edited.
import type { Json, Schema } from "../types";

export interface Option {
  value: Json;
  words: string;
}

export interface Variant {
  value: string;
  words: string;
  fields: Field[];
}

export type Shape =
  | { is: "text"; many: boolean; variables: boolean; secrets: boolean; mentions: boolean; named: boolean; code: boolean; most: number | undefined; input: "text" | "date" | "time" | "datetime-local" }
  | { is: "number"; whole: boolean; least: number | undefined; most: number | undefined }
  | { is: "switch" }
  | { is: "choice"; options: Option[] }
  | { is: "choices"; options: Option[] }
  | { is: "icon" }
  | { is: "found"; of: string; within: string[] }
  | { is: "thing"; thing: string; several: boolean; most: number | undefined; where: Record<string, Json[]>; create: string; numbers: boolean }
  | { is: "list"; item: Field; least: number; most: number | undefined; called: string; compact: boolean }
  | { is: "map"; item: Field }
  | { is: "group"; fields: Field[] }
  | { is: "union"; by: string; variants: Variant[] }
  | { is: "duration"; units: Option[] }
  | { is: "hours"; fields: Field[] }
  | { is: "message"; fields: Field[]; most: number | undefined; files: number }
  | { is: "conditions" }
  | { is: "timezone" }
  | { is: "country" }
  | { is: "moment" }
  | { is: "json" };

/** A field of a model. `optional` may be null; `when` names fields beside it and the values with which this one is shown. */
export interface Field {
  name: string;
  label: string;
  help: string;
  placeholder: string;
  required: boolean;
  optional: boolean;
  advanced: boolean;
  hidden: boolean;
  /** Shown only where it has a value. */
  rare: boolean;
  when: Record<string, Json[]>;
  /** The kind of channel that it means something for. */
  only: string;
  fallback: Json | undefined;
  shape: Shape;
}

const LINES = 1000; // A text that may be as long as this is written in several lines.
const DEEPEST = 8;
const COMPACT = ["headers", "mapping", "options"];
const VARIABLE_NAME = "^([a-z][a-z0-9_]"; // `workflows/names.py`
const OF_MESSAGE = ["text", "file_ids", "subject"];

/** The fields of a model, in the order in which they were declared. */
export function fieldsOf(schema: Schema, root: Schema = schema, depth = 0): Field[] {
  const model = resolved(schema, root);
  const required = new Set(model.required ?? []);
  const fields = Object.entries(model.properties ?? {}).map(([name, each]) => fieldOf(name, each, root, required.has(name), depth + 1));
  // What a choice of tags writes into the field beside it needs no input of its own.
  const written = new Set(fields.map(({ shape }) => (shape.is === "thing" ? shape.create : "")));
  return fields.map((field) => (written.has(field.name) ? { ...field, hidden: true } : field));
}

export function fieldOf(name: string, schema: Schema, root: Schema, required: boolean, depth = 0): Field {
  const { inner, optional } = withoutNull(schema, root);
  const said = { ...inner, ...schema };
  return {
    name,
    label: words(schema.title) || words(inner.title) || inWords(name),
    // The description of a model is for whoever reads its code.
    help: words(schema.description) || (inner.properties ? "" : words(inner.description)),
    placeholder: words(said["placeholder"]) || words(said["empty"]),
    required,
    optional,
    advanced: said["advanced"] === true,
    hidden: said.const !== undefined,
    rare: false,
    when: conditionsOf(said["when"]),
    only: words(said["only"]),
    fallback: schema.default ?? (optional ? null : undefined),
    shape: shapeOf(said, inner, root, depth),
  };
}

function shapeOf(said: Schema, inner: Schema, root: Schema, depth: number): Shape {
  if (said.thing) return thingShape(said, inner);
  const widget = widgetShape(said, inner, root, depth);
  if (widget) return widget;
  if (inner.enum) return { is: "choice", options: optionsOf(inner.enum, said) };
  const variants = variantsOf(said, inner, root, depth);
  if (variants) return variants;
  switch (inner.type) {
    case "boolean":
      return { is: "switch" };
    case "integer":
    case "number":
      return numberShape(inner);
    case "array":
      return listShape(said, inner, root, depth);
    case "object":
      return objectShape(inner, root, depth);
    case "string":
      return textShape(said, inner);
    default:
      return inner.anyOf?.some(({ type }) => type === "string") ? textShape(said, inner) : { is: "json" };
  }
}

function widgetShape(said: Schema, inner: Schema, root: Schema, depth: number): Shape | null {
  switch (said.widget) {
    case "message":
      return messageShape(inner, root, depth);
    case "conditions":
      return { is: "conditions" };
    case "timezone":
    case "country":
      return { is: said.widget };
    case "datetime":
      return { is: "moment" };
    case "icon":
      return { is: "icon" };
    case "choices":
      return { is: "found", of: words(said["of"]), within: (said["within"] ?? []) as string[] };
    case "duration":
      return durationShape(inner);
    case "hours":
      return { is: "hours", fields: fieldsOf(inner, root, depth) };
    default:
      return isDuration(inner) ? durationShape(inner) : isMessage(inner) ? messageShape(inner, root, depth) : null;
  }
}

function thingShape(said: Schema, inner: Schema): Shape {
  const several = inner.type === "array";
  const one = several ? inner.items : inner;
  const numbers = one?.type === "integer" || (one?.anyOf ?? []).some(({ type }) => type === "integer");
  return { is: "thing", thing: said.thing ?? "", several, most: inner.maxItems, where: conditionsOf(said["where"]), create: words(said["create"]), numbers };
}

function textShape(said: Schema, inner: Schema): Shape {
  const input = { date: "date", time: "time", "date-time": "datetime-local" }[words(inner["format"])] as "date" | undefined;
  const variables = ["text", "words", "code"].includes(said.widget ?? "");
  const many = said.widget === "words" || said.widget === "code" || (said.widget === undefined && (inner.maxLength ?? 0) >= LINES);
  const may = (what: string): boolean => said[what] === true;
  const named = words(inner.pattern).startsWith(VARIABLE_NAME);
  return { is: "text", many, variables, secrets: may("secrets"), mentions: may("mentions"), named, code: said.widget === "code", most: inner.maxLength, input: input ?? "text" };
}

function numberShape({ type, minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Schema): Shape {
  const bound = (own: number | undefined, beyond: unknown, step: number): number | undefined => own ?? (typeof beyond === "number" ? beyond + step : undefined);
  const whole = type === "integer";
  return { is: "number", whole, least: bound(minimum, exclusiveMinimum, whole ? 1 : 0), most: bound(maximum, exclusiveMaximum, whole ? -1 : 0) };
}

function listShape(said: Schema, inner: Schema, root: Schema, depth: number): Shape {
  const among = inner.items?.enum ?? (said["options"] as Json[] | undefined) ?? resolved(inner.items ?? {}, root).enum;
  if (among && !resolved(inner.items ?? {}, root).properties) return { is: "choices", options: optionsOf(among, said) };
  // A list of texts with variables says so of the list.
  const widget = said.widget === "text" || said.widget === "words" ? { widget: said.widget } : {};
  const each = depth > DEEPEST ? jsonField() : fieldOf("", { title: "", ...widget, ...(inner.items ?? {}) }, root, true, depth + 1);
  const item = said["secrets"] === true ? withSecrets(each) : each;
  return { is: "list", item, least: inner.minItems ?? 0, most: inner.maxItems, called: words(said["item"]), compact: COMPACT.includes(said.widget ?? "") || isLine(item) };
}

function objectShape(inner: Schema, root: Schema, depth: number): Shape {
  if (inner.properties) return depth > DEEPEST ? { is: "json" } : { is: "group", fields: fieldsOf(inner, root, depth) };
  const values = inner.additionalProperties;
  const simple = typeof values === "object" && resolved(values, root).type !== undefined && depth <= DEEPEST;
  return simple ? { is: "map", item: fieldOf("", values, root, true, depth + 1) } : { is: "json" };
}

function messageShape(inner: Schema, root: Schema, depth: number): Shape {
  const fields = fieldsOf(inner, root, depth).map(ofMessage);
  const named = (name: string): Schema | undefined => inner.properties?.[name];
  return { is: "message", fields, most: named("text")?.maxLength, files: named("file_ids")?.maxItems ?? 0 };
}

/** The words of a message stand under the label of the message; what hardly anybody needs shows where there is some. */
function ofMessage(field: Field): Field {
  if (field.name === "text") return { ...field, label: "" };
  return OF_MESSAGE.includes(field.name) ? field : { ...field, advanced: true, rare: field.only === "" };
}

function durationShape(inner: Schema): Shape {
  return { is: "duration", units: optionsOf(inner.properties?.["unit"]?.enum ?? ["minutes", "hours", "days"], inner.properties?.["unit"] ?? {}) };
}

function isDuration({ properties = {} }: Schema): boolean {
  return Object.keys(properties).sort().join() === "unit,value" && properties["value"]?.type === "integer";
}

function isMessage({ title, properties = {} }: Schema): boolean {
  return title === "Outgoing" && "text" in properties && "file_ids" in properties;
}

/** Models of which one is chosen: told apart by a field that is a constant in each. */
function variantsOf(said: Schema, { oneOf, anyOf, discriminator }: Schema, root: Schema, depth: number): Shape | null {
  const models = (oneOf ?? anyOf ?? []).map((each) => resolved(each, root));
  const by = words((discriminator as { propertyName?: unknown } | undefined)?.propertyName) || constantOf(models);
  if (!by || models.length < 2 || depth > DEEPEST || models.some(({ properties }) => properties?.[by]?.const === undefined)) return null;
  const labels = (said["labels"] ?? {}) as Record<string, string>;
  const variants = models.map((model): Variant => {
    const constant = model.properties?.[by];
    const value = String(constant?.const);
    // A title that nobody gave is the name of the field.
    const title = constant?.title === inTitle(by) ? "" : words(constant?.title);
    return { value, words: labels[value] ?? (title || inWords(value)), fields: fieldsOf(model, root, depth) };
  });
  return { is: "union", by, variants };
}

function constantOf(models: Schema[]): string {
  return Object.entries(models[0]?.properties ?? {}).find(([, { const: value }]) => value !== undefined)?.[0] ?? "";
}

function optionsOf(values: Json[], said: Schema): Option[] {
  const labels = (said["labels"] ?? {}) as Record<string, string>;
  return values.map((value) => ({ value, words: labels[String(value)] ?? inWords(String(value)) }));
}

function conditionsOf(said: unknown): Record<string, Json[]> {
  const pairs = Object.entries((said ?? {}) as Record<string, Json>);
  return Object.fromEntries(pairs.map(([name, values]) => [name, Array.isArray(values) ? values : [values]]));
}

/** "T or nothing" is T, optional. */
function withoutNull(schema: Schema, root: Schema): { inner: Schema; optional: boolean } {
  const outer = resolved(schema, root);
  const rest = outer.anyOf?.filter(({ type }) => type !== "null") ?? [];
  const optional = outer.anyOf !== undefined && rest.length < outer.anyOf.length;
  if (optional && rest.length === 1) return { inner: resolved(rest[0] as Schema, root), optional };
  return { inner: optional ? { ...outer, anyOf: rest } : outer, optional };
}

/** A value without what its schema has no place for: settings of another version, which no field of the form shows. */
export function known(value: Json, schema: Schema, root: Schema = schema): Json {
  const { properties, items } = resolved(schema, root);
  if (Array.isArray(value)) return items ? value.map((each) => known(each, items, root)) : value;
  if (!properties || value === null || typeof value !== "object") return value;
  const kept = Object.entries(value).filter(([name]) => Object.hasOwn(properties, name));
  return Object.fromEntries(kept.map(([name, each]) => [name, known(each, properties[name] ?? {}, root)]));
}

/** What `$ref` leads to, with what is said beside it. */
function resolved(schema: Schema, root: Schema): Schema {
  const name = schema.$ref?.replace("#/$defs/", "");
  return name === undefined ? schema : resolved(root.$defs?.[name] ?? {}, root);
}

/** Whether all of an item fits on a line: two short inputs. */
function isLine({ shape }: Field): boolean {
  if (shape.is !== "group") return false;
  const seen = shape.fields.filter(({ name, hidden }) => !hidden && name !== "id");
  return seen.length <= 2 && seen.every((field) => field.shape.is === "found" || (field.shape.is === "text" && !field.shape.many));
}

/** Where secrets may be named in a list, they may be in every text of its items. */
function withSecrets(field: Field): Field {
  const { shape } = field;
  if (shape.is === "text") return { ...field, shape: { ...shape, secrets: true } };
  return shape.is === "group" ? { ...field, shape: { ...shape, fields: shape.fields.map(withSecrets) } } : field;
}

function jsonField(): Field {
  return { name: "", label: "", help: "", placeholder: "", required: true, optional: false, advanced: false, hidden: false, rare: false, when: {}, only: "", fallback: null, shape: { is: "json" } };
}

function words(said: unknown): string {
  return typeof said === "string" ? said : "";
}

/** "round_robin" is "Round robin". */
export function inWords(name: string): string {
  const plain = name.replaceAll("_", " ").trim();
  return plain.charAt(0).toUpperCase() + plain.slice(1);
}

function inTitle(name: string): string {
  return name.split("_").map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join(" ");
}
