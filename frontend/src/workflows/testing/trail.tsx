// What the steps of a test did: input, output, effects, and which conditions held.
import type { Schema } from "../../conditions/tree";
import { schemaWith } from "../forms/reach_conditions";
import { inReach } from "../forms/reach";
import { Icon } from "../icon";
import { say } from "../say";
import { type Builder, kindOf, lookOf, nameOf, useBuilder } from "../store";
import { TRIGGER, stepOf } from "../tree";
import { type Entry, entriesOf } from "./entries";
import { conditionLines, editorWords } from "./explain";
import type { Asked, Line, Passed } from "./types";

export function Trail({ trail, trigger }: { trail: readonly Passed[]; trigger: Asked | null }) {
  const now = useBuilder((state) => state);
  return (
    <ol class="phone-trail">
      {trigger && trigger.leaves.length > 0 && (
        <li class="phone-passed">
          <p class={trigger.held ? "phone-fine" : "phone-warning"}>
            <Icon icon={trigger.held ? "check" : "triangle-alert"} size="sm" />
            <span>{say(trigger.held ? "test_trigger_held" : "test_trigger_not")}</span>
          </p>
          <Conditions asked={trigger} at={TRIGGER} now={now} />
        </li>
      )}
      {entriesOf(trail).map((entry, index) => (
        <One entry={entry} now={now} key={index} />
      ))}
    </ol>
  );
}

function One({ entry, now }: { entry: Entry; now: Builder }) {
  const { passes } = entry;
  const step = stepOf(now.definition, entry.step);
  const kind = step && kindOf(now, step.kind);
  const exits = step ? lookOf(now, step.id).exits : [];
  const exit = entry.exit === "jump" ? say("test_jumped") : exits.length > 1 ? exits.find(({ id }) => id === entry.exit)?.label : "";
  const reveal = (): void => void document.dispatchEvent(new CustomEvent("workflow:reveal", { detail: entry.step }));
  const input = passes[0]?.input ?? [];
  return (
    <li class="phone-passed">
      <button type="button" class="phone-step" title={say("test_show")} onClick={reveal}>
        <Icon icon={kind?.icon ?? "puzzle"} size="sm" />
        <span class="phone-step-name">{step ? nameOf(now, step) : entry.step}</span>
        {exit && <span class="badge badge-quiet">{exit}</span>}
        {!entry.exit && !entry.error && <span class="badge badge-soft badge-info">{say("light_waiting")}</span>}
      </button>
      {passes.flatMap(({ effects }) => effects).map(({ words, failed }, index) => (
        <p class="phone-effect" key={index}>
          <Icon icon="zap" size="xs" />
          <span>
            {words}
            {failed && <span class="text-error"> {failed}</span>}
          </span>
        </p>
      ))}
      {entry.error && (
        <p class="phone-why">
          <Icon icon="circle-alert" size="xs" />
          <span>{entry.error}</span>
        </p>
      )}
      {/* A step asks its branches in the order of its ways. */}
      {passes.flatMap(({ asked }) => asked).map((asked, index) => (
        <Conditions asked={asked} at={entry.step} now={now} name={exits[index]?.label ?? ""} key={index} />
      ))}
      {input.length + passes.flatMap(({ output, variables }) => [...output, ...variables]).length > 0 && (
        <details class="run-more">
          <summary>{say("test_in_out")}</summary>
          <Lines title={say("test_input")} lines={input} />
          <Lines title={say("test_output")} lines={passes.flatMap(({ output }) => output)} />
          <Lines title={say("test_set")} lines={passes.flatMap(({ variables }) => variables)} />
        </details>
      )}
    </li>
  );
}

function Conditions({ asked, at, now, name = "" }: { asked: Asked; at: string; now: Builder; name?: string }) {
  const words = editorWords();
  const schema = schemaWith(now.data.conditions, inReach(now, at), now.data.variables) as unknown as Schema;
  const lines = words ? conditionLines(asked.condition, schema, words) : [];
  return (
    <div class="phone-asked">
      {name && (
        <p class={asked.held ? "phone-held" : undefined}>
          <Icon icon={asked.held ? "check" : "x"} size="xs" />
          <strong>{name}</strong> <span class="text-muted">{say(asked.held ? "test_held" : "test_not_held")}</span>
        </p>
      )}
      <ul>
        {asked.leaves.map((held, index) => (
          <li key={index}>
            <Icon icon={held ? "check" : "x"} size="xs" />
            <span>
              <span class="sr-only">{say(held ? "test_held" : "test_not_held")}: </span>
              {lines[index] ?? ""}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

export function Lines({ title, lines, none = "" }: { title: string; lines: readonly Line[]; none?: string }) {
  if (lines.length === 0 && !none) return null;
  return (
    <div class="run-part">
      <p class="run-part-title">{title}</p>
      {lines.length === 0 && <p class="text-muted">{none}</p>}
      <dl class="run-lines phone-lines">
        {lines.map(([label, words], index) => (
          <div key={index}>
            <dt>{label}</dt>
            <dd>{words}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
