import assert from "node:assert/strict";
import { test } from "node:test";
import { compare } from "../src/workflows/compare";
import { endId, layOut, nearestPlace, neighbour } from "../src/workflows/canvas/layout";
import { foundBy } from "../src/workflows/canvas/offers";
import * as tree from "../src/workflows/tree";
import type { Definition, Exit, Placed, Schema } from "../src/workflows/types";

const NEXT: Exit = { id: "next", label: "Next", kind: "next" };
const YES: Exit = { id: "yes", label: "Yes", kind: "branch" };
const NO: Exit = { id: "no", label: "No", kind: "failure" };
const EXITS: Record<string, Exit[]> = { say: [NEXT], fork: [YES, NO], jump: [NEXT], over: [] };
const JUMP: Schema = { properties: { target: { anyOf: [{ type: "string" }, { type: "null" }], thing: "step" }, more: { $ref: "#/$defs/More" } }, $defs: { More: { properties: { list: { type: "array", items: { type: "string" }, thing: "step" } } } } };
const schemaOf = (kind: string): Schema | undefined => (kind === "jump" ? JUMP : undefined);

function step(id: string, kind = "say", exits: Record<string, string> = {}, params: Placed["params"] = {}): Placed {
  return { id, kind, name: "", note: "", params, exits };
}

/** a → b(fork): yes → c → d(jump to a), no → nothing */
function sample(): Definition {
  const steps = [step("a", "say", { next: "b" }), step("b", "fork", { yes: "c" }), step("c", "say", { next: "d" }), step("d", "jump", {}, { target: "a", more: { list: ["c"] } })];
  return { format: 1, trigger: null, hands: { reply: "end", assignment: "go_on", closing: "end" }, start: "a", steps };
}

const exitsIn = (definition: Definition, extra: Placed[] = []) => (id: string) => (EXITS[[...definition.steps, ...extra].find((each) => each.id === id)?.kind ?? ""] ?? []).map((exit) => exit.id);
const shape = (definition: Definition, id: string | null = definition.start): unknown => {
  const found = id === null ? undefined : tree.stepOf(definition, id);
  return found ? [found.id, ...Object.entries(found.exits).map(([exit, child]) => [exit, shape(definition, child)])] : null;
};

test("a new step pushes on what stood in its place", () => {
  const before = sample();
  const placed = tree.insert(before, { after: "a", exit: "next" }, [step("n")], exitsIn(before, [step("n")]));
  assert.deepEqual(placed && shape(placed), ["a", ["next", ["n", ["next", ["b", ["yes", ["c", ["next", ["d"]]]]]]]]]);
  assert.deepEqual(shape(before), ["a", ["next", ["b", ["yes", ["c", ["next", ["d"]]]]]]]);
});

test("a step without a way on stands at ends only", () => {
  const before = sample();
  const exits = exitsIn(before, [step("o", "over")]);
  assert.equal(tree.insert(before, tree.START, [step("o", "over")], exits), null);
  assert.ok(tree.insert(before, { after: "b", exit: "no" }, [step("o", "over")], exits));
});

test("a step moves with all below it, and what stood there goes on behind it", () => {
  const before = sample();
  const moved = tree.move(before, "c", tree.START, exitsIn(before));
  assert.deepEqual(moved && shape(moved), ["c", ["next", ["d", ["next", ["a", ["next", ["b"]]]]]]]);
});

test("a step cannot move into itself, nor to where it stands", () => {
  const before = sample();
  assert.equal(tree.move(before, "b", { after: "d", exit: "next" }, exitsIn(before)), null);
  assert.equal(tree.move(before, "b", { after: "a", exit: "next" }, exitsIn(before)), null);
});

test("deleting takes everything below along, or closes the gap where one way goes on", () => {
  assert.deepEqual(tree.removeWhole(sample(), "b").steps.map((each) => each.id), ["a"]);
  assert.deepEqual(tree.removeWhole(sample(), "a").start, null);
  const closed = tree.removeOne(sample(), "a");
  assert.deepEqual(closed && shape(closed), ["b", ["yes", ["c", ["next", ["d"]]]]]);
  const forked = tree.put(sample(), { after: "b", exit: "no" }, null);
  const both = { ...tree.put(forked, { after: "b", exit: "no" }, "n"), steps: [...tree.put(forked, { after: "b", exit: "no" }, "n").steps, step("n")] };
  assert.equal(tree.removeOne(both, "b"), null);
});

test("copies have new ids, and jumps inside of what was copied lead to the copies", () => {
  const copies = tree.renewed(tree.clip(sample(), "c"), schemaOf);
  const [c, d] = copies;
  assert.equal(copies.length, 2);
  assert.ok(c && d && c.id !== "c" && d.id !== "d");
  assert.equal(c.exits["next"], d.id);
  assert.deepEqual(d.params, { target: "a", more: { list: [c.id] } });
  assert.ok(copies.every((each) => /^s[a-z0-9]{8}$/.test(each.id)));
});

test("one step copied alone leaves its ways behind", () => {
  assert.deepEqual(tree.clip(sample(), "a", true).steps.map((each) => each.exits), [{}]);
});

test("the clipboard is read as steps only where it holds some", () => {
  const text = JSON.stringify(tree.clip(sample(), "b"));
  assert.equal(tree.readClip(text)?.steps.length, 3);
  for (const other of ["", "hello", "[]", '{"format": "ismessenger.steps", "steps": []}', '{"format": "ismessenger.steps", "steps": [{"id": 1}]}', "{ismessenger.steps"]) assert.equal(tree.readClip(other), null);
});

test("steps above are listed from the nearest", () => {
  assert.deepEqual(tree.above(sample(), "d").map((each) => each.id), ["c", "b", "a"]);
});

// --- Layout -------------------------------------------------------------------------------------------------------------------------

function laid(definition: Definition, folded: string[] = []) {
  return layOut({ definition, exitsOf: (each) => EXITS[each.kind] ?? [], schemaOf, folded: new Set(folded), counted: false });
}

test("nothing overlaps, children stand below, and a parent over their middle", () => {
  const { spots } = laid(sample());
  for (const one of spots) for (const other of spots) if (one !== other) assert.ok(one.x + one.width <= other.x || other.x + other.width <= one.x || one.y + one.height <= other.y || other.y + other.height <= one.y, `${one.id} ${other.id}`);
  const found = (id: string) => spots.find((spot) => spot.id === id) ?? assert.fail(id);
  const middle = (id: string): number => found(id).x + found(id).width / 2;
  assert.ok(found("c").y > found("b").y && found("b").y > found("a").y);
  assert.equal(middle("b"), (middle("c") + middle(endId({ after: "b", exit: "no" }))) / 2);
});

test("every way on that leads nowhere is an end where a step can be added", () => {
  const { spots } = laid(sample());
  assert.deepEqual(spots.filter((spot) => spot.what === "end").map((spot) => spot.id), ["end:d:next", "end:b:no"]);
  assert.deepEqual(laid({ ...sample(), start: null, steps: [] }).spots.map((spot) => spot.id), ["trigger", "end:trigger:start"]);
});

test("a hundred steps in a row and a hundred branches are laid out", () => {
  const ids = Array.from({ length: 100 }, (_, index) => `r${index}`);
  const row = ids.map((id, index) => step(id, "say", index < 99 ? { next: `r${index + 1}` } : {}));
  assert.equal(laid({ ...sample(), start: "r0", steps: row }).spots.length, 102);
});

test("the trigger stays where it is while branches grow", () => {
  const middle = (definition: Definition): number => {
    const trigger = laid(definition).spots.find((spot) => spot.what === "trigger") ?? assert.fail();
    return trigger.x + trigger.width / 2;
  };
  const grown = tree.insert(sample(), { after: "b", exit: "no" }, [step("f", "fork")], exitsIn(sample(), [step("f", "fork")])) ?? assert.fail();
  assert.notEqual(laid(grown).spots.length, laid(sample()).spots.length);
  assert.deepEqual([middle(sample()), middle(grown), middle({ ...sample(), start: null, steps: [] })], [0, 0, 0]);
});

test("a step that no way leads to stands beside the others", () => {
  const { spots } = laid({ ...sample(), steps: [...sample().steps, step("lost")] });
  const [lost, trigger] = [spots.find((spot) => spot.id === "lost"), spots.find((spot) => spot.id === "trigger")];
  assert.ok(lost && trigger && lost.x > trigger.x + trigger.width);
});

test("what is folded away is one thing with its number, and jumps into it are not drawn", () => {
  const { spots, jumps } = laid(sample(), ["b"]);
  assert.deepEqual(spots.map((spot) => spot.id), ["trigger", "a", "b", "fold:b"]);
  assert.deepEqual(jumps, []);
  assert.deepEqual(laid(sample()).jumps, [{ from: "d", to: "a" }, { from: "d", to: "c" }]);
});

test("arrows go up, down and along a level", () => {
  const layout = laid(sample());
  const walk = (id: string, arrow: Parameters<typeof neighbour>[2]) => neighbour(layout, id, arrow)?.id ?? null;
  assert.equal(walk("trigger", "ArrowDown"), "a");
  assert.equal(walk("b", "ArrowDown"), "c");
  assert.equal(walk("c", "ArrowRight"), "end:b:no");
  assert.equal(walk("end:b:no", "ArrowLeft"), "c");
  assert.equal(walk("c", "ArrowUp"), "b");
  assert.equal(walk("trigger", "ArrowUp"), null);
});

test("a dragged step goes to the nearest place, never into itself", () => {
  const layout = laid(sample());
  const above = layout.spots.find((spot) => spot.id === "a") ?? assert.fail();
  const point = { x: above.x + above.width / 2, y: above.y - 20 };
  assert.deepEqual(nearestPlace(layout, point, new Set(["c", "d"])), tree.START);
  assert.equal(nearestPlace(layout, { x: -9999, y: 0 }, new Set()), null);
  assert.notDeepEqual(nearestPlace(layout, point, new Set(["a"])), tree.START);
});

// --- Versions -----------------------------------------------------------------------------------------------------------------------

test("two versions differ by what was added, changed and removed; the order of keys is no change", () => {
  const before = sample();
  const with_n = tree.insert(before, { after: "a", exit: "next" }, [step("n")], exitsIn(before, [step("n")])) ?? assert.fail();
  const renamed = tree.change(tree.removeWhole(with_n, "d"), "c", (each) => ({ ...each, name: "Ask" }));
  assert.deepEqual(compare(before, renamed).changes, { n: "added", c: "changed", d: "removed" });
  const turned = tree.change(before, "d", (each) => ({ ...each, params: { more: { list: ["c"] }, target: "a" } }));
  assert.deepEqual(compare(before, turned).changes, {});
  assert.deepEqual(compare(before, { ...before, trigger: { kind: "manual", params: {}, condition: {}, once: false } }).changes, { trigger: "changed" });
});

test("a step that stands elsewhere is changed", () => {
  const before = sample();
  const moved = tree.move(before, "c", { after: "b", exit: "no" }, exitsIn(before)) ?? assert.fail();
  assert.deepEqual(compare(before, moved).changes, { c: "changed" });
});

// --- Finding a kind of step ---------------------------------------------------------------------------------------------------------

test("a step is found by how its name begins before others that hold the letters somewhere", () => {
  const offers = [
    { group: "Messages", name: "Send a message", why: "Write to the contact" },
    { group: "Contact", name: "Update a field", why: "Set a field" },
    { group: "Contact", name: "Lifecycle", why: "Move the contact, or update it" },
    { group: "Logic", name: "Jump to", why: "Go on" },
    { group: "Logic", name: "Date & time", why: "Between two dates" },
  ];
  const names = (words: string): string[] => foundBy(offers, words).map((offer) => offer.name);
  assert.deepEqual(names("date"), ["Date & time", "Update a field", "Lifecycle"]);
  assert.deepEqual(names("UPDATE"), ["Update a field", "Lifecycle"]);
  assert.deepEqual(names("logic"), ["Jump to", "Date & time"]);
  assert.deepEqual(names(" "), offers.map((offer) => offer.name));
  assert.deepEqual(names("date nothing"), []);
});
