// What can be done to the tree of steps. Everything here is a function from one definition to another; nothing is changed in place.
import type { Definition, Json, Kind, Params, Placed, Schema } from "./types";

export const MAX_STEPS = 100;
/** The id by which the canvas names the trigger, beside those of steps. */
export const TRIGGER = "trigger";

/** Where a step can stand: behind an exit of a step, or behind the trigger (whose only exit is "start"). */
export interface Place {
  after: string;
  exit: string;
}

/** Steps on their way to another place, workflow or tab. `steps[0]` is the uppermost. */
export interface Clip {
  format: "ismessenger.steps";
  steps: Placed[];
}

export const START: Place = { after: TRIGGER, exit: "start" };

export function stepOf(definition: Definition, id: string): Placed | undefined {
  return definition.steps.find((step) => step.id === id);
}

/** What stands at a place. */
export function at(definition: Definition, place: Place): string | null {
  return (place.after === TRIGGER ? definition.start : stepOf(definition, place.after)?.exits[place.exit]) ?? null;
}

/** Where a step stands; null for one that hangs loose. */
export function placeOf(definition: Definition, id: string): Place | null {
  if (definition.start === id) return START;
  for (const step of definition.steps) {
    const exit = Object.keys(step.exits).find((each) => step.exits[each] === id);
    if (exit !== undefined) return { after: step.id, exit };
  }
  return null;
}

/** A step and all below it, itself first. */
export function below(definition: Definition, id: string): string[] {
  const byId = new Map(definition.steps.map((step) => [step.id, step]));
  const found: string[] = [];
  const visit = (each: string): void => {
    const step = byId.get(each);
    if (!step || found.includes(each)) return;
    found.push(each);
    Object.values(step.exits).forEach(visit);
  };
  visit(id);
  return found;
}

/** The steps on the way from the trigger to a step, nearest first, without itself. */
export function above(definition: Definition, id: string): Placed[] {
  const found: Placed[] = [];
  let place = placeOf(definition, id);
  while (place && place.after !== TRIGGER) {
    const step = stepOf(definition, place.after);
    if (!step || found.includes(step)) break;
    found.push(step);
    place = placeOf(definition, step.id);
  }
  return found;
}

/** Put what stands at a place there: null empties it. */
export function put(definition: Definition, place: Place, id: string | null): Definition {
  if (place.after === TRIGGER) return { ...definition, start: id };
  return change(definition, place.after, (step) => {
    const { [place.exit]: _old, ...others } = step.exits;
    return { ...step, exits: id === null ? others : { ...others, [place.exit]: id } };
  });
}

export function change(definition: Definition, id: string, how: (step: Placed) => Placed): Definition {
  return { ...definition, steps: definition.steps.map((step) => (step.id === id ? how(step) : step)) };
}

/** The ways on of a step, as the canvas knows them. */
export type ExitsOf = (id: string) => readonly string[];

/**
 * Put steps at a place; what stood there goes on behind them, where their first ways on end. Null if it has no place to go on: then the
 * steps can only stand at an end.
 */
export function insert(definition: Definition, place: Place, steps: readonly Placed[], exitsOf: ExitsOf): Definition | null {
  const first = steps[0];
  if (!first) return definition;
  const whole = { ...definition, steps: [...definition.steps, ...steps] };
  const pushed = at(definition, place);
  const placed = put(whole, place, first.id);
  if (pushed === null) return placed;
  const end = endOf(placed, first.id, exitsOf);
  return end && put(placed, end, pushed);
}

/** The empty exit at the end of the way that goes on by first exits. */
export function endOf(definition: Definition, id: string, exitsOf: ExitsOf): Place | null {
  for (let hops = 0; hops <= MAX_STEPS; hops++) {
    const exit = exitsOf(id)[0];
    if (exit === undefined) return null;
    const next = at(definition, { after: id, exit });
    if (next === null) return { after: id, exit };
    id = next;
  }
  return null;
}

/** Take a step away with all that is below it. */
export function removeWhole(definition: Definition, id: string): Definition {
  const gone = new Set(below(definition, id));
  const place = placeOf(definition, id);
  const cut = place ? put(definition, place, null) : definition;
  return { ...cut, steps: cut.steps.filter((step) => !gone.has(step.id)) };
}

/** Take one step away and close the gap; null if several ways go on behind it, so that it is not clear with which. */
export function removeOne(definition: Definition, id: string): Definition | null {
  const step = stepOf(definition, id);
  const place = placeOf(definition, id);
  const children = Object.values(step?.exits ?? {});
  if (!step || children.length > 1) return null;
  const cut = place ? put(definition, place, children[0] ?? null) : definition;
  return { ...cut, steps: cut.steps.filter((each) => each.id !== id) };
}

/** Move a step with all that is below it. Null if the place is inside of what moves, or what stands there has no place to go on. */
export function move(definition: Definition, id: string, place: Place, exitsOf: ExitsOf): Definition | null {
  const from = placeOf(definition, id);
  if (below(definition, id).includes(place.after)) return null;
  if (from && from.after === place.after && from.exit === place.exit) return null;
  const cut = from ? put(definition, from, null) : definition;
  const pushed = at(cut, place);
  const placed = put(cut, place, id);
  if (pushed === null) return placed;
  const end = endOf(placed, id, exitsOf);
  return end && put(placed, end, pushed);
}

/** Copy a step, with all that is below it unless `alone`. */
export function clip(definition: Definition, id: string, alone = false): Clip {
  const ids = alone ? [id] : below(definition, id);
  const steps = ids.flatMap((each) => stepOf(definition, each) ?? []);
  return { format: "ismessenger.steps", steps: alone ? steps.map((step) => ({ ...step, exits: {} })) : steps };
}

/** The steps of a clip under new ids; what refers to a step inside the clip refers to its copy. */
export function renewed(clipped: Clip, schemaOf: (kind: string) => Schema | undefined): Placed[] {
  const ids = new Map(clipped.steps.map((step) => [step.id, newId()]));
  const named = (id: string): string => ids.get(id) ?? id;
  return clipped.steps.map((step) => ({
    ...step,
    id: named(step.id),
    params: withStepsNamed(step.params, schemaOf(step.kind), named),
    exits: Object.fromEntries(Object.entries(step.exits).filter(([, child]) => ids.has(child)).map(([exit, child]) => [exit, named(child)])),
  }));
}

/** Reads what somebody may have copied here. Null if it is something else. */
export function readClip(text: string): Clip | null {
  if (text.length > 600_000 || !text.includes("ismessenger.steps")) return null;
  try {
    const clipped = JSON.parse(text) as Partial<Clip>;
    const steps = clipped.format === "ismessenger.steps" && Array.isArray(clipped.steps) ? clipped.steps : [];
    return steps.length > 0 && steps.every(isPlaced) ? { format: "ismessenger.steps", steps } : null;
  } catch {
    return null;
  }
}

function isPlaced(step: unknown): step is Placed {
  const each = step as Partial<Placed> | null;
  return typeof each?.id === "string" && typeof each.kind === "string" && isObject(each.params) && isObject(each.exits);
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A new id: never one that an older version of the workflow used, because runs of that one are counted by it. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return `s${Array.from(bytes, (byte) => (byte % 36).toString(36)).join("")}`;
}

export function newStep(kind: Kind): Placed {
  return { id: newId(), kind: kind.kind, name: "", note: "", params: structuredClone(kind.params), exits: {} };
}

// --- What refers to another step, such as Jump to ---------------------------------------------------------------------------

/** The ids of the steps that the parameters name. */
export function stepsNamed(params: Params, schema: Schema | undefined): string[] {
  const found: string[] = [];
  withStepsNamed(params, schema, (id) => (found.push(id), id));
  return found;
}

function withStepsNamed(params: Params, schema: Schema | undefined, named: (id: string) => string): Params {
  if (!schema) return params;
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, exchanged(value, schema.properties?.[name], schema, named)]));
}

function exchanged(value: Json, schema: Schema | undefined, whole: Schema, named: (id: string) => string): Json {
  const plain = resolved(schema, whole);
  if (!plain) return value;
  if (typeof value === "string") return names(plain) ? named(value) : value;
  if (Array.isArray(value)) return value.map((each) => exchanged(each, names(plain) ? plain : plain.items, whole, named));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, exchanged(each, plain.properties?.[name], whole, named)]));
}

function names(schema: Schema): boolean {
  return schema.thing === "step";
}

function resolved(schema: Schema | undefined, whole: Schema): Schema | undefined {
  const name = schema?.$ref?.split("/").pop();
  return name === undefined ? schema : { ...whole.$defs?.[name], ...schema };
}
