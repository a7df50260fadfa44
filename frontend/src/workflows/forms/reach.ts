// What a step can name: the variables of the trigger and of the steps before it, the steps that one can jump to.
import { type Builder, nameOf, variablesFor } from "../store";
import type { Thing, Variable } from "../types";

/** A variable and what gives it: the name of a step or of the trigger, or nothing for those that there always are. */
export interface Offer extends Variable {
  from: string;
  /** What is written for it where that is not its name behind a dollar sign. */
  written?: string;
}

/** The variables that a step can use, each name once: those of the nearest step count. */
export function inReach(now: Builder, at: string): Offer[] {
  const all = variablesFor(now, at).flatMap(({ from, variables }) => variables.map((variable): Offer => ({ ...variable, from })));
  return all.filter(({ name }, index) => all.findIndex((each) => each.name === name) === index);
}

/** The secrets of the workspace, as words that call something outside may name them. */
export function secretsOf({ data }: Builder): Offer[] {
  return (data.things["secret"] ?? []).map(({ name }): Offer => ({ name: `secret.${name}`, label: name, type: "text", options: [], from: "", written: `{{secret.${name}}}` }));
}

/** The other steps of the workflow, as things to jump to. */
export function stepsAsThings(now: Builder, except: string): Thing[] {
  const { steps } = now.definition;
  const names = steps.map((step) => nameOf(now, step));
  const named = (index: number): string => {
    const name = names[index] ?? "";
    const twins = names.slice(0, index).filter((each) => each === name).length;
    return twins ? `${name} (${twins + 1})` : name;
  };
  return steps.map((step, index): Thing => ({ id: step.id, name: named(index) })).filter(({ id }) => id !== except);
}
