import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import { setParams } from "../edit";
import { say } from "../say";
import { builder, useBuilder } from "../store";
import { TRIGGER, stepOf } from "../tree";
import type { Kind, Params, Placed, Problem } from "../types";
import { FormContext } from "./context";
import { placed, placesOf } from "./problems";
import { inReach, secretsOf, stepsAsThings } from "./reach";
import { schemaWith } from "./reach_conditions";
import { RequestTest } from "./request_test";
import { Faults, SchemaForm } from "./schema_form";
import { fieldsOf, inWords, known } from "./shape";
import { isGroup, type Path, replaced, same } from "./values";

/** The form of a step, inside the panel. */
export function StepPanel({ step, kind, problems }: { step: Placed; kind: Kind | undefined; problems: Problem[] }) {
  if (!kind) return <p class="field-help">{say("form_unknown_step", { kind: inWords(step.kind) })}</p>;
  return (
    <ParamsForm key={step.id} owner={step.id} kind={kind} values={step.params} problems={problems} change={(params, key) => setParams(step.id, params, key)}>
      {step.kind === "http_request" && <RequestTest step={step} change={(params, key) => setParams(step.id, params, key)} />}
    </ParamsForm>
  );
}

interface Parameters {
  owner: string;
  kind: Kind;
  values: Params;
  problems: Problem[];
  change: (params: Params, key: string) => void;
  children?: ComponentChildren;
}

/** The parameters of a step or a trigger, made from the schema of its kind. What belongs to no field stands above them. */
export function ParamsForm({ owner, kind, values, problems, change, children }: Parameters) {
  const definition = useBuilder((now) => now.definition);
  const looks = useBuilder((now) => now.looks);
  const data = useBuilder((now) => now.data);
  const fields = useMemo(() => fieldsOf(kind.schema), [kind.schema]);
  const reach = useMemo(() => {
    const offers = inReach(builder(), owner);
    const things = { ...data.things, step: stepsAsThings(builder(), owner), variable: offers.map(({ name, label }) => ({ id: name, name: label })) };
    return { offers, things, secrets: secretsOf(builder()), conditions: schemaWith(data.conditions, offers, data.variables) };
  }, [definition, looks, data, owner]);
  const cleaned = useMemo(() => known(values, kind.schema), [values, kind.schema]);
  const said = placed(problems, placesOf(fields, values));
  const form = { owner, ...reach, values, said, change: (path: Path, value: Params[string]) => change(asParams(replaced(current(owner, values), path, value)), path.join(".")) };
  return (
    <FormContext.Provider value={form}>
      <div class="form form-rows">
        {kind.description && <p class="field-help">{kind.description}</p>}
        <Faults words={said.get("") ?? []} />
        {problems.length > 0 && !same(cleaned, values) && (
          <div class="form-adds">
            <button type="button" class="btn btn-quiet btn-sm" onClick={() => change(asParams(cleaned), "")}>{say("form_drop_unknown")}</button>
          </div>
        )}
        <SchemaForm fields={fields} values={values} />
        {fields.length === 0 && <p class="field-help">{say("form_no_fields")}</p>}
        {children}
      </div>
    </FormContext.Provider>
  );
}

/** The values as the draft has them now: two changes may come before the form is drawn again. */
function current(owner: string, drawn: Params): Params {
  const { definition } = builder();
  return (owner === TRIGGER ? definition.trigger?.params : stepOf(definition, owner)?.params) ?? drawn;
}

function asParams(value: Params[string]): Params {
  return isGroup(value) ? value : {};
}
