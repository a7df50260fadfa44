// Where everything stands on the canvas: the trigger on top, steps below, branches side by side. Sizes are in pixels at zoom 1.
import { type Place, TRIGGER, below, placeOf, stepsNamed } from "../tree";
import type { Definition, Exit, Placed, Schema } from "../types";

export const WIDTH = 260;
export const HEIGHT = 68;
export const COUNTS_HEIGHT = 26;
const END = { width: 132, height: 32 };
const FOLD = { width: 132, height: 28 };
const GAP = 28;
const ROW = 60;
const LABELLED_ROW = 100;

/** Something that stands on the canvas. `place` is where a new step would go: for an end its own, for a step the one it stands at. */
export interface Spot {
  id: string;
  what: "trigger" | "step" | "end" | "fold";
  place: Place | null;
  parent: string | null;
  depth: number;
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A way from one to the next. */
export interface Way {
  id: string;
  from: string;
  to: string;
  place: Place;
  exit: Exit | null;
  labelled: boolean;
}

export interface Jump {
  from: string;
  to: string;
}

export interface Layout {
  spots: Spot[];
  ways: Way[];
  jumps: Jump[];
}

export interface Asked {
  definition: Definition;
  exitsOf: (step: Placed) => readonly Exit[];
  schemaOf: (kind: string) => Schema | undefined;
  folded: ReadonlySet<string>;
  counted: boolean;
}

interface Branch {
  spot: Spot;
  width: number;
  row: number;
  children: Branch[];
}

export function endId(place: Place): string {
  return `end:${place.after}:${place.exit}`;
}

export function layOut(asked: Asked): Layout {
  const { definition } = asked;
  const ways: Way[] = [];
  const trees = [grow(asked, TRIGGER, null, null, 0, ways), ...loose(definition).map((id) => grow(asked, id, null, null, 1, ways))];
  const spots: Spot[] = [];
  let left = 0;
  for (const tree of trees) {
    stand(tree, left, tree.spot.depth === 0 ? 0 : HEIGHT + ROW, spots);
    left += tree.width + 2 * GAP;
  }
  centre(spots);
  const shown = new Set(spots.map((spot) => spot.id));
  const jumps = definition.steps.flatMap((step) => stepsNamed(step.params, asked.schemaOf(step.kind)).map((to) => ({ from: step.id, to })));
  return { spots, ways, jumps: jumps.filter((jump) => shown.has(jump.from) && shown.has(jump.to)) };
}

/** Steps to which no way leads, each with its own tree. */
function loose(definition: Definition): string[] {
  return definition.steps.filter((step) => placeOf(definition, step.id) === null).map((step) => step.id);
}

function grow(asked: Asked, id: string, place: Place | null, parent: string | null, depth: number, ways: Way[]): Branch {
  const step = asked.definition.steps.find((each) => each.id === id);
  const exits: readonly (Exit | null)[] = step ? asked.exitsOf(step) : [null];
  const height = HEIGHT + (asked.counted ? COUNTS_HEIGHT : 0);
  const spot: Spot = { id, what: step ? "step" : "trigger", place, parent, depth, x: 0, y: 0, width: WIDTH, height };
  const labelled = exits.length > 1 || exits.some((exit) => exit !== null && exit.kind !== "next");
  const children = asked.folded.has(id) && hides(asked.definition, id) ? [folded(spot, ways)] : exits.map((exit) => behind(asked, spot, exit, labelled, ways));
  const width = children.reduce((sum, child) => sum + child.width, GAP * Math.max(0, children.length - 1));
  return { spot, width: Math.max(WIDTH, width), row: labelled ? LABELLED_ROW : ROW, children };
}

function hides(definition: Definition, id: string): boolean {
  return below(definition, id).length > 1;
}

function behind(asked: Asked, parent: Spot, exit: Exit | null, labelled: boolean, ways: Way[]): Branch {
  const place = { after: parent.id, exit: exit?.id ?? "start" };
  const step = exit ? asked.definition.steps.find((each) => each.id === parent.id)?.exits[exit.id] : asked.definition.start;
  const child = step ? grow(asked, step, place, parent.id, parent.depth + 1, ways) : small(parent, "end", endId(place), place);
  ways.push({ id: `way:${place.after}:${place.exit}`, from: parent.id, to: child.spot.id, place, exit, labelled });
  return child;
}

function folded(parent: Spot, ways: Way[]): Branch {
  const place = { after: parent.id, exit: "" };
  const id = `fold:${parent.id}`;
  ways.push({ id: `way:${id}`, from: parent.id, to: id, place, exit: null, labelled: false });
  return small(parent, "fold", id, null);
}

function small(parent: Spot, what: "end" | "fold", id: string, place: Place | null): Branch {
  const size = what === "end" ? END : FOLD;
  return { spot: { id, what, place, parent: parent.id, depth: parent.depth + 1, x: 0, y: 0, ...size }, width: size.width, row: ROW, children: [] };
}

/** Give a tree its place: its children side by side below it, itself over their middle. */
function stand(tree: Branch, left: number, top: number, spots: Spot[]): void {
  const { spot, children } = tree;
  const total = children.reduce((sum, child) => sum + child.width, GAP * Math.max(0, children.length - 1));
  let at = left + (tree.width - total) / 2;
  spots.push(spot);
  for (const child of children) {
    stand(child, at, top + spot.height + tree.row, spots);
    at += child.width + GAP;
  }
  const [first, last] = [children[0]?.spot, children.at(-1)?.spot];
  const middle = first && last ? (first.x + first.width / 2 + last.x + last.width / 2) / 2 : left + tree.width / 2;
  Object.assign(spot, { x: middle - spot.width / 2, y: top });
}

/** The trigger stands at the middle of all counting: it stays where it is while branches grow below it. */
function centre(spots: Spot[]): void {
  const trigger = spots.find((spot) => spot.what === "trigger");
  const middle = trigger ? trigger.x + trigger.width / 2 : 0;
  for (const spot of spots) spot.x -= middle;
}

// --- Moving about with the arrows -----------------------------------------------------------------------------------------------

export type Arrow = "ArrowUp" | "ArrowDown" | "ArrowLeft" | "ArrowRight";

/** The neighbour in a direction: what stands above, the first way on, what stands beside on the same level. */
export function neighbour({ spots }: Layout, id: string, arrow: Arrow): Spot | null {
  const spot = spots.find((each) => each.id === id);
  if (!spot) return null;
  if (arrow === "ArrowUp") return spots.find((each) => each.id === spot.parent) ?? null;
  if (arrow === "ArrowDown") return byX(spots.filter((each) => each.parent === id))[0] ?? null;
  const level = byX(spots.filter((each) => each.depth === spot.depth));
  return level[level.indexOf(spot) + (arrow === "ArrowRight" ? 1 : -1)] ?? null;
}

function byX(spots: Spot[]): Spot[] {
  return [...spots].sort((one, other) => one.x - other.x);
}

// --- Where a dragged step can be dropped -----------------------------------------------------------------------------------------

const REACH = 150;

/** The place nearest to a point, if it is near enough: "+" buttons stand above every step and on every end. */
export function nearestPlace({ spots }: Layout, point: { x: number; y: number }, forbidden: ReadonlySet<string>): Place | null {
  let best: { place: Place; distance: number } | null = null;
  for (const spot of spots) {
    if (!spot.place || forbidden.has(spot.place.after) || forbidden.has(spot.id)) continue;
    const y = spot.what === "end" ? spot.y + spot.height / 2 : spot.y - 22;
    const distance = Math.hypot(spot.x + spot.width / 2 - point.x, y - point.y);
    if (distance < REACH && (!best || distance < best.distance)) best = { place: spot.place, distance };
  }
  return best?.place ?? null;
}
