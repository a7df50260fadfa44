import assert from "node:assert/strict";
import { test } from "node:test";
import type { Trigger } from "../src/compose/complete";
import { insertion, matching, namesIn, pieces, tokenAt } from "../src/workflows/forms/complete";
import { countUnder, placed, placesOf } from "../src/workflows/forms/problems";
import { inReach, type Offer, secretsOf, stepsAsThings } from "../src/workflows/forms/reach";
import { keysOf, variableName } from "../src/workflows/forms/sample";
import { type Field, fieldsOf, known } from "../src/workflows/forms/shape";
import { cloned, freshGroup, freshValue, freshVariant, isShown, lengthOf, moved, numberOf, replaced } from "../src/workflows/forms/values";
import type { Builder } from "../src/workflows/store";
import type { Definition, Kind, Params, Schema } from "../src/workflows/types";

// As pydantic writes it.
const SCHEMA: Schema = {
  type: "object",
  $defs: {
    Duration: {
      type: "object",
      title: "Duration",
      description: "A length of time. Limits are the step's.",
      required: ["value", "unit"],
      properties: { value: { type: "integer", minimum: 1, maximum: 7, title: "Value" }, unit: { type: "string", enum: ["minutes", "hours", "days"], title: "Unit" } },
    },
    Outgoing: {
      type: "object",
      title: "Outgoing",
      properties: {
        text: { type: "string", widget: "words", maxLength: 2000, default: "", title: "Message" },
        file_ids: { type: "array", items: { type: "integer" }, thing: "file", maxItems: 5, default: [], title: "Files" },
      },
    },
    Branch: {
      type: "object",
      title: "Branch",
      required: ["id", "name"],
      properties: { id: { type: "string", title: "Id" }, name: { type: "string", maxLength: 40, title: "Name" }, condition: { type: "object", additionalProperties: true, widget: "conditions", default: { $and: [] } } },
    },
    Number: { type: "object", properties: { type: { const: "number", type: "string", title: "A number" }, least: { anyOf: [{ type: "number" }, { type: "null" }], default: null, title: "Least" }, help: { type: "string", default: "", title: "Help" } } },
    Text: { type: "object", properties: { type: { const: "text", type: "string", title: "Type" }, help: { type: "string", default: "", title: "Help" } } },
  },
  required: ["to", "times"],
  properties: {
    channel_id: { anyOf: [{ type: "integer" }, { type: "null" }], default: null, thing: "channel", title: "Channel", placeholder: "Last channel", where: { kind: ["telegram"] } },
    tag_ids: { type: "array", items: { type: "integer" }, thing: "tag", create: "names", maxItems: 3, default: [], title: "Tags" },
    names: { type: "array", items: { type: "string" }, default: [], title: "Names" },
    message: { $ref: "#/$defs/Outgoing", widget: "message", default: { text: "", file_ids: [] } },
    within: { anyOf: [{ $ref: "#/$defs/Duration" }, { type: "null" }], default: null, title: "Give up after", description: "Then it goes on by its own way." },
    pool: { type: "string", enum: ["team", "nobody"], labels: { team: "One of a team" }, default: "team", title: "To" },
    online_only: { type: "boolean", default: false, title: "Only online", when: { pool: ["team"] }, advanced: true },
    branches: { type: "array", items: { $ref: "#/$defs/Branch" }, minItems: 1, maxItems: 9, item: "branch", title: "Branches", default: [] },
    asked: { oneOf: [{ $ref: "#/$defs/Text" }, { $ref: "#/$defs/Number" }], discriminator: { propertyName: "type", mapping: {} }, title: "Kind of answer" },
    to: { type: "string", thing: "step", title: "Step" },
    times: { type: "integer", exclusiveMinimum: 0, maximum: 10, title: "Times" },
    headers: { type: "array", widget: "headers", items: { type: "object", properties: { name: { type: "string" }, value: { type: "string", widget: "text" } } }, default: [] },
    day: { anyOf: [{ type: "string", format: "date" }, { type: "null" }], default: null },
    note: { type: "string", maxLength: 1000, default: "" },
    free: { type: "object", additionalProperties: true, default: {} },
  },
};

const fields = fieldsOf(SCHEMA);
const named = (name: string): Field => fields.find((field) => field.name === name) as Field;

test("every type of a schema has the shape that it is edited with", () => {
  const shapes = Object.fromEntries(fields.map(({ name, shape }) => [name, shape.is]));
  assert.deepEqual(shapes, {
    channel_id: "thing", tag_ids: "thing", names: "list", message: "message", within: "duration", pool: "choice", online_only: "switch", branches: "list",
    asked: "union", to: "thing", times: "number", headers: "list", day: "text", note: "text", free: "json",
  });
  assert.deepEqual(named("channel_id").shape, { is: "thing", thing: "channel", several: false, most: undefined, where: { kind: ["telegram"] }, create: "", numbers: true });
  assert.deepEqual(named("times").shape, { is: "number", whole: true, least: 1, most: 10 });
  assert.equal((named("day").shape as { input: string }).input, "date");
  assert.equal((named("note").shape as { many: boolean }).many, true);
  assert.equal((named("headers").shape as { compact: boolean }).compact, true);
  assert.deepEqual([named("message").shape.is === "message" && named("message").shape], [{ ...named("message").shape, most: 2000, files: 5 }]);
});

test("words of a field are those beside it, not those of a model's docstring", () => {
  assert.deepEqual([named("within").label, named("within").help, named("within").optional], ["Give up after", "Then it goes on by its own way.", true]);
  assert.equal(named("message").help, "");
  assert.equal(named("channel_id").placeholder, "Last channel");
  assert.equal(named("free").label, "Free");
  assert.deepEqual((named("pool").shape as { options: unknown }).options, [{ value: "team", words: "One of a team" }, { value: "nobody", words: "Nobody" }]);
  const asked = named("asked").shape;
  assert.deepEqual(asked.is === "union" && asked.variants.map(({ value, words }) => [value, words]), [["text", "Text"], ["number", "A number"]]);
});

test("a model that holds itself ends in JSON", () => {
  const endless: Schema = { $defs: { Node: { type: "object", properties: { inner: { $ref: "#/$defs/Node" }, more: { type: "array", items: { $ref: "#/$defs/Node" } } } } }, $ref: "#/$defs/Node" };
  assert.equal(fieldsOf(endless)[0]?.shape.is, "group");
});

test("something new has the defaults of its model, and what is needed where there are none", () => {
  const fresh = freshGroup(fields);
  assert.deepEqual([fresh["channel_id"], fresh["pool"], fresh["to"], fresh["times"], fresh["branches"]], [null, "team", null, null, []]);
  assert.deepEqual(fresh["asked"], { type: "text", help: "" });
  const branch = named("branches").shape;
  assert.ok(branch.is === "list");
  const item = freshValue(branch.item) as Params;
  assert.match(String(item["id"]), /^b[a-z0-9]{7}$/);
  assert.deepEqual([item["name"], item["condition"]], ["", { $and: [] }]);
  const copy = cloned({ ...item, name: "VIP" }, branch.item) as Params;
  assert.equal(copy["name"], "VIP");
  assert.notEqual(copy["id"], item["id"]);
});

test("another variant keeps what both have in common", () => {
  const asked = named("asked").shape;
  assert.ok(asked.is === "union");
  const number = freshVariant(asked.by, "number", asked.variants[1]?.fields ?? [], { type: "text", help: "In years" });
  assert.deepEqual(number, { type: "number", least: null, help: "In years" });
});

test("a field is shown where its neighbours have the values that it asks for", () => {
  assert.equal(isShown(named("online_only"), { pool: "team" }), true);
  assert.equal(isShown(named("online_only"), { pool: "nobody" }), false);
  assert.equal(isShown(named("names"), {}), false); // the choice of tags writes it
});

test("a value deep inside is replaced and nothing else is touched", () => {
  const whole = { a: [{ b: 1 }, { b: 2 }], c: { d: 3 } };
  const changed = replaced(whole, ["a", 1, "b"], 5) as typeof whole;
  assert.deepEqual(changed, { a: [{ b: 1 }, { b: 5 }], c: { d: 3 } });
  assert.equal(changed.a[0], whole.a[0]);
  assert.equal(changed.c, whole.c);
  assert.deepEqual(replaced(null, ["x", "y"], true), { x: { y: true } });
  assert.deepEqual(moved(["a", "b", "c"], 0, 2), ["b", "c", "a"]);
  assert.deepEqual(moved(["a", "b", "c"], 2, 0), ["c", "a", "b"]);
  assert.deepEqual([numberOf("1,5", false), numberOf(" 7 ", true), numberOf("", true), numberOf("1,5", true), numberOf("x", false)], [1.5, 7, null, undefined, undefined]);
  assert.equal(lengthOf("a👍"), 2);
});

test("a problem stands beside its field, or at the nearest one that is shown", () => {
  const values: Params = { pool: "nobody", branches: [{ id: "b1", name: "" }], asked: { type: "number", least: null }, message: { text: "" } };
  const places = placesOf(fields, values);
  assert.ok(places.has("branches.0.name") && places.has("asked.least") && places.has("message.text"));
  assert.ok(!places.has("online_only") && !places.has("branches.0.id"));
  const at = (field: string): string | undefined => [...placed([{ step: "s1", field, words: "No." }], places).keys()][0];
  assert.equal(at("branches.0.name"), "branches.0.name");
  assert.equal(at("branches[0].name"), "branches.0.name");
  assert.equal(at("asked.number.least"), "asked.least");
  assert.equal(at("branches.0.condition.$and.1"), "branches.0.condition");
  assert.equal(at("branches.7.name"), "branches");
  assert.equal(at("online_only"), "");
  assert.equal(at(""), "");
  const said = placed([{ step: "s1", field: "to", words: "Choose." }, { step: "s1", field: "to", words: "Choose." }, { step: "s1", field: "branches.0.name", words: "Name it." }], places);
  assert.deepEqual([said.get("to"), countUnder(said, "branches"), countUnder(said, "branches.1")], [["Choose."], 1, 0]);
});

const variable = (name: string, label = name): Offer => ({ name, label, type: "text", options: [], from: "" });
const OFFERS = [variable("answer", "Answer to the question"), variable("contact.name", "Name"), variable("contact.firstname", "First name"), variable("contact.id", "ID"), variable("code", "Code"), variable("code_2", "Second code")];

const EVERYTHING = new Set<Trigger>(["/", "$", "@", "::"]);

test("a dollar sign at the beginning of a word asks for a variable, also in braces", () => {
  const asked = (text: string): unknown => {
    const found = tokenAt(text, text.length, EVERYTHING);
    return found && [found.query, found.start];
  };
  assert.deepEqual(asked("Hi $"), ["", 3]);
  assert.deepEqual(asked("Hi $contact.f"), ["contact.f", 3]);
  assert.deepEqual(asked("https://x.example/?id=$con"), ["con", 22]);
  assert.deepEqual(asked("Hi {{ $na"), ["na", 3]);
  for (const text of ["it costs 5$", "$5", "US$a", "$contact name", "Hi"]) assert.equal(asked(text), null, text);
});

test("a text that people read is offered what the composer offers, and others only what they say", () => {
  const asked = (text: string, ...offered: Trigger[]): string | undefined => tokenAt(text, text.length, new Set(offered))?.trigger;
  assert.deepEqual(["Hi /op", "Hi ::wa", "ask @Bo", "Hi $na"].map((text) => asked(text, ...EVERYTHING)), ["/", "::", "@", "$"]);
  assert.deepEqual(["Hi /op", "Hi ::wa", "ask @Bo", "Hi $na"].map((text) => asked(text, "$")), [undefined, undefined, undefined, "$"]);
  assert.equal(asked("/hello $na", ...EVERYTHING), "$");
});

test("variables are found by the beginning of their names, then by words of their labels", () => {
  assert.deepEqual(matching(OFFERS, "co").map(({ name }) => name), ["contact.name", "contact.firstname", "contact.id", "code", "code_2"]);
  assert.deepEqual(matching(OFFERS, "first").map(({ name }) => name), ["contact.firstname"]);
  assert.deepEqual(matching(OFFERS, "question").map(({ name }) => name), ["answer"]);
  assert.deepEqual(matching(OFFERS, "zzz"), []);
});

test("what is chosen takes the place of what was typed", () => {
  const put = (text: string, caret: number, offer: { name: string; written?: string }): string => {
    const token = tokenAt(text, caret, EVERYTHING) ?? { trigger: "$", query: "", start: caret };
    return text.slice(0, token.start) + insertion(text, caret, token, offer) + text.slice(caret);
  };
  assert.equal(put("Hi $con, welcome", 7, { name: "contact.name" }), "Hi $contact.name, welcome");
  assert.equal(put("Hi ", 3, { name: "contact.shoe-size" }), "Hi {{$contact.shoe-size}}");
  assert.equal(put("{{$na", 5, { name: "name" }), "{{$name}}");
  assert.equal(put('{{$na | "there"}}', 5, { name: "name" }), '{{$name | "there"}}');
  assert.equal(put("Bearer $sec", 11, { name: "secret.KEY", written: "{{secret.KEY}}" }), "Bearer {{secret.KEY}}");
  assert.equal(put("Bearer {{ $sec", 14, { name: "secret.KEY", written: "{{secret.KEY}}" }), "Bearer {{secret.KEY}}");
});

test("known variables of a text are pieces of it, the longest name counts", () => {
  assert.deepEqual(namesIn('Hi $contact.firstname. {{$code_2 | "none"}} $code_2 $code, $unknown $codex', OFFERS), ["contact.firstname", "code_2", "code"]);
  const text = "Hi $contact.name. Bye";
  assert.deepEqual(pieces(text, OFFERS).map(({ words }) => words), ["Hi ", "$contact.name", ". Bye"]);
  assert.equal(pieces(text, OFFERS).map(({ words }) => words).join(""), text);
});

const step = (id: string, exits: Record<string, string>, name = ""): Definition["steps"][number] => ({ id, kind: "ask", name, note: "", params: {}, exits });
const TREE: Definition = {
  format: 1, trigger: null, hands: { reply: "end", assignment: "go_on", closing: "end" }, start: "a",
  steps: [step("a", { next: "b" }, "Ask age"), step("b", { yes: "c", no: "d" }), step("c", {}), step("d", {})],
};
const look = (...names: string[]) => ({ summary: "", exits: [], variables: names.map((name) => ({ name, label: name, type: "text" as const, options: [] })) });

test("a step reaches the variables of the steps before it, nearest first, of the trigger and the standing ones", () => {
  const kinds = [{ kind: "ask", name: "Ask a question" } as Kind];
  const now = {
    definition: { ...TREE, trigger: { kind: "opened", params: {}, condition: {}, once: false } },
    looks: { trigger: look("source"), a: look("age", "twice"), b: look("twice"), c: look("late") },
    data: { steps: kinds, triggers: [{ kind: "opened", name: "Opened" } as Kind], variables: look("contact.name").variables, things: { secret: [{ id: "KEY", name: "KEY" }] } },
  } as unknown as Builder;
  const reach = (at: string): unknown => inReach(now, at).map(({ name, from }) => [name, from]);
  assert.deepEqual(reach("d"), [["twice", "Ask a question"], ["age", "Ask age"], ["source", "Opened"], ["contact.name", ""]]);
  assert.deepEqual(reach("a"), [["source", "Opened"], ["contact.name", ""]]);
  assert.deepEqual(reach("trigger"), [["source", "Opened"], ["contact.name", ""]]);
  assert.deepEqual(stepsAsThings(now, "b").map(({ name }) => name), ["Ask age", "Ask a question (2)", "Ask a question (3)"]);
  assert.deepEqual(secretsOf(now).map(({ written }) => written), ["{{secret.KEY}}"]);
});

test("keys of a sample lead to their values, and name variables", () => {
  const keys = keysOf({ id: 7, data: { "first name": "Ada", phones: ["1", "2"] }, none: null });
  assert.deepEqual(keys.map(({ path }) => path), ["$.id", "$.data", '$.data["first name"]', "$.data.phones", "$.data.phones[0]", "$.data.phones[1]", "$.none"]);
  assert.deepEqual(keys.filter(({ leaf }) => leaf).map(({ shown }) => shown), ["7", "Ada", "1", "2", "null"]);
  assert.equal(keysOf(Array.from({ length: 500 }, () => ({ a: 1 })), 200).length <= 200, true);
  assert.equal(variableName("firstName", []), "first_name");
  assert.equal(variableName("1. Größe!", ["id"]), "grosse");
  assert.equal(variableName("id", ["id", "id_2"]), "id_3");
});

test("settings that the schema has no place for are left out, also inside of others", () => {
  const schema: Schema = { $defs: { Part: { properties: { text: { type: "string" } } } }, properties: { part: { $ref: "#/$defs/Part" }, parts: { type: "array", items: { $ref: "#/$defs/Part" } }, any: {}, map: { type: "object", additionalProperties: { type: "string" } } } };
  const clean: Params = { part: { text: "a" }, parts: [{ text: "b" }], any: { kept: 1 }, map: { kept: "c" } };
  const strange: Params = { ...clean, tags: [1], constructor: 2, part: { text: "a", more: 1 }, parts: [{ text: "b", more: [] }] };
  assert.deepEqual(known(strange, schema), clean);
  assert.deepEqual(known(clean, schema), clean);
});
