// What became of each step between two versions of a workflow.
import { placeOf, TRIGGER } from "./tree";
import type { Definition, Json, Placed } from "./types";
import type { Change } from "./store";

export interface Compared {
  /** By step id, and "trigger"; what stayed as it was is left out. A step that only stands elsewhere is changed, too. */
  changes: Record<string, Change>;
  removed: Placed[];
}

export function compare(before: Definition, after: Definition): Compared {
  const changes: Record<string, Change> = {};
  const old = new Map(before.steps.map((step) => [step.id, step]));
  const kept = new Set(after.steps.map((step) => step.id));
  for (const step of after.steps) {
    const was = old.get(step.id);
    if (!was) changes[step.id] = "added";
    else if (says(was) !== says(step) || stands(before, step.id, kept) !== stands(after, step.id, old)) changes[step.id] = "changed";
  }
  if (written([before.trigger, before.hands] as Json) !== written([after.trigger, after.hands] as Json)) changes["trigger"] = "changed";
  const removed = before.steps.filter((step) => !kept.has(step.id));
  for (const step of removed) changes[step.id] = "removed";
  return { changes, removed };
}

function says({ kind, name, note, params }: Placed): string {
  return written([kind, name, note, params]);
}

/** Behind which step that both versions have. What came between, or went away, changes nothing about this one. */
function stands(definition: Definition, id: string, inBoth: { has: (id: string) => boolean }): string {
  let place = placeOf(definition, id);
  for (let hops = 0; place && place.after !== TRIGGER && !inBoth.has(place.after) && hops < definition.steps.length; hops++) place = placeOf(definition, place.after);
  return place ? `${place.after} ${place.exit}` : "";
}

/** JSON whose keys are in order, so that the same reads the same. */
function written(value: Json): string {
  return JSON.stringify(value, (_key, each: Json) => (each && typeof each === "object" && !Array.isArray(each) ? Object.fromEntries(Object.entries(each).sort(([one], [other]) => (one < other ? -1 : 1))) : each));
}
