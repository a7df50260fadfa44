import { useEffect, useRef } from "preact/hooks";
import type { Json } from "../types";
import { useForm } from "./context";
import type { InputProps } from "./field_input";

const NONE: Json = { $and: [] };

/** The server's editor of conditions, with the variables in reach. It stands in a template of the page and is a controller of its own. */
export function ConditionsInput({ field, value, path, id }: InputProps) {
  const { change, conditions } = useForm();
  return <Conditions id={id} label={field.label} schema={conditions} value={value} changed={(condition) => change(path, condition)} />;
}

export function Conditions({ id, label, schema, value, changed }: { id: string; label: string; schema: Json; value: Json; changed: (condition: Json) => void }) {
  const place = useRef<HTMLDivElement>(null);
  const told = useRef("");
  const tell = useRef(changed);
  tell.current = changed;
  const held = JSON.stringify(value ?? NONE);
  const known = JSON.stringify(schema);

  // What the editor said itself needs no new editor: it also holds what is not finished yet.
  useEffect(() => {
    const before = place.current?.firstElementChild;
    if (before) before.id = id;
    if (!place.current || (before && told.current === `${held} ${known}`)) return;
    const template = document.querySelector<HTMLTemplateElement>("template#conditions-editor");
    const editor = template?.content.firstElementChild?.cloneNode(true) as HTMLElement | undefined;
    if (!editor) return;
    told.current = `${held} ${known}`;
    editor.id = id;
    editor.dataset["conditionsSchemaValue"] = known;
    editor.dataset["conditionsLabelValue"] = label;
    const result = editor.querySelector<HTMLInputElement>("[data-conditions-target~=result]") as HTMLInputElement;
    result.value = held;
    result.addEventListener("change", (event) => {
      event.stopPropagation();
      told.current = `${JSON.stringify(JSON.parse(result.value))} ${known}`;
      tell.current(JSON.parse(result.value) as Json);
    });
    place.current.replaceChildren(editor);
  }, [held, known, id, label]);

  return <div class="form-conditions" ref={place} />;
}
