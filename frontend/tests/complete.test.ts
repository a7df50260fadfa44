import assert from "node:assert/strict";
import { test } from "node:test";
import { type Emoji, type Trigger, askedFor, emojiFor, hasVariables } from "../src/compose/complete";

const EVERYTHING = new Set<Trigger>(["/", "$", "@", "::"]);
const asked = (text: string, offered: ReadonlySet<Trigger> = EVERYTHING) => {
  const token = askedFor(text, text.length, offered);
  return token && [token.trigger, token.query, token.start];
};

test("a trigger counts at the beginning of a word", () => {
  assert.deepEqual(asked("/"), ["/", "", 0]);
  assert.deepEqual(asked("Hello /opening ho"), ["/", "opening ho", 6]);
  assert.deepEqual(asked("Hello /#After sales"), ["/", "#After sales", 6]);
  assert.deepEqual(asked("Dear $con"), ["$", "con", 5]);
  assert.deepEqual(asked("($first name"), ["$", "first name", 1]);
  assert.deepEqual(asked("ask @Bo Lind"), ["@", "Bo Lind", 4]);
  assert.deepEqual(asked("ask @Bo Lindqvist and @A"), ["@", "A", 22]);
  assert.deepEqual(asked("well ::thumbs u"), ["::", "thumbs u", 5]);
  assert.deepEqual(asked("one\n/two"), ["/", "two", 4]);
  assert.deepEqual(asked("/he $fi"), ["$", "fi", 4]);
  assert.deepEqual(asked("@Bo, say ::thumbs"), ["::", "thumbs", 9]);
  assert.deepEqual(asked("ask @Bo /two"), ["/", "two", 8]);
});

test("an address, a fraction, a price and a sum are none", () => {
  for (const text of ["and/or", "https://example.com/x", "1 / 2", "a//b", "$5", "it costs 5$", "{{$contact.name", "a@b.example", "at @ noon", "std::string", "::", ":: )", "/two\nlines", "/gone/"]) {
    assert.equal(asked(text), null, text);
  }
});

test("only what a place offers is asked for there, and only before the caret", () => {
  assert.equal(asked("@Bo", new Set<Trigger>(["/"])), null);
  assert.equal(askedFor("/hello", 0, EVERYTHING), null);
  assert.deepEqual(askedFor("/hello", 3, EVERYTHING), { trigger: "/", query: "he", start: 0 });
});

test("emoji are found by all their words, those that begin with it first", () => {
  const all: Emoji[] = [["😺", "grinning cat"], ["🐈", "cat pet"], ["👍", "thumbs up +1 good"], ["🫶", "heart hands"]];
  assert.deepEqual(emojiFor("cat", all, 9).map(([character]) => character), ["🐈", "😺"]);
  assert.deepEqual(emojiFor("up_thumbs", all, 9).map(([character]) => character), ["👍"]);
  assert.equal(emojiFor("a", all, 1).length, 1);
});

test("variables are told from other braces", () => {
  assert.ok(hasVariables("Hello {{ $contact.name }}"));
  assert.ok(hasVariables("Hello $contact.name"));
  assert.ok(!hasVariables("{{@user.7}} $cash.flow US$contact.name $5 {{x}}"));
});
