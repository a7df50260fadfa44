import assert from "node:assert/strict";
import { test } from "node:test";
import { laterChoices, moment, wallTime } from "../src/zoned";

const BERLIN = "Europe/Berlin";

test("a clock time is the moment at which clocks of the zone show it", () => {
  assert.equal(moment("2026-01-15T09:00", BERLIN).toISOString(), "2026-01-15T08:00:00.000Z");
  assert.equal(moment("2026-07-15T09:00", BERLIN).toISOString(), "2026-07-15T07:00:00.000Z");
  assert.equal(moment("2026-07-15T09:00", "America/Los_Angeles").toISOString(), "2026-07-15T16:00:00.000Z");
  assert.equal(moment("2026-07-15T09:00", "Asia/Kathmandu").toISOString(), "2026-07-15T03:15:00.000Z");
  assert.equal(moment("2026-07-15T00:30", "Pacific/Kiritimati").toISOString(), "2026-07-14T10:30:00.000Z");
});

test("it is right on both sides of a change of the clocks", () => {
  for (const wall of ["2026-03-29T01:59", "2026-03-29T03:00", "2026-10-25T01:59", "2026-10-25T03:00"]) assert.equal(wallTime(moment(wall, BERLIN), BERLIN), wall);
  // Clocks skip this one.
  assert.equal(wallTime(moment("2026-03-29T02:30", BERLIN), BERLIN), "2026-03-29T03:30");
});

const shown = (now: string): string[] => laterChoices(new Date(now), BERLIN).map(({ name, at }) => `${name} ${wallTime(at, BERLIN)}`);

test("the choices fit the time of day and the day of the week", () => {
  assert.deepEqual(shown("2026-03-12T08:10:20Z"), ["hour 2026-03-12T10:11", "today 2026-03-12T18:00", "tomorrow 2026-03-13T09:00", "monday 2026-03-16T09:00"]);
  assert.deepEqual(shown("2026-03-12T16:00:00Z"), ["hour 2026-03-12T18:00", "tomorrow 2026-03-13T09:00", "monday 2026-03-16T09:00"]);
  assert.deepEqual(shown("2026-03-15T12:00:00Z"), ["hour 2026-03-15T14:00", "today 2026-03-15T18:00", "tomorrow 2026-03-16T09:00"]);
  assert.deepEqual(shown("2026-03-16T12:00:00Z").at(-1), "monday 2026-03-23T09:00");
  // Tomorrow the clocks have changed.
  assert.deepEqual(shown("2026-03-28T20:00:00Z").at(1), "tomorrow 2026-03-29T09:00");
});
