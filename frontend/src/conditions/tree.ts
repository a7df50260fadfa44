// Conditions as the editor holds them: like the stored JSON, but with leaves that are not finished yet.

export type Joiner = "$and" | "$or";
export type Duration = { value: number; unit: string };
export type One = string | number | boolean | Duration;
export type Value = One | One[];
export type Option = [number | string, string];

export type Leaf = { category: string; field: string; operator: string; value: Value | undefined; fault: string };
export type Group = { joiner: Joiner; items: (Group | Leaf)[] };

export type Subject = { category: string; field?: string; name?: string; kind: string; type?: string; options?: string; choices?: Option[] };
export type Schema = {
  subjects: Subject[];
  operators: Record<string, string[]>;
  options: Record<string, Option[]>;
  faults: string[];
};

export const MAX_DEPTH = 5;
export const MAX_LEAVES = 100;
const BARE = ["exists", "doesNotExist"];
const LISTS = ["hasAnyOf", "hasAllOf", "hasNoneOf"];
const PAIRS = ["isBetween", "isTimestampBetween"];

/** How many values an operator takes. */
export type Shape = "none" | "one" | "pair" | "list";

export function shapeOf(operator: string): Shape {
  if (BARE.includes(operator)) return "none";
  if (PAIRS.includes(operator)) return "pair";
  return LISTS.includes(operator) ? "list" : "one";
}

export function isGroup(item: Group | Leaf): item is Group {
  return "joiner" in item;
}

export function newLeaf(): Leaf {
  return { category: "", field: "", operator: "", value: undefined, fault: "" };
}

/** From the stored JSON; `faults` belong to the leaves in order. */
export function read(json: unknown, faults: string[]): Group {
  const left = [...faults];
  const group = (value: Record<string, unknown>): Group => {
    const joiner: Joiner = "$or" in value ? "$or" : "$and";
    const items = (value[joiner] ?? []) as Record<string, unknown>[];
    return { joiner, items: items.map((item) => ("$and" in item || "$or" in item ? group(item) : leaf(item))) };
  };
  const leaf = (value: Record<string, unknown>): Leaf => ({
    category: String(value["category"]),
    field: String(value["field"] ?? ""),
    operator: String(value["operator"]),
    value: value["value"] as Value | undefined,
    fault: left.shift() ?? "",
  });
  return group((json ?? {}) as Record<string, unknown>);
}

/** To the stored JSON. What is not finished is left out, and so are groups without conditions. */
export function written(group: Group): Record<string, unknown> {
  const items = group.items.flatMap((item) => {
    if (!isGroup(item)) return isFinished(item) ? [writtenLeaf(item)] : [];
    const inner = written(item);
    return (inner[item.joiner] as unknown[]).length > 0 ? [inner] : [];
  });
  return { [group.joiner]: items };
}

function writtenLeaf({ category, field, operator, value }: Leaf): Record<string, unknown> {
  return { category, ...(field ? { field } : {}), operator, ...(value === undefined ? {} : { value }) };
}

export function isFinished({ category, operator, value }: Leaf): boolean {
  if (!category || !operator) return false;
  switch (shapeOf(operator)) {
    case "none":
      return true;
    case "one":
      return value !== undefined && !Array.isArray(value) && isGiven(value);
    case "pair":
      return Array.isArray(value) && value.length === 2 && value.every(isGiven);
    case "list":
      return Array.isArray(value) && value.length > 0;
  }
}

function isGiven(value: One | undefined): boolean {
  if (typeof value === "object") return Number.isInteger(value.value) && value.value >= 0;
  return value !== undefined && value !== null && value !== "" && !Number.isNaN(value);
}

export function leavesOf(group: Group): Leaf[] {
  return group.items.flatMap((item) => (isGroup(item) ? leavesOf(item) : [item]));
}
