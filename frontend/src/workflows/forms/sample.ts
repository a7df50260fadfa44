// A sample of JSON, whose keys are clicked to make a mapping: "$.data.contacts[0].phone".
import type { Json } from "../types";

const MOST = 200;
const DEEPEST = 8;
const SHOWN = 60;

export interface Key {
  path: string;
  /** The last part of the path: what a variable would be called. */
  name: string;
  /** The value in a few words; empty for what holds others. */
  shown: string;
  depth: number;
  leaf: boolean;
}

/** The keys of a JSON value in the order in which they stand, up to two hundred; of a list the first few. */
export function keysOf(value: Json, most = MOST): Key[] {
  const keys: Key[] = [];
  const walk = (each: Json, path: string, name: string, depth: number): void => {
    if (keys.length >= most || depth > DEEPEST) return;
    const leaf = typeof each !== "object" || each === null;
    if (path !== "$") keys.push({ path, name, shown: leaf ? shortened(each) : "", depth, leaf });
    if (Array.isArray(each)) each.slice(0, 3).forEach((item, index) => walk(item, `${path}[${index}]`, `${name}_${index + 1}`, depth + 1));
    else if (!leaf) for (const [key, inner] of Object.entries(each as Record<string, Json>)) walk(inner, path + step(key), key, depth + 1);
  };
  walk(value, "$", "value", -1);
  return keys;
}

/** A name for a variable from a key: letters, digits and underscores, no other one's. */
export function variableName(key: string, taken: readonly string[]): string {
  const plain = key.normalize("NFKD").replace(/\p{M}/gu, "").replaceAll("ß", "ss").replace(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase().replace(/[^a-z0-9]+/g, "_").replace(/^[_0-9]+|_+$/g, "").slice(0, 40) || "value";
  for (let number = 1; ; number++) {
    const name = number === 1 ? plain : `${plain}_${number}`;
    if (!taken.includes(name)) return name;
  }
}

/** A key of plain letters is written with a dot, another one in brackets. */
function step(key: string): string {
  return /^[\p{L}_][\p{L}\p{N}_-]*$/u.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

function shortened(value: Json): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > SHOWN ? `${text.slice(0, SHOWN - 1)}…` : text;
}
