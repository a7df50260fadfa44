import { useContext, useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import { Icon } from "../icon";
import { say } from "../say";
import type { Json, Params } from "../types";
import { ChannelContext, idOf, useForm } from "./context";
import { FieldInput } from "./field_input";
import { countUnder } from "./problems";
import type { Field } from "./shape";
import { type Path, emptyOf, filledIn, isGroup, isShown, same } from "./values";

/** The fields of a model, one below the other; those for the few are folded away. */
export function SchemaForm({ fields, values: given, path = [] }: { fields: readonly Field[]; values: Params; path?: Path }) {
  const values = filledIn(fields, given);
  const { things, said } = useForm();
  const around = useContext(ChannelContext);
  const channel = typeof values["channel_id"] === "number" ? values["channel_id"] : around;
  const shown = fields.filter((field) => isShown(field, values) && fitsChannel(field, channel, things["channel"] ?? []));
  const advanced = shown.filter((field) => field.advanced);
  const row = (field: Field) => <FieldRow key={field.name} field={field} value={values[field.name] ?? null} path={[...path, field.name]} />;
  const used = advanced.some((field) => !isUntouched(field, values[field.name]) || countUnder(said, [...path, field.name].join(".")) > 0);
  return (
    <ChannelContext.Provider value={channel}>
      {shown.filter((field) => !field.advanced).map(row)}
      {advanced.length > 0 && (
        <Folded words={say(path.length > 0 ? "form_more" : "form_advanced")} open={used}>
          {advanced.map(row)}
        </Folded>
      )}
    </ChannelContext.Provider>
  );
}

export function Folded({ words, open, children }: { words: string; open: boolean; children: ComponentChildren }) {
  const [unfolded, unfold] = useState(open);
  return (
    <details class="form-folded" open={unfolded || open} onToggle={(event) => unfold(event.currentTarget.open)}>
      <summary>{words}</summary>
      <div class="form-rows">{children}</div>
    </details>
  );
}

const NATURALLY_EMPTY = ["text", "number", "choice", "thing", "timezone", "country", "moment", "icon", "found", "choices", "list", "map", "json"];
const WITH_PARTS = ["choices", "icon", "list", "map", "group", "union", "hours", "duration", "message", "conditions"];

/** A field with its label above, help under, and what is wrong with it. */
export function FieldRow({ field, value, path }: { field: Field; value: Json; path: Path }) {
  const { owner, change } = useForm();
  const id = idOf(owner, path);
  const notes = useNotes(field, path);
  if (field.optional && field.shape.is !== "switch" && !NATURALLY_EMPTY.includes(field.shape.is)) return <OptionalRow field={field} value={value} path={path} />;
  if (field.shape.is === "switch") {
    return (
      <div class="field">
        <label class="form-switch" for={id}>
          <input id={id} class="toggle toggle-primary" type="checkbox" checked={value === true} {...notes.described} onChange={(event) => change(path, event.currentTarget.checked)} />
          <span class="field-label">{field.label}</span>
        </label>
        {notes.below}
      </div>
    );
  }
  const parts = WITH_PARTS.includes(field.shape.is) || (field.shape.is === "thing" && field.shape.several);
  const input = <FieldInput field={field} value={value} path={path} id={id} described={notes.described} />;
  if (field.shape.is === "message") {
    return (
      <div class="field" role="group" aria-label={field.label}>
        <label class="field-label" for={idOf(owner, [...path, "text"])}>{field.label}</label>
        {notes.help}
        {notes.errors}
        {input}
      </div>
    );
  }
  if (parts) {
    return (
      <div class="field" role="group" aria-labelledby={`${id}_label`}>
        {field.label && <span class="field-label" id={`${id}_label`}>{field.label}</span>}
        {notes.help}
        {input}
        {notes.errors}
      </div>
    );
  }
  return (
    <div class="field">
      {field.label && <label class="field-label" for={id}>{field.label}</label>}
      {input}
      {notes.below}
    </div>
  );
}

/** A part that may be missing is switched on and off. */
function OptionalRow({ field, value, path }: { field: Field; value: Json; path: Path }) {
  const { owner, change } = useForm();
  const id = `${idOf(owner, path)}_on`;
  const notes = useNotes(field, path);
  const on = value !== null;
  return (
    <div class="field">
      <label class="form-switch" for={id}>
        <input id={id} class="toggle toggle-primary" type="checkbox" checked={on} {...notes.described} onChange={() => change(path, on ? null : emptyOf(field.shape))} />
        <span class="field-label">{field.label}</span>
      </label>
      {notes.below}
      {on && (
        <div class="form-inner" role="group" aria-label={field.label}>
          <FieldInput field={field} value={value} path={path} id={idOf(owner, path)} described={{}} />
        </div>
      )}
    </div>
  );
}

export type Described = { "aria-describedby"?: string; "aria-invalid"?: "true" };

function useNotes({ help }: Field, path: Path) {
  const { owner, said } = useForm();
  const id = idOf(owner, path);
  const wrong = said.get(path.join(".")) ?? [];
  const described: Described = wrong.length ? { "aria-invalid": "true", "aria-describedby": `${id}_error` } : help ? { "aria-describedby": `${id}_help` } : {};
  const errors = wrong.length > 0 && <Faults id={`${id}_error`} words={wrong} />;
  const below = help ? <p class="field-help" id={`${id}_help`}>{help}</p> : null;
  return { described, errors, help: below, below: errors || below };
}

export function Faults({ id, words }: { id?: string; words: readonly string[] }) {
  return (
    <div id={id} class="form-faults">
      {words.map((each) => (
        <p class="field-error" key={each}>
          <Icon icon="circle-alert" size="sm" />
          <span>{each}</span>
        </p>
      ))}
    </div>
  );
}

function fitsChannel({ only }: Field, channel: number | null, channels: readonly { id: number | string; more?: Record<string, Json> }[]): boolean {
  if (!only) return true;
  return channels.some(({ id, more }) => more?.["kind"] === only && (channel === null || id === channel));
}

function isUntouched(field: Field, value: Json | undefined): boolean {
  if (value === undefined || value === null) return true;
  return same(value, field.fallback ?? (isGroup(value) ? null : emptyOf(field.shape)));
}
