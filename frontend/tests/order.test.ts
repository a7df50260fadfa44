import assert from "node:assert/strict";
import { test } from "node:test";
import { cardKey, goesBefore, position } from "../src/inbox/order";
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

const card = (contactId: number, sort: number | "", opened = 0): DOMStringMap => ({ contactId: String(contactId), sort: String(sort), opened: String(opened) });

test("a card goes where its list sorts it, by id where the time is the same", () => {
  const keys = [card(3, 30), card(2, 20), card(1, 20)].map((each) => cardKey(each, "newest"));
  assert.equal(position(keys, cardKey(card(9, 25), "newest"), "newest"), 1);
  assert.equal(position(keys, cardKey(card(9, 40), "newest"), "newest"), 0);
  assert.equal(position(keys, cardKey(card(0, 20), "newest"), "newest"), 3);
  assert.equal(position([], cardKey(card(9, 5), "newest"), "newest"), 0);
  const rising = [card(1, 10), card(2, 20)].map((each) => cardKey(each, "oldest"));
  assert.equal(position(rising, cardKey(card(3, 15), "oldest"), "oldest"), 1);
  const longest = [card(1, 99, 10), card(2, 98, 20)].map((each) => cardKey(each, "longest"));
  assert.equal(position(longest, cardKey(card(3, 1, 15), "longest"), "longest"), 1);
});

test("who never wrote comes last, whichever way the list goes", () => {
  for (const sort of ["newest", "oldest"] as const) assert.equal(position([cardKey(card(1, 10), sort)], cardKey(card(2, ""), sort), sort), 1);
});

test("each list takes what its filter says", () => {
  const facts = { status: "open", assigneeId: "7", teamId: "3", stageId: "", blocked: false, unreplied: false };
  const mine = { inbox: "mine", status: "open", unreplied: false, memberId: "7" };
  assert.ok(belongs(facts, mine));
  assert.ok(!belongs({ ...facts, assigneeId: "8" }, mine));
  assert.ok(!belongs({ ...facts, status: "closed" }, mine));
  assert.ok(!belongs({ ...facts, status: "snoozed" }, mine));
  assert.ok(belongs({ ...facts, status: "snoozed" }, { ...mine, status: "snoozed" }));
  assert.ok(belongs({ ...facts, status: "closed" }, { ...mine, status: "all" }));
  assert.ok(belongs({ ...facts, assigneeId: "" }, { ...mine, inbox: "unassigned" }));
  assert.ok(!belongs(facts, { ...mine, inbox: "unassigned" }));
  assert.ok(belongs({ ...facts, status: "closed", assigneeId: "8" }, { ...mine, inbox: "all", status: "closed" }));
  assert.ok(belongs(facts, { ...mine, inbox: "team-3" }));
  assert.ok(!belongs(facts, { ...mine, inbox: "team-33" }));
  assert.ok(!belongs(facts, { ...mine, inbox: "stage-3" }));
  assert.ok(belongs({ ...facts, stageId: "3" }, { ...mine, inbox: "stage-3" }));
  assert.ok(!belongs(facts, { ...mine, unreplied: true }));
  assert.ok(belongs({ ...facts, unreplied: true }, { ...mine, unreplied: true }));
});

test("whoever is blocked is in the list of the blocked and in no other", () => {
  const facts = { status: "open", assigneeId: "7", teamId: "", stageId: "", blocked: true, unreplied: true };
  for (const inbox of ["all", "mine", "custom-4"]) assert.equal(belongs(facts, { inbox, status: "all", unreplied: false, memberId: "7" }), false);
  assert.ok(belongs(facts, { inbox: "blocked", status: "all", unreplied: false, memberId: "7" }));
});

test("what a custom inbox holds only the server knows", () => {
  const facts = { status: "open", assigneeId: "7", teamId: "", stageId: "", blocked: false, unreplied: true };
  assert.equal(belongs(facts, { inbox: "custom-4", status: "open", unreplied: false, memberId: "7" }), undefined);
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
