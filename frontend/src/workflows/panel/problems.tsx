import { Icon } from "../icon";
import { say } from "../say";
import { nameOf, useBuilder } from "../store";
import { TRIGGER, stepOf } from "../tree";
import type { Problem } from "../types";
import { jumpTo } from "../verbs";

/** What keeps the workflow from being published; each leads to its step. */
export function Problems() {
  const now = useBuilder((state) => state);
  if (now.problems.length === 0) return <p class="wf-fine">{say("no_problems")}</p>;
  const named = ({ step }: Problem): string => {
    const found = stepOf(now.definition, step);
    return found ? nameOf(now, found) : step === TRIGGER ? say("trigger") : say("whole");
  };
  return (
    <ol class="wf-problems">
      {now.problems.map((problem) => (
        <li>
          <button type="button" class="wf-problem" onClick={() => jumpTo(problem.step || TRIGGER)}>
            <Icon icon="triangle-alert" size="sm" />
            <span>
              <strong>{named(problem)}</strong>
              {problem.words}
            </span>
          </button>
        </li>
      ))}
    </ol>
  );
}
