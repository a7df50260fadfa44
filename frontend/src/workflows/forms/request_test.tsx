import { useState } from "preact/hooks";
import { Icon } from "../icon";
import { say } from "../say";
import { builder } from "../store";
import type { Json, Params, Placed, RequestTested } from "../types";
import { namesIn } from "./complete";
import { useForm } from "./context";
import { Keys } from "./keys";
import { ask } from "./request";
import { variableName } from "./sample";
import { Faults } from "./schema_form";
import { isGroup } from "./values";

const MOST_MAPPED = 10;

/** Sends the request of a step now, with made-up values, and takes variables out of its answer. */
export function RequestTest({ step, change }: { step: Placed; change: (params: Params, key: string) => void }) {
  const { offers } = useForm();
  const [samples, sample] = useState<Record<string, string>>({});
  const [asking, setAsking] = useState(false);
  const [tested, setTested] = useState<RequestTested | null>(null);
  const [words, setWords] = useState("");
  const names = namesIn(textsOf(step.params).join("\n"), offers);
  const mapping = Array.isArray(step.params["mapping"]) ? step.params["mapping"] : [];
  const send = async (): Promise<void> => {
    setAsking(true);
    const variables = Object.fromEntries(names.map((name) => [name, samples[name] ?? ""]));
    const { answer, words } = await ask<RequestTested>("POST", `/workflows/${builder().workflow.id}/request-test`, say("form_test_failed"), { params: step.params, variables });
    [setTested(answer), setWords(words), setAsking(false)];
  };
  const take = (path: string, name: string): void => {
    const held = mapping.filter(isGroup);
    if (held.some((each) => each["path"] === path)) return change({ ...step.params, mapping: mapping.filter((each) => !isGroup(each) || each["path"] !== path) }, "");
    const empty = mapping.findIndex((each) => isGroup(each) && each["path"] === "");
    const row: Json = { path, variable: variableName(name, held.map((each) => String(each["variable"]))) };
    if (empty >= 0) change({ ...step.params, mapping: mapping.map((each, index) => (index === empty ? row : each)) }, "");
    else if (mapping.length < MOST_MAPPED) change({ ...step.params, mapping: [...mapping, row] }, "");
    else setWords(say("form_full", { number: String(MOST_MAPPED) }));
  };
  return (
    <section class="form-block" aria-labelledby="form_test">
      <p class="field-label" id="form_test">{say("form_test")}</p>
      <p class="field-help">{say("form_test_help")}</p>
      {names.map((name) => (
        <div class="field" key={name}>
          <label class="field-label form-name" for={`form_sample_${name}`}>{`$${name}`}</label>
          <input id={`form_sample_${name}`} class="input" value={samples[name] ?? ""} placeholder={say("form_sample_value")} autocomplete="off" onInput={(event) => sample({ ...samples, [name]: event.currentTarget.value })} />
        </div>
      ))}
      <div class="form-adds">
        <button type="button" class="btn btn-quiet" disabled={asking} onClick={() => void send()}>
          <Icon icon="play" size="sm" />
          {say("form_test_send")}
        </button>
      </div>
      <div aria-live="polite" class="form-rows">
        {words && <Faults words={[words]} />}
        {tested && <Answer tested={tested} taken={mapping.filter(isGroup).map((each) => String(each["path"]))} take={take} />}
      </div>
    </section>
  );
}

function Answer({ tested, taken, take }: { tested: RequestTested; taken: string[]; take: (path: string, name: string) => void }) {
  const good = tested.ok && tested.status !== null && tested.status < 400;
  return (
    <>
      <p class="form-answer">
        {tested.status !== null && <span class={good ? "badge badge-soft badge-success" : "badge badge-soft badge-error"}>{say("form_status", { status: String(tested.status) })}</span>}
        <span class="field-help">{new Intl.NumberFormat(document.documentElement.lang || "en", { style: "unit", unit: "millisecond" }).format(tested.milliseconds)}</span>
      </p>
      {tested.reason && <Faults words={[tested.reason]} />}
      {tested.json !== null && (
        <>
          <p class="field-help">{say("form_take_keys")}</p>
          <Keys json={tested.json} label={say("form_keys")} taken={taken} take={take} />
        </>
      )}
      {tested.json === null && tested.text && <pre class="form-raw" tabIndex={0}>{tested.text}</pre>}
      {tested.json === null && tested.ok && <p class="field-help">{say("form_answer_no_json")}</p>}
    </>
  );
}

/** Every text in a value. */
function textsOf(value: Json): string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(textsOf);
  return isGroup(value) ? Object.values(value).flatMap(textsOf) : [];
}
