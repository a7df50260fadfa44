// Changes of the draft. Each is one step of undo; those of one field within a second are one together.
import { type Builder, builder, exitsOf, kindOf, set } from "./store";
import { TRIGGER, change, stepOf } from "./tree";
import type { Definition, Hand, Params, Placed, Trigger } from "./types";

const TOGETHER_MS = 1000;
const MOST_PAST = 100;
let last = { key: "", at: 0 };

/** Change the draft. Changes with the same `key` that follow each other closely are undone together. */
export function edit(definition: Definition, { key = "", ...more }: Partial<Builder> & { key?: string } = {}): void {
  const before = builder();
  if (definition === before.definition || before.comparison?.shown) return;
  const together = key !== "" && last.key === key && Date.now() - last.at < TOGETHER_MS;
  last = { key, at: Date.now() };
  const past = together ? before.past : [...before.past, before.definition].slice(-MOST_PAST);
  set({ ...more, definition, past, future: [], saving: before.saving === "clash" ? "clash" : "waiting" });
}

export function undo(): void {
  const { past, future, definition } = builder();
  const previous = past.at(-1);
  if (previous) travel({ definition: previous, past: past.slice(0, -1), future: [definition, ...future] });
}

export function redo(): void {
  const { past, future, definition } = builder();
  const next = future[0];
  if (next) travel({ definition: next, past: [...past, definition], future: future.slice(1) });
}

function travel(changes: Pick<Builder, "definition" | "past" | "future">): void {
  const { chosen, saving } = builder();
  last = { key: "", at: 0 };
  const kept = chosen === TRIGGER || (chosen !== null && stepOf(changes.definition, chosen));
  set({ ...changes, chosen: kept ? chosen : null, saving: saving === "clash" ? "clash" : "waiting" });
}

export function setStep(id: string, changes: Partial<Pick<Placed, "name" | "note" | "params">>, key = ""): void {
  edit(change(builder().definition, id, (step) => ({ ...step, ...changes })), { key: key && `${id} ${key}` });
}

/** New parameters of a step. `key` names the field that was changed. */
export function setParams(id: string, params: Params, key = ""): void {
  setStep(id, { params }, key);
}

export function setTrigger(trigger: Trigger | null, key = ""): void {
  edit({ ...builder().definition, trigger }, { key: key && `trigger ${key}` });
}

export function setHands(hands: Partial<Record<"reply" | "assignment" | "closing", Hand>>): void {
  const { definition } = builder();
  edit({ ...definition, hands: { ...definition.hands, ...hands } });
}

/** The ids of a step's exits, also of one that stands in a clip and not in the draft yet. */
export function exitIds(id: string, extra: readonly Placed[] = []): string[] {
  const now = builder();
  const step = stepOf(now.definition, id) ?? extra.find((each) => each.id === id);
  if (!step) return [];
  if (now.looks[id] || !extra.includes(step)) return exitsOf(now, step).map((exit) => exit.id);
  const usual = kindOf(now, step.kind)?.look.exits.map((exit) => exit.id) ?? [];
  return [...new Set([...usual, ...Object.keys(step.exits)])];
}
