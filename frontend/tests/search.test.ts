import assert from "node:assert/strict";
import { test } from "node:test";
import { fit } from "../src/search/fuzzy";
import { replaced, tokenAt } from "../src/search/token";

test("a line of the palette fits by words, beginnings, parts and letters in order", () => {
  assert.ok(fit("", "Anything") > 0);
  assert.ok(fit("close conv", "Close conversation") > 0);
  assert.ok(fit("zoe", "Zoë") > 0);
  assert.ok(fit("clcv", "Close conversation") > 0);
  assert.equal(fit("xyz", "Close conversation"), 0);
  assert.equal(fit("close nothing", "Close conversation"), 0);
  assert.ok(fit("tag", "Tags") > fit("tag", "Settings: Tags"));
  assert.ok(fit("tag", "Settings: Tags") > fit("tag", "Stage"));
  assert.equal(fit("(", "Tags"), 0);
});

test("the piece before the caret is a word or a filter with its value in quotes", () => {
  assert.deepEqual(tokenAt("lamp ta", 7), { text: "ta", start: 5, end: 7 });
  assert.deepEqual(tokenAt('tag:"Big cu', 11), { text: 'tag:"Big cu', start: 0, end: 11 });
  assert.deepEqual(tokenAt("lamp ", 5), { text: "", start: 5, end: 5 });
  assert.deepEqual(replaced("lamp ta more", { text: "ta", start: 5, end: 7 }, "tag:vip "), { line: "lamp tag:vip more", caret: 13 });
});
