import { Icon } from "../icon";
import { say } from "../say";
import { type Builder, exitsOf, kindOf, lookOf, nameOf, problemsOf, triggerKind, useBuilder } from "../store";
import { TRIGGER, stepOf } from "../tree";
import { jumpTo } from "../verbs";

/** The workflow as a list within lists: for reading it without a picture. */
export function Outline() {
  const now = useBuilder((state) => state);
  return (
    <ul class="wf-outline">
      <li>
        <Line id={TRIGGER} icon={triggerKind(now)?.icon ?? "zap"} name={triggerKind(now)?.name ?? say("choose_trigger")} summary={lookOf(now, TRIGGER).summary} broken={problemsOf(now, TRIGGER).length > 0} />
        {now.definition.start && (
          <ul>
            <Steps now={now} id={now.definition.start} />
          </ul>
        )}
      </li>
    </ul>
  );
}

/** A step, then those behind it: on the same level as long as there is one way on. */
function Steps({ now, id }: { now: Builder; id: string }) {
  const step = stepOf(now.definition, id);
  if (!step) return null;
  const exits = exitsOf(now, step);
  const only = exits.length === 1 ? step.exits[exits[0]?.id ?? ""] : undefined;
  return (
    <>
      <li>
        <Line id={id} icon={kindOf(now, step.kind)?.icon ?? "puzzle"} name={nameOf(now, step)} summary={lookOf(now, id).summary} broken={problemsOf(now, id).length > 0} />
        {exits.length > 1 && (
          <ul>
            {exits.map((exit) => (
              <li key={exit.id}>
                <span class={exit.kind === "failure" ? "wf-outline-exit wf-outline-failure" : "wf-outline-exit"}>{exit.label || say("lost_exit")}</span>
                {step.exits[exit.id] ? (
                  <ul>
                    <Steps now={now} id={step.exits[exit.id] ?? ""} />
                  </ul>
                ) : (
                  <span class="wf-outline-end">{say("ends")}</span>
                )}
              </li>
            ))}
          </ul>
        )}
      </li>
      {only && <Steps now={now} id={only} />}
    </>
  );
}

function Line({ id, icon, name, summary, broken }: { id: string; icon: string; name: string; summary: string; broken: boolean }) {
  return (
    <button type="button" class="wf-outline-step" onClick={() => jumpTo(id)}>
      <Icon icon={icon} size="sm" />
      <span class="wf-outline-words">
        <strong>{name}</strong> {summary}
      </span>
      {broken && (
        <span class="wf-outline-broken">
          <Icon icon="triangle-alert" size="sm" />
          <span class="sr-only">{say("incomplete")}</span>
        </span>
      )}
    </button>
  );
}
