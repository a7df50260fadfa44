import { say } from "../say";
import type { Json, Params } from "../types";
import { useForm } from "./context";
import type { InputProps } from "./field_input";
import { NumberInput } from "./simple_inputs";
import type { Field, Shape } from "./shape";
import { isGroup } from "./values";

const AMOUNT: Field = { name: "value", label: "", help: "", placeholder: "", required: true, optional: false, advanced: false, hidden: false, rare: false, when: {}, only: "", fallback: 1, shape: { is: "number", whole: true, least: 1, most: undefined } };

/** How long: a number and a unit. */
export function DurationInput({ field, shape, value, path, id, described }: InputProps & { shape: Extract<Shape, { is: "duration" }> }) {
  const { change } = useForm();
  const held: Params = isGroup(value) ? value : {};
  const unit = shape.units.find((each) => each.value === held["unit"])?.value ?? "hours";
  const words = (each: Json): string => say(`form_unit_${String(each)}`);
  return (
    <div class="form-duration">
      <label class="sr-only" for={`${id}_value`}>{`${field.label}: ${say("form_amount")}`}</label>
      <NumberInput field={AMOUNT} shape={AMOUNT.shape as Extract<Shape, { is: "number" }>} value={held["value"] ?? null} path={[...path, "value"]} id={`${id}_value`} described={described} />
      <select class="select" aria-label={`${field.label}: ${say("form_unit")}`} onChange={(event) => change([...path, "unit"], event.currentTarget.value)}>
        {shape.units.map((each) => (
          <option key={String(each.value)} value={String(each.value)} selected={each.value === unit}>
            {words(each.value)}
          </option>
        ))}
      </select>
    </div>
  );
}
