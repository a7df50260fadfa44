import { useEffect, useState } from "preact/hooks";
import { say } from "../say";
import type { Json } from "../types";
import { useForm } from "./context";
import type { InputProps } from "./field_input";
import { Faults } from "./schema_form";
import type { Shape } from "./shape";
import { numberOf, same, variableTyped } from "./values";

type Of<Kind extends Shape["is"]> = InputProps & { shape: Extract<Shape, { is: Kind }> };

export function TextInput({ field, shape, value, path, id, described }: Of<"text">) {
  const { change } = useForm();
  const put = (typed: string): void => change(path, typed === "" && field.optional ? null : shape.named ? variableTyped(typed) : typed);
  const kind: object = { type: shape.input, spellcheck: !shape.named };
  return <input id={id} class="input" {...kind} value={typeof value === "string" ? value : ""} placeholder={field.placeholder} autocomplete="off" {...described} onInput={(event) => put(event.currentTarget.value)} />;
}

/** A number is typed as text: what is not finished yet ("1,") stays as it is. */
export function NumberInput({ field, shape, value, path, id, described }: Of<"number">) {
  const { change } = useForm();
  const [typed, type] = useState(value === null ? "" : String(value));
  useEffect(() => {
    if (numberOf(typed, shape.whole) !== value) type(value === null ? "" : String(value));
  }, [value]);
  const put = (text: string): void => {
    type(text);
    const number = numberOf(text, shape.whole);
    if (number !== undefined) change(path, number);
  };
  const wrong = numberOf(typed, shape.whole) === undefined;
  return (
    <>
      <input id={id} class="input form-short" type="text" inputMode={shape.whole ? "numeric" : "decimal"} value={typed} placeholder={field.placeholder} autocomplete="off" {...described} {...(wrong ? { "aria-invalid": "true" as const } : {})} onInput={(event) => put(event.currentTarget.value)} />
      {wrong && <Faults words={[say(shape.whole ? "form_no_whole_number" : "form_no_number")]} />}
    </>
  );
}

export function ChoiceInput({ field, shape, value, path, id, described }: Of<"choice">) {
  const { change } = useForm();
  const known = shape.options.some((option) => same(option.value, value));
  const chosen = (index: string): Json => (index === "" ? null : (shape.options[Number(index)]?.value ?? null));
  return (
    <select id={id} class="select" {...described} onChange={(event) => change(path, chosen(event.currentTarget.value))}>
      {(field.optional || !known) && <option value="" selected={!known}>{field.placeholder || say(field.optional ? "form_none" : "form_choose")}</option>}
      {shape.options.map((option, index) => (
        <option key={index} value={String(index)} selected={same(option.value, value)}>
          {option.words}
        </option>
      ))}
    </select>
  );
}

/** Several of a few. */
export function ChoicesInput({ shape, value, path, id }: Of<"choices">) {
  const { change } = useForm();
  const held = Array.isArray(value) ? value : [];
  const has = (each: Json): boolean => held.some((other) => same(other, each));
  return (
    <ul class="form-ticks" id={id}>
      {shape.options.map((option) => (
        <li key={String(option.value)}>
          <label class="form-switch">
            <input class="checkbox checkbox-sm checkbox-primary" type="checkbox" checked={has(option.value)} onChange={(event) => change(path, event.currentTarget.checked ? [...held, option.value] : held.filter((other) => !same(other, option.value)))} />
            <span>{option.words}</span>
          </label>
        </li>
      ))}
    </ul>
  );
}

/** What no other input knows is written as JSON; what is none yet is kept here and not in the draft. */
export function JsonInput({ field, value, path, id, described }: InputProps) {
  const { change } = useForm();
  const shown = value === null ? "" : JSON.stringify(value, null, 2);
  const [typed, type] = useState(shown);
  useEffect(() => {
    const held = parsed(typed);
    if (held === undefined || !same(held, value)) type(shown);
  }, [shown]);
  const put = (text: string): void => {
    type(text);
    const json = parsed(text);
    if (json !== undefined) change(path, json);
  };
  const wrong = parsed(typed) === undefined;
  return (
    <>
      <textarea id={id} class="textarea form-code" rows={4} spellcheck={false} value={typed} placeholder={field.placeholder || "{ }"} {...described} {...(wrong ? { "aria-invalid": "true" as const } : {})} onInput={(event) => put(event.currentTarget.value)} />
      {wrong && <Faults words={[say("form_no_json")]} />}
    </>
  );
}

function parsed(text: string): Json | undefined {
  if (text.trim() === "") return null;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
