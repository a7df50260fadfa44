// The inputs for the values of one condition, by what it asks about and how it compares.
import { type Duration, type Leaf, type One, type Option, type Shape, shapeOf } from "./tree";
import type { Words } from "./words";

export type Asked = { kind: string; options: Option[] | undefined };
type Changed = (value: One | undefined) => void;
const SHORT = 10;
const UNITS = ["minutes", "hours", "days"];

/** Whether the values are chosen in a panel of their own: several at once, or one of many. */
export function isPicked({ kind, options }: Asked, operator: string): boolean {
  const shape = shapeOf(operator);
  return options !== undefined && kind !== "checkbox" && (shape === "list" || (shape === "one" && options.length > SHORT));
}

/** Inputs that write what is typed into the leaf and then call `changed`. */
export function inputsFor(leaf: Leaf, asked: Asked, words: Words, changed: () => void): HTMLElement[] {
  const shape: Shape = shapeOf(leaf.operator);
  if (shape === "none") return [];
  if (shape === "one") {
    const held = Array.isArray(leaf.value) ? leaf.value[0] : leaf.value;
    return [input(held, asked, leaf, words, words.value, (value) => ((leaf.value = value), changed()))];
  }
  const pair = Array.isArray(leaf.value) ? leaf.value : [];
  const put = (index: number) => (value: One | undefined) => {
    const both = Array.isArray(leaf.value) ? [...leaf.value] : [];
    both[index] = value as One;
    leaf.value = [both[0] as One, both[1] as One];
    changed();
  };
  const between = document.createElement("span");
  between.textContent = words.and;
  return [input(pair[0], asked, leaf, words, words.from, put(0)), between, input(pair[1], asked, leaf, words, words.to, put(1))];
}

function input(held: One | undefined, asked: Asked, leaf: Leaf, words: Words, label: string, changed: Changed): HTMLElement {
  if (isLength(asked.kind, leaf.operator)) return duration(held, words, label, changed);
  if (asked.kind === "checkbox") return select(held, [["true", words.true], ["false", words.false]], words, label, (value) => changed(value === undefined ? undefined : value === "true"));
  if (asked.options) {
    const { options } = asked;
    return select(held, options, words, label, (value) => changed(options.find(([id]) => String(id) === value)?.[0]));
  }
  return typed(held, asked.kind, label, changed);
}

/** Operators that compare how long ago something was. */
function isLength(kind: string, operator: string): boolean {
  return kind === "since" || (kind === "moment" && ["isGreaterThan", "isLessThan"].includes(operator));
}

const TYPES: Record<string, string> = { number: "number", date: "date", time: "time", moment: "date" };

function typed(held: One | undefined, kind: string, label: string, changed: Changed): HTMLInputElement {
  const field = document.createElement("input");
  field.className = "input input-sm";
  // A moment with a time of day came through the API: it is shown as it was written.
  field.type = kind === "moment" && typeof held === "string" && held.length > 10 ? "text" : (TYPES[kind] ?? "text");
  field.required = true;
  field.maxLength = 1000;
  if (kind === "number") field.step = "any";
  field.setAttribute("aria-label", label);
  field.value = held === undefined || typeof held === "object" ? "" : String(held);
  field.addEventListener("input", () => changed(kind === "number" ? (field.value === "" ? undefined : field.valueAsNumber) : field.value));
  return field;
}

function select(held: One | undefined, options: Option[], words: Words, label: string, changed: (value: string | undefined) => void): HTMLSelectElement {
  const field = document.createElement("select");
  field.className = "select select-sm";
  field.required = true;
  field.setAttribute("aria-label", label);
  field.append(new Option(words.choose, "", true), ...options.map(([id, name]) => new Option(name, String(id))));
  field.value = held === undefined ? "" : String(held);
  if (field.selectedIndex < 0) {
    field.append(new Option(words.missing, String(held), true, true));
  }
  field.addEventListener("change", () => changed(field.value || undefined));
  return field;
}

function duration(held: One | undefined, words: Words, label: string, changed: Changed): HTMLElement {
  const was: Duration = typeof held === "object" ? held : { value: Number.NaN, unit: "days" };
  const amount = typed(Number.isNaN(was.value) ? undefined : was.value, "number", `${label}: ${words.amount}`, () => tell());
  amount.min = "0";
  amount.step = "1";
  const unit = select(was.unit, UNITS.map((each) => [each, words.units[each] ?? each]), words, `${label}: ${words.unit}`, () => tell());
  unit.options[0]?.remove();
  unit.value = was.unit;
  const tell = (): void => changed({ value: amount.valueAsNumber, unit: unit.value });
  const both = document.createElement("span");
  both.className = "condition-duration";
  both.append(amount, unit);
  return both;
}
