// What happened at a step from its entry to its leaving, as one.
import type { Light } from "../store";
import type { Passed, Told } from "./types";

/** All that a step did in one entry, in order. */
export interface Entry {
  step: string;
  exit: string | null;
  error: string;
  passes: Passed[];
}

export function entriesOf(trail: readonly Passed[]): Entry[] {
  const found: Entry[] = [];
  let number = -1;
  for (const passed of trail) {
    const last = found.at(-1);
    const same = last && number === passed.entry && last.step === passed.step;
    if (same) last.passes.push(passed);
    else found.push({ step: passed.step, exit: null, error: "", passes: [passed] });
    const entry = found.at(-1);
    if (entry) Object.assign(entry, { exit: passed.exit, error: passed.error });
    number = passed.entry;
  }
  return found;
}

/** How the canvas shows where the test was and where it is. */
export function lightsOf(trail: readonly Passed[], told: Pick<Told, "standing" | "step"> | null): Record<string, Light> {
  const lights: Record<string, Light> = {};
  for (const { step, error } of trail) lights[step] = error ? "failed" : "done";
  if (told?.standing === "waiting" && told.step) lights[told.step] = "waiting";
  return lights;
}

/** What was typed for a variable, as a value of its type. */
export function valueOf(typed: string, type: string): string | number | boolean | null {
  if (typed === "") return null;
  if (type === "checkbox") return typed === "true";
  const number = Number(typed);
  return type === "number" && Number.isFinite(number) ? number : typed;
}
