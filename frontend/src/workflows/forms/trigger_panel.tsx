import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { setTrigger } from "../edit";
import { Icon } from "../icon";
import { say } from "../say";
import { builder, lookOf, useBuilder } from "../store";
import type { Json, Kind, Params, Problem, Trigger } from "../types";
import { Conditions } from "./conditions_input";
import { Hook } from "./hook";
import { schemaWith } from "./reach_conditions";
import { Faults } from "./schema_form";
import { ParamsForm } from "./step_panel";

const EVERYBODY: Json = { $and: [] };
const OF_TRIGGER = ["condition", "once", "kind"];
const BY_HAND = "manual"; // Another workflow hands the contact on, as often as it likes.

/** The form of the trigger: its kind, its parameters, its condition. */
export function TriggerPanel({ trigger, problems }: { trigger: Trigger | null; problems: Problem[] }) {
  const kinds = useBuilder((now) => now.data.triggers);
  const [choosing, setChoosing] = useState(false);
  const kind = kinds.find((each) => each.kind === trigger?.kind);
  const again = useRef<HTMLButtonElement>(null);
  const settled = useRef(false);
  // The card that was pressed is gone: the keyboard goes on where the choice is shown.
  useEffect(() => {
    if (!settled.current || !again.current) return;
    again.current.focus();
    settled.current = false;
  });
  const settle = (): void => {
    settled.current = true;
    setChoosing(false);
  };
  const choose = (to: Kind): void => {
    settle();
    if (to.kind !== trigger?.kind) setTrigger({ kind: to.kind, params: to.params, condition: trigger?.condition ?? EVERYBODY, once: to.kind === BY_HAND ? false : (trigger?.once ?? false) });
  };
  if (!trigger || choosing) return <Kinds kinds={kinds} chosen={trigger?.kind ?? ""} choose={choose} {...(trigger ? { cancel: settle } : {})} />;
  return (
    <div class="form-rows">
      <div class="form-kind">
        {kind && <Icon icon={kind.icon} />}
        <span class="form-kind-name">{kind?.name ?? trigger.kind}</span>
        <button type="button" class="btn btn-quiet btn-sm" ref={again} onClick={() => setChoosing(true)}>{say("form_change_trigger")}</button>
      </div>
      {kind ? <TriggerForm key={trigger.kind} trigger={trigger} kind={kind} problems={problems} /> : <p class="field-help">{say("form_unknown_trigger", { kind: trigger.kind })}</p>}
    </div>
  );
}

function TriggerForm({ trigger, kind, problems }: { trigger: Trigger; kind: Kind; problems: Problem[] }) {
  const [around, ofParams] = [problems.filter(isAround), problems.filter((problem) => !isAround(problem))];
  const data = useBuilder((now) => now.data);
  const looks = useBuilder((now) => now.looks);
  const schema = useMemo(() => schemaWith(data.conditions, lookOf(builder(), "trigger").variables.map((variable) => ({ ...variable, from: "" })), data.variables), [data, looks, kind]);
  const wrong = around.filter(({ field }) => field.startsWith("condition")).map(({ words }) => words);
  // A change may come before the form is drawn again.
  const now = (): Trigger => builder().definition.trigger ?? trigger;
  const put = (params: Params, key: string): void => setTrigger({ ...now(), params }, key);
  return (
    <>
      <ParamsForm owner="trigger" kind={kind} values={trigger.params} problems={ofParams} change={put}>
        {trigger.kind === "webhook" && <Hook params={trigger.params} change={(params) => put(params, "")} />}
      </ParamsForm>
      <section class="form-block" aria-labelledby="form_condition_label">
        <p class="field-label" id="form_condition_label">{say("form_trigger_condition")}</p>
        <p class="field-help">{say("form_trigger_condition_help")}</p>
        <Conditions id="form_trigger_condition" label={say("form_trigger_condition")} schema={schema} value={trigger.condition} changed={(condition) => setTrigger({ ...now(), condition }, "condition")} />
        <Faults words={wrong} />
      </section>
      {trigger.kind !== BY_HAND && (
        <div class="field">
          <label class="form-switch" for="form_once">
            <input id="form_once" class="toggle toggle-primary" type="checkbox" checked={trigger.once} aria-describedby="form_once_help" onChange={(event) => setTrigger({ ...now(), once: event.currentTarget.checked })} />
            <span class="field-label">{say("form_once")}</span>
          </label>
          <p class="field-help" id="form_once_help">{say("form_once_help")}</p>
        </div>
      )}
    </>
  );
}

function isAround({ field }: Problem): boolean {
  return OF_TRIGGER.some((name) => field === name || field.startsWith(`${name}.`));
}

/** The kinds of triggers, to choose one. */
function Kinds({ kinds, chosen, choose, cancel }: { kinds: readonly Kind[]; chosen: string; choose: (kind: Kind) => void; cancel?: () => void }) {
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    const card = (which: string): HTMLElement | null => list.current?.querySelector<HTMLElement>(which) ?? null;
    if (cancel) (card('[aria-pressed="true"]') ?? card("button"))?.focus();
  }, []);
  return (
    <div class="form-rows">
      <p class="field-help">{say("form_choose_trigger")}</p>
      <ul class="form-kinds" ref={list}>
        {kinds.map((kind) => (
          <li key={kind.kind}>
            <button type="button" class="form-card" aria-pressed={kind.kind === chosen} onClick={() => choose(kind)}>
              <Icon icon={kind.icon} />
              <span class="form-card-words">
                <span class="form-kind-name">{kind.name}</span>
                <span class="field-help">{kind.description}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
      {cancel && (
        <div class="form-adds">
          <button type="button" class="btn btn-quiet btn-sm" onClick={cancel}>{say("form_keep_trigger")}</button>
        </div>
      )}
    </div>
  );
}
