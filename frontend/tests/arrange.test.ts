import assert from "node:assert/strict";
import { test } from "node:test";
import { type Item, arrange } from "../src/inbox/arrange";

const MINUTE = 60_000;
const dayOf = (milliseconds: number) => String(Math.floor(milliseconds / (24 * 60 * MINUTE)));
const said = (minute: number, from = "contact:1", trouble = false): Item => ({ milliseconds: minute * MINUTE, from, trouble });
const event = (minute: number): Item => ({ milliseconds: minute * MINUTE, from: null, trouble: false });

test("messages of one sender within five minutes share one foot", () => {
  const joined = arrange([said(0), said(4), said(10)], dayOf).map((place) => place.joined);
  assert.deepEqual(joined, [true, false, false]);
});

test("another sender, an event between and a trouble end a group", () => {
  assert.deepEqual(arrange([said(0), said(1, "user:2")], dayOf)[0]?.joined, false);
  assert.deepEqual(arrange([said(0), event(1), said(2)], dayOf)[0]?.joined, false);
  assert.deepEqual(arrange([said(0, "user:2", true), said(1, "user:2")], dayOf)[0]?.joined, false);
});

test("a mark stands above the first item of each day", () => {
  const day = 24 * 60;
  assert.deepEqual(arrange([said(1), said(2), said(day), event(day + 1), said(2 * day)], dayOf).map((place) => place.day), [true, false, true, false, true]);
});

test("three events in a row fold, two do not", () => {
  const places = arrange([said(0), event(1), event(2), event(3), said(4), event(5), event(6)], dayOf);
  assert.deepEqual(places.map((place) => place.fold), [-1, 1, 1, 1, -1, -1, -1]);
  assert.deepEqual(places.map((place) => place.folds), [0, 3, 0, 0, 0, 0, 0]);
});

test("a fold does not reach over midnight", () => {
  const day = 24 * 60;
  const places = arrange([event(day - 2), event(day - 1), event(day), event(day + 1)], dayOf);
  assert.ok(places.every((place) => place.fold === -1));
});

test("nothing is arranged as nothing", () => {
  assert.deepEqual(arrange([], dayOf), []);
});
