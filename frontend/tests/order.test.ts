import assert from "node:assert/strict";
import { test } from "node:test";
import { goesBefore, position } from "../src/inbox/order";
import { belongs } from "../src/inbox/placing";
import { pause } from "../src/live/connection";
import { isAfter } from "../src/live/sequence";
import { withReturned } from "../src/compose/drafts";

test("positions of the stream are compared by time, then by counter", () => {
  assert.ok(isAfter("1773325900001-0", "1773325900000-9"));
  assert.ok(isAfter("1773325900000-10", "1773325900000-9"));
  assert.ok(!isAfter("1773325900000-9", "1773325900000-9"));
  assert.ok(isAfter("1-0", ""));
});

test("items go by time, and by id where the time is the same", () => {
  assert.ok(goesBefore([1, 9], [2, 1]));
  assert.ok(goesBefore([1, 1], [1, 2]));
  assert.ok(!goesBefore([1, 2], [1, 2]));
});

test("a card goes before the first older one", () => {
  assert.equal(position([30, 20, 10], 25), 1);
  assert.equal(position([30, 20, 10], 40), 0);
  assert.equal(position([30, 20, 10], 5), 3);
  assert.equal(position([], 5), 0);
});

test("each list takes what its filter says", () => {
  const mine = { inbox: "mine", status: "open", memberId: "7" };
  assert.ok(belongs({ status: "open", assigneeId: "7" }, mine));
  assert.ok(!belongs({ status: "open", assigneeId: "8" }, mine));
  assert.ok(!belongs({ status: "closed", assigneeId: "7" }, mine));
  assert.ok(belongs({ status: "open", assigneeId: "" }, { ...mine, inbox: "unassigned" }));
  assert.ok(!belongs({ status: "open", assigneeId: "7" }, { ...mine, inbox: "unassigned" }));
  assert.ok(belongs({ status: "closed", assigneeId: "8" }, { ...mine, inbox: "all", status: "closed" }));
});

test("pauses between attempts double, scatter and have an end", () => {
  assert.equal(pause(0, 1), 400);
  assert.equal(pause(0, 0), 200);
  assert.equal(pause(3, 1), 3200);
  assert.equal(pause(30, 1), 30_000);
});

test("words that come back stand before what was written meanwhile", () => {
  assert.equal(withReturned("Too late", " "), "Too late");
  assert.equal(withReturned("Too late", "New"), "Too late\n\nNew");
});
