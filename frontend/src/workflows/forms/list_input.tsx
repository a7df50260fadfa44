import { useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "../icon";
import { say } from "../say";
import type { Json } from "../types";
import { useForm } from "./context";
import { FieldInput, type InputProps } from "./field_input";
import { Faults, SchemaForm } from "./schema_form";
import { countUnder } from "./problems";
import { type Field, inWords, type Shape } from "./shape";
import { cloned, freshValue, isGroup, isShown, moved } from "./values";

type ListShape = Extract<Shape, { is: "list" }>;

type Verb = { name: string; icon: string };
const UP: Verb = { name: "up", icon: "arrow-up" };
const DOWN: Verb = { name: "down", icon: "arrow-down" };
const CLONE: Verb = { name: "clone", icon: "copy" };
const REMOVE: Verb = { name: "remove", icon: "x" };

/** Several of the same: added, taken away, put in another order, copied. */
export function ListInput({ field, shape, value, path, id }: InputProps & { shape: ListShape }) {
  const { change } = useForm();
  const items = Array.isArray(value) ? value : [];
  const list = useRef<HTMLOListElement>(null);
  const [focus, setFocus] = useState<{ index: number; part: string } | null>(null);
  useEffect(() => {
    if (!focus) return;
    const row = list.current?.children[focus.index];
    (row?.querySelector<HTMLElement>(focus.part) ?? row?.querySelector<HTMLElement>("input, textarea, select, button"))?.focus();
    setFocus(null);
  }, [focus]);
  const called = inWords(shape.called || say("form_item")).toLocaleLowerCase();
  const full = shape.most !== undefined && items.length >= shape.most;
  const put = (next: Json[], index: number, part: string): void => {
    change(path, next);
    setFocus({ index: Math.max(0, Math.min(index, next.length - 1)), part });
  };
  const verbs = (index: number) => ({
    move: (by: number) => put(moved(items, index, index + by), index + by, by < 0 ? '[data-verb="up"]:not(:disabled)' : '[data-verb="down"]:not(:disabled)'),
    clone: () => put([...items.slice(0, index + 1), cloned(items[index] ?? null, shape.item), ...items.slice(index + 1)], index + 1, "input, textarea, select"),
    remove: () => put(items.filter((_, each) => each !== index), index, '[data-verb="remove"]'),
  });
  return (
    <div class="form-list" id={id}>
      <ol class="form-items" ref={list} hidden={items.length === 0}>
        {items.map((item, index) => (
          <Item key={keyOf(item, index)} {...{ field, shape, item, path, index, called }} count={items.length} full={full} verbs={verbs(index)} />
        ))}
      </ol>
      <div class="form-adds">
        <button type="button" class="btn btn-quiet btn-sm" disabled={full} onClick={() => put([...items, freshValue(shape.item)], items.length, "input, textarea, select")}>
          <Icon icon="plus" size="sm" />
          {shape.called ? say("form_add_called", { what: called }) : say("form_add")}
        </button>
        {full && <span class="field-help">{say("form_full", { number: String(shape.most) })}</span>}
      </div>
    </div>
  );
}

interface ItemProps {
  field: Field;
  shape: ListShape;
  item: Json;
  path: readonly (string | number)[];
  index: number;
  count: number;
  called: string;
  full: boolean;
  verbs: { move: (by: number) => void; clone: () => void; remove: () => void };
}

function Item({ field, shape, item, path, index, count, called, full, verbs }: ItemProps) {
  const { owner, said } = useForm();
  const [folded, fold] = useState(false);
  const at = [...path, index];
  const number = `${inWords(called)} ${index + 1}`;
  const inner = shape.item.shape;
  const verb = ({ name, icon }: Verb, words: string, disabled: boolean, act: () => void) => (
    <button type="button" class="btn btn-plain btn-sm btn-square" data-verb={name} aria-label={`${words}: ${number}`} title={words} disabled={disabled} onClick={act}>
      <Icon icon={icon} size="sm" />
    </button>
  );
  const up = verb(UP, say("form_up"), index === 0, () => verbs.move(-1));
  const down = verb(DOWN, say("form_down"), index === count - 1, () => verbs.move(1));
  const remove = verb(REMOVE, say("form_remove"), count <= shape.least, verbs.remove);
  if (inner.is !== "group" || shape.compact) {
    const movable = count > 1 && (inner.is !== "group" || !shape.compact);
    return (
      <li class="form-line">
        <div class="form-line-inputs">
          {inner.is === "group"
            ? inner.fields.filter((each) => isShown(each, isGroup(item) ? item : {})).map((each) => <Cell key={each.name} field={each} value={isGroup(item) ? (item[each.name] ?? null) : null} path={[...at, each.name]} label={`${number}: ${each.label}`} />)
            : <Cell field={{ ...shape.item, placeholder: shape.item.placeholder || field.placeholder }} value={item} path={at} label={number} />}
        </div>
        {movable && up}
        {movable && down}
        {remove}
      </li>
    );
  }
  const name = nameOf(item) || number;
  const wrong = countUnder(said, at.join("."));
  return (
    <li class="form-item" data-folded={folded}>
      <div class="form-item-head">
        <button type="button" class="form-item-name" aria-expanded={!folded} onClick={() => fold(!folded)}>
          <Icon icon="chevron-down" size="sm" />
          <span dir="auto">{name}</span>
          {folded && wrong > 0 && <span class="form-item-wrong"><Icon icon="circle-alert" size="sm" /><span class="sr-only">{say("form_incomplete")}</span></span>}
        </button>
        {up}
        {down}
        {verb(CLONE, say("form_clone"), full, verbs.clone)}
        {remove}
      </div>
      {!folded && (
        <div class="form-rows" role="group" aria-label={`${number}`}>
          <SchemaForm fields={inner.fields} values={isGroup(item) ? item : {}} path={at} />
          <Faults words={said.get(at.join(".")) ?? []} id={`form_${[owner, ...at].join("_")}_error`} />
        </div>
      )}
    </li>
  );
}

/** An input without a label of its own above it. */
function Cell({ field, value, path, label }: { field: Field; value: Json; path: readonly (string | number)[]; label: string }) {
  const { owner, said } = useForm();
  const wrong = said.get(path.join(".")) ?? [];
  const id = `form_${[owner, ...path].join("_")}`;
  return (
    <div class="form-cell">
      <label class="sr-only" for={id}>{label}</label>
      <FieldInput field={{ ...field, placeholder: field.placeholder || field.label }} value={value} path={path} id={id} described={wrong.length ? { "aria-invalid": "true", "aria-describedby": `${id}_error` } : {}} />
      {wrong.length > 0 && <Faults id={`${id}_error`} words={wrong} />}
    </div>
  );
}

function nameOf(item: Json): string {
  const names = isGroup(item) ? [item["name"], item["label"]] : [];
  return names.find((name): name is string => typeof name === "string" && name !== "") ?? "";
}

/** What has an id of its own keeps its inputs when it moves. */
function keyOf(item: Json, index: number): string {
  const own = isGroup(item) ? item["id"] : undefined;
  return typeof own === "string" && own !== "" ? own : String(index);
}
