import assert from "node:assert/strict";
import { test } from "node:test";
import { beginOf } from "../src/workflows/history/periods";
import { entriesOf, lightsOf, valueOf } from "../src/workflows/testing/entries";
import { conditionLines } from "../src/workflows/testing/explain";
import type { Passed } from "../src/workflows/testing/types";

function passed(step: string, entry: number, more: Partial<Passed> = {}): Passed {
  return { step, entry, entered: true, exit: "next", error: "", input: [], output: [], variables: [], effects: [], asked: [], ...more };
}

test("what a step did from its entry to its leaving is one", () => {
  const trail = [passed("a", 1, { exit: null }), passed("a", 1, { entered: false }), passed("b", 2), passed("b", 3, { exit: null })];
  assert.deepEqual(entriesOf(trail).map(({ step, exit, passes }) => [step, exit, passes.length]), [["a", "next", 2], ["b", "next", 1], ["b", null, 1]]);
});

test("the canvas shows what is done, what failed, and where the run waits", () => {
  const trail = [passed("a", 1), passed("b", 2, { error: "No" }), passed("c", 3, { exit: null })];
  assert.deepEqual(lightsOf(trail, { standing: "waiting", step: "c" }), { a: "done", b: "failed", c: "waiting" });
  assert.deepEqual(lightsOf(trail, { standing: "done", step: "c" }), { a: "done", b: "failed", c: "done" });
  assert.deepEqual(lightsOf([], null), {});
});

test("what is typed for a variable is a value of its type", () => {
  assert.deepEqual(["12", "x", ""].map((typed) => valueOf(typed, "number")), [12, "x", null]);
  assert.deepEqual(["true", "false", ""].map((typed) => valueOf(typed, "checkbox")), [true, false, null]);
  assert.equal(valueOf("12", "text"), "12");
});

test("periods begin at the reader's midnight", () => {
  const now = new Date(2026, 10, 22, 15, 30);
  assert.equal(beginOf("today", now)?.getTime(), new Date(2026, 10, 22).getTime());
  assert.equal(beginOf("week", now)?.getTime(), new Date(2026, 10, 16).getTime());
  assert.equal(beginOf("all", now), null);
});

test("conditions are told in the words of their editor", () => {
  const schema = { subjects: [{ category: "contactField", field: "email", name: "E-mail", kind: "text" }, { category: "lifecycle", kind: "choice", options: "stages" }], operators: {}, options: { stages: [[3, "Won"]] }, faults: [] };
  const words = { operators: { exists: "is known", isEqualTo: "is" }, kinds: {}, categories: { lifecycle: "Stage" }, units: { days: "days" }, statuses: {}, true: "yes", false: "no" };
  const condition = { $or: [{ category: "contactField", field: "email", operator: "exists" }, { $and: [{ category: "lifecycle", operator: "isEqualTo", value: 3 }, { category: "gone", field: "x", operator: "unknown", value: { value: 3, unit: "days" } }] }] };
  const lines = conditionLines(condition, schema as never, words as never);
  assert.deepEqual(lines, ["E-mail is known", "Stage is Won", "x unknown 3 days"]);
});
