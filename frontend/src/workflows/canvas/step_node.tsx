// A step or the trigger on the canvas.
import type { Node, NodeProps } from "@xyflow/react";
import { memo } from "preact/compat";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { setStep } from "../edit";
import { Icon } from "../icon";
import { Menu } from "../parts";
import { say, sayCount } from "../say";
import { drawn, kindOf, lookOf, nameOf, problemsOf, set, triggerKind, useBuilder } from "../store";
import { TRIGGER, stepOf } from "../tree";
import { choose } from "../verbs";
import { choicesFor } from "./choices";
import { EndsOfWays } from "./ends_of_ways";

export type StepNode = Node<{ id: string; depth: number; dragged: boolean; roving: boolean }, "step">;

export const StepCard = memo(({ data }: NodeProps<StepNode>) => {
  const { id, depth, dragged, roving } = data;
  const now = drawn(useBuilder((state) => state));
  const [at, setAt] = useState<DOMRect | null>(null);
  const step = stepOf(now.definition, id);
  const isTrigger = id === TRIGGER;
  if (!step && !isTrigger) return null;
  const kind = step ? kindOf(now, step.kind) : triggerKind(now);
  const name = step ? nameOf(now, step) : (kind?.name ?? say("choose_trigger"));
  const look = lookOf(now, id);
  const problems = problemsOf(now, id);
  const light = now.lights[id];
  const change = now.comparison?.changes[id];
  const classes = ["wf-step", isTrigger && "wf-step-trigger", isTrigger && !kind && "wf-step-empty", now.chosen === id && "wf-chosen", dragged && "wf-dragged", now.moving === id && "wf-moving", light && `wf-light-${light}`, change && `wf-${change}`];
  const summary = isTrigger && !kind ? say("choose_trigger_why") : look.summary || (kind?.description ?? "");
  const more = [isTrigger ? say("trigger") : say("step_level", { level: String(depth) }), problems.length > 0 && sayCount("problems", problems.length), light && say(`light_${light}`), change && say(`change_${change}`), step?.note && say("has_note")];
  return (
    <div class={classes.filter(Boolean).join(" ")}>
      <EndsOfWays jumps />
      <button type="button" class="wf-card" data-spot={id} tabIndex={roving ? 0 : -1} aria-label={[`${name} ${summary}`, ...more.filter(Boolean)].join(", ")} aria-current={now.chosen === id ? "true" : undefined} onClick={() => choose(id)} onContextMenu={(event) => (event.preventDefault(), !now.comparison?.shown && setAt(new DOMRect(event.clientX, event.clientY, 0, 0)))}>
        <span class="wf-card-icon">
          <Icon icon={kind?.icon ?? (isTrigger ? "zap" : "puzzle")} />
        </span>
        <span class="wf-card-words">
          <span class="wf-card-name">{now.renaming === id ? "" : name}</span>{" "}
          <span class="wf-card-summary">{summary}</span>
        </span>
      </button>
      {now.renaming === id && step && <NameField id={id} name={step.name} placeholder={name} />}
      {step?.note && (
        <span class="wf-note-mark" title={step.note}>
          <Icon icon="sticky-note" size="xs" />
        </span>
      )}
      {problems.length > 0 && <span class="wf-corner" title={problems.map((problem) => problem.words).join("\n")} />}
      {change && <span class="wf-change-mark">{say(`change_${change}`)}</span>}
      {light && <span class={`wf-light wf-light-mark-${light}`}>{say(`light_${light}`)}</span>}
      {now.counts && <CountsRow id={id} />}
      {step && !now.comparison?.shown && (
        <button type="button" class="btn btn-square btn-plain btn-sm wf-card-menu nodrag" tabIndex={-1} aria-label={say("menu_of", { name })} title={say("menu")} onClick={(event) => setAt(event.currentTarget.getBoundingClientRect())}>
          <Icon icon="ellipsis" />
        </button>
      )}
      {at && <Menu at={at} label={say("menu_of", { name })} choices={choicesFor(id)} onClose={() => setAt(null)} />}
    </div>
  );
});

/** How many contacts came here, are here, failed here. */
function CountsRow({ id }: { id: string }) {
  const counts = useBuilder((state) => state.counts);
  if (!counts) return null;
  const [entered, inside, failed] = [counts.entered[id] ?? 0, counts.inside[id] ?? 0, counts.failed[id] ?? 0];
  return (
    <span class="wf-counts">
      <span>{sayCount("count_entered", entered)}</span>
      {inside > 0 && <span class="wf-count-inside">{sayCount("count_inside", inside)}</span>}
      {failed > 0 && <span class="wf-count-failed">{sayCount("count_failed", failed)}</span>}
    </span>
  );
}

function NameField({ id, name, placeholder }: { id: string; name: string; placeholder: string }) {
  const field = useRef<HTMLInputElement>(null);
  const done = useRef(false);
  useLayoutEffect(() => field.current?.select(), []);
  const finish = (keep: boolean): void => {
    if (done.current) return;
    done.current = true;
    if (keep && field.current) setStep(id, { name: field.current.value.trim() });
    const back = document.activeElement === field.current;
    set({ renaming: null });
    if (back) document.dispatchEvent(new CustomEvent("workflow:focus", { detail: id }));
  };
  const pressed = (event: KeyboardEvent): void => {
    event.stopPropagation();
    if (event.key === "Enter") finish(true);
    if (event.key === "Escape") finish(false);
  };
  return <input class="wf-name-field nodrag" ref={field} defaultValue={name} placeholder={placeholder} maxLength={100} aria-label={say("name")} onKeyDown={pressed} onBlur={() => finish(true)} />;
}
