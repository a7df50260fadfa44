import { useState } from "preact/hooks";
import { Icon } from "../icon";
import { say } from "../say";
import type { Json, Params } from "../types";
import { useForm } from "./context";
import { FieldInput, type InputProps } from "./field_input";
import type { Shape } from "./shape";
import { freshValue, isGroup } from "./values";

/** Names that are chosen freely, each with a value. */
export function MapInput({ shape, value, path, id }: InputProps & { shape: Extract<Shape, { is: "map" }> }) {
  const { change } = useForm();
  const held: Params = isGroup(value) ? value : {};
  const [typed, type] = useState("");
  const name = typed.trim();
  const add = (): void => {
    if (!name || name in held) return;
    change(path, { ...held, [name]: freshValue(shape.item) });
    type("");
  };
  const without = (gone: string): Json => Object.fromEntries(Object.entries(held).filter(([each]) => each !== gone));
  return (
    <div class="form-list">
      {Object.entries(held).map(([each, inner]) => (
        <div class="form-line" key={each}>
          <label class="form-key" for={`${id}_${each}`} title={each}>{each}</label>
          <div class="form-line-inputs">
            <FieldInput field={shape.item} value={inner} path={[...path, each]} id={`${id}_${each}`} described={{}} />
          </div>
          <button type="button" class="btn btn-plain btn-sm btn-square" aria-label={`${say("form_remove")}: ${each}`} title={say("form_remove")} onClick={() => change(path, without(each))}>
            <Icon icon="x" size="sm" />
          </button>
        </div>
      ))}
      <div class="form-line">
        <input class="input" value={typed} aria-label={say("form_new_name")} placeholder={say("form_new_name")} autocomplete="off" onInput={(event) => type(event.currentTarget.value)} onKeyDown={(event) => event.key === "Enter" && (event.preventDefault(), add())} />
        <button type="button" class="btn btn-quiet btn-sm" disabled={!name || name in held} onClick={add}>
          <Icon icon="plus" size="sm" />
          {say("form_add")}
        </button>
      </div>
    </div>
  );
}
