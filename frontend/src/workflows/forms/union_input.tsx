import { useForm } from "./context";
import type { InputProps } from "./field_input";
import { SchemaForm } from "./schema_form";
import type { Shape } from "./shape";
import { freshVariant, isGroup } from "./values";

/** One of several models: which, and then its fields. */
export function UnionInput({ field, shape, value, path, id, described }: InputProps & { shape: Extract<Shape, { is: "union" }> }) {
  const { change } = useForm();
  const held = isGroup(value) ? value : {};
  const chosen = shape.variants.find((variant) => variant.value === held[shape.by]) ?? shape.variants[0];
  const choose = (to: string): void => {
    const variant = shape.variants.find((each) => each.value === to);
    if (variant) change(path, freshVariant(shape.by, to, variant.fields, value));
  };
  return (
    <div class="form-rows">
      <select id={id} class="select" aria-label={field.label} {...described} onChange={(event) => choose(event.currentTarget.value)}>
        {shape.variants.map((variant) => (
          <option key={variant.value} value={variant.value} selected={variant === chosen}>
            {variant.words}
          </option>
        ))}
      </select>
      {chosen && <SchemaForm key={chosen.value} fields={chosen.fields} values={held} path={path} />}
    </div>
  );
}
