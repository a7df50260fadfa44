import assert from "node:assert/strict";
import { test } from "node:test";
import { isFinished, leavesOf, newLeaf, read, written } from "../src/conditions/tree";

const TAGGED = { category: "contactTag", operator: "hasAnyOf", value: [1, 2] };
const NAMED = { category: "contactField", field: "firstName", operator: "contains", value: "Ada" };

test("what is read is written as it was", () => {
  const json = { $and: [TAGGED, { $or: [NAMED, { category: "assignee", operator: "doesNotExist" }] }] };
  assert.deepEqual(written(read(json, [])), json);
});

test("a fault belongs to the leaf at its place, however deep", () => {
  const tree = read({ $and: [TAGGED, { $or: [NAMED, TAGGED] }] }, ["", "gone", ""]);
  assert.deepEqual(leavesOf(tree).map((leaf) => leaf.fault), ["", "gone", ""]);
});

test("what is not finished is left out, and groups that hold nothing else", () => {
  const tree = read({ $and: [TAGGED, { $or: [] }] }, []);
  tree.items.push(newLeaf(), { joiner: "$or", items: [newLeaf()] });
  assert.deepEqual(written(tree), { $and: [TAGGED] });
});

test("a condition is finished when its values are there", () => {
  const finished = (operator: string, value: unknown): boolean => isFinished({ ...newLeaf(), category: "contactField", operator, value: value as never });
  for (const [operator, value] of [["exists", undefined], ["isEqualTo", "x"], ["isEqualTo", false], ["isEqualTo", 0], ["isBetween", [0, 1]], ["hasAnyOf", [1]]] as const) {
    assert.ok(finished(operator, value), operator);
  }
  for (const [operator, value] of [["isEqualTo", undefined], ["isEqualTo", ""], ["isEqualTo", Number.NaN], ["isBetween", [1, undefined]], ["hasAnyOf", []], ["isGreaterThan", { value: Number.NaN, unit: "days" }]] as const) {
    assert.ok(!finished(operator, value), operator);
  }
});

test("nothing stored is everybody", () => {
  assert.deepEqual(written(read(undefined, [])), { $and: [] });
});
