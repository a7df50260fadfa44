import assert from "node:assert/strict";
import { before, test } from "node:test";
import * as words from "../src/words";

const NOW = new Date("2026-03-12T14:32:00Z");
const earlier = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000);
const say = (lang: string) => Object.assign(globalThis, { document: { documentElement: { lang } } });

before(() => say("en"));

test("a time is told as short as can be", () => {
  assert.equal(words.ago(earlier(0), NOW, "now"), "now");
  assert.equal(words.ago(earlier(4), NOW, "now"), "4m");
  assert.equal(words.ago(earlier(130), NOW, "now"), "2h");
  assert.equal(words.ago(earlier(60 * 30), NOW, "now"), "Wed");
  assert.equal(words.ago(earlier(60 * 24 * 30), NOW, "now"), "Feb 10");
});

test("what is left is never below nothing", () => {
  assert.equal(words.left(earlier(-200), NOW), "3 hr");
  assert.equal(words.left(earlier(-60 * 24 * 3), NOW), "3 days");
  assert.equal(words.left(earlier(5), NOW), "0 min");
});

test("a moment ahead is told as short as can be", () => {
  const soon = (minutes: number) => words.soon(earlier(-minutes), NOW).replace(/\s/g, " ");
  assert.equal(soon(60), "3:32 PM");
  assert.equal(soon(60 * 24), "Fri 2:32 PM");
  assert.equal(soon(60 * 24 * 6), "Wed 2:32 PM");
  assert.equal(soon(60 * 24 * 7), "Mar 19");
  assert.equal(words.when(new Date("2025-03-02T09:05:00Z")).replace(/\s/g, " "), "Sun, Mar 2, 2025, 9:05 AM");
});

test("days near now have names", () => {
  assert.equal(words.day(NOW, NOW), "Today");
  assert.equal(words.day(earlier(60 * 24), NOW), "Yesterday");
  assert.equal(words.day(earlier(60 * 24 * 3), NOW), "Monday");
  assert.equal(words.day(new Date("2025-03-02T12:00:00Z"), NOW), "Sun, Mar 2, 2025");
});

test("counted words take the form of their language", () => {
  assert.equal(words.counted({ one: "%(num)s event", other: "%(num)s events" }, 1), "1 event");
  assert.equal(words.counted({ one: "%(num)s event", other: "%(num)s events" }, 5), "5 events");
  say("pl");
  assert.equal(words.counted({ one: "a", few: "%(num)s zdarzenia", many: "b", other: "c" }, 3), "3 zdarzenia");
  say("en");
});

test("names are filled in and unknown ones stay", () => {
  assert.equal(words.filled("%(name)s is writing…", { name: "Ada" }), "Ada is writing…");
  assert.equal(words.filled("%(name)s", {}), "%(name)s");
});

test("times are told in the zone that the reader chose", () => {
  const document = { documentElement: { lang: "en-GB" }, querySelector: () => ({ content: "Asia/Tokyo" }) };
  Object.assign(globalThis, { document });
  assert.equal(words.clock(new Date("2026-03-12T20:00:00Z")), "05:00");
  assert.equal(words.dayKey(new Date("2026-03-12T20:00:00Z")), "2026-03-13");
  assert.equal(words.day(new Date("2026-03-12T14:30:00Z"), new Date("2026-03-12T16:00:00Z")), "Yesterday");
  say("en");
});
