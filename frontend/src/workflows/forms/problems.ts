// Problems beside the fields that they are about.
import type { Json, Params, Problem } from "../types";
import type { Field } from "./shape";
import { filledIn, isGroup, isShown } from "./values";

/** Where in a form a field stands: "branches.0.name". */
export function inside(path: string, name: string | number): string {
  return path === "" ? String(name) : `${path}.${name}`;
}

/** The sentences for each place of the form. What belongs to no place that is shown stands at the nearest one around it, or at "". */
export function placed(problems: readonly Problem[], shown: ReadonlySet<string>): Map<string, string[]> {
  const places = new Map<string, string[]>();
  for (const { field, words } of problems) {
    const place = nearest(parts(field), shown);
    const said = places.get(place) ?? [];
    if (!said.includes(words)) places.set(place, [...said, words]);
  }
  return places;
}

/** The places that a form shows for these values. */
export function placesOf(fields: readonly Field[], given: Params, path = ""): Set<string> {
  const places = new Set<string>();
  const values = filledIn(fields, given);
  for (const field of fields) {
    if (!isShown(field, values)) continue;
    const at = inside(path, field.name);
    places.add(at);
    for (const each of within(field, values[field.name] ?? null, at)) places.add(each);
  }
  return places;
}

/** How many problems stand at a place or inside it. */
export function countUnder(places: ReadonlyMap<string, string[]>, path: string): number {
  return [...places].filter(([place]) => place === path || place.startsWith(`${path}.`)).reduce((sum, [, said]) => sum + said.length, 0);
}

function within({ shape }: Field, value: Json, at: string): Iterable<string> {
  switch (shape.is) {
    case "group":
    case "message":
      return isGroup(value) ? placesOf(shape.fields, value, at) : [];
    case "union": {
      const chosen = isGroup(value) ? shape.variants.find(({ value: each }) => each === value[shape.by]) : undefined;
      return chosen && isGroup(value) ? placesOf(chosen.fields, value, at) : [];
    }
    case "list": {
      const items = Array.isArray(value) ? value : [];
      return items.flatMap((item, index) => [inside(at, index), ...within(shape.item, item, inside(at, index))]);
    }
    default:
      return [];
  }
}

function parts(field: string): string[] {
  return field.replaceAll("[", ".").replaceAll("]", "").split(".").filter(Boolean);
}

/** The longest way into the form that a path begins with. Names of variants, which pydantic puts into its paths, are passed over. */
function nearest(path: readonly string[], shown: ReadonlySet<string>): string {
  let place = "";
  for (const part of path) {
    const next = inside(place, part);
    if (shown.has(next)) place = next;
  }
  return place;
}
