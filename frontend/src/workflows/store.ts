// What the builder knows: the draft, what the server makes of it, what is chosen and shown. Everything that changes it is a function here
// or in `edit.ts`; components read it with `useBuilder`. Nothing in it is changed in place.
import { useSyncExternalStore } from "preact/compat";
import { type Place, TRIGGER, above, stepOf } from "./tree";
import type { BuilderData, Definition, Exit, Kind, Look, Placed, Problem, Variable, WorkflowHead } from "./types";

/** What the panel on the right shows. */
export type Panel = "chosen" | "settings" | "problems" | "outline" | "versions" | "testing";

/** What became of the last change. "offline" is tried again by itself, "refused" has words, "clash" waits for a choice. */
export type Saving = "saved" | "waiting" | "saving" | "offline" | "refused" | "clash";

/** How a step is drawn while a rehearsal or a run goes over it. */
export type Light = "now" | "done" | "failed" | "waiting";

/** Numbers of the run history on the canvas: of contacts, by step and by exit. */
export interface Counts {
  entered: Record<string, number>;
  inside: Record<string, number>;
  failed: Record<string, number>;
  exits: Record<string, Record<string, number>>;
  runs: Record<string, number>;
}

export type Change = "added" | "changed" | "removed";

/** Two versions side by side: what became of each step from the one to the other. */
export interface Comparison {
  /** The older one. */
  number: number;
  definition: Definition;
  /** The newer one, which the canvas shows and nobody can change; null for the draft. */
  shown: { number: number; definition: Definition } | null;
  changes: Record<string, Change>;
}

/** A dialog over the page. */
export type Asking = { what: "rename" | "publish" | "stop" | "keys" | "import" } | { what: "delete"; id: string };

export interface Builder {
  /** What the page brought along: kinds of steps and triggers, things, standing variables. It stays, but for `things`. */
  data: BuilderData;
  workflow: WorkflowHead;
  definition: Definition;
  /** By step id and "trigger". A new step has the look of its kind until it is saved. */
  looks: Record<string, Look>;
  problems: Problem[];

  /** Step id, "trigger", or nothing. */
  chosen: string | null;
  panel: Panel | null;
  /** Where a step is being added: the palette is open. */
  adding: Place | null;
  /** A step that moves to the place that is chosen next. */
  moving: string | null;
  /** A step whose name is being written on the canvas. */
  renaming: string | null;
  asking: Asking | null;
  folded: ReadonlySet<string>;

  past: Definition[];
  future: Definition[];
  saving: Saving;
  /** Who saved meanwhile, and what number their draft has. */
  clash: { number: number; by: string } | null;
  refusal: string;

  counts: Counts | null;
  lights: Record<string, Light>;
  comparison: Comparison | null;
}

let state: Builder;
const listeners = new Set<() => void>();

export function begin(data: BuilderData, folded: ReadonlySet<string> = new Set()): void {
  const { workflow, definition, looks, problems } = data;
  state = {
    ...{ data, workflow, definition, looks, problems, folded },
    ...{ chosen: null, panel: null, adding: null, moving: null, renaming: null, asking: null },
    ...{ past: [], future: [], saving: "saved", clash: null, refusal: "" },
    ...{ counts: null, lights: {}, comparison: null },
  };
}

export function builder(): Builder {
  return state;
}

/** Change something that is not the draft itself; for the draft there is `edit.ts`. */
export function set(changes: Partial<Builder>): void {
  state = { ...state, ...changes };
  for (const listener of [...listeners]) listener();
}

export function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** A part of what the builder knows. What `pick` gives must be part of the state, not made anew. */
export function useBuilder<Part>(pick: (builder: Builder) => Part): Part {
  return useSyncExternalStore(subscribe, () => pick(state));
}

/** The builder as the canvas shows it: a version that is looked at stands in for the draft. */
export function drawn(now: Builder): Builder {
  const shown = now.comparison?.shown;
  return shown ? { ...now, definition: shown.definition, problems: [], chosen: null } : now;
}

// --- Questions ---------------------------------------------------------------------------------------------------------------

export function kindOf({ data }: Builder, kind: string): Kind | undefined {
  return data.steps.find((each) => each.kind === kind);
}

export function triggerKind({ data, definition }: Builder): Kind | undefined {
  return data.triggers.find((each) => each.kind === definition.trigger?.kind);
}

/** What the server said of a step, or of "trigger". One that is not saved yet looks like a new one of its kind. */
export function lookOf(builder: Builder, id: string): Look {
  const known = builder.looks[id] ?? (id === TRIGGER ? triggerKind(builder)?.look : kindOf(builder, stepOf(builder.definition, id)?.kind ?? "")?.look);
  return known ?? { summary: "", exits: [], variables: [] };
}

/** The ways on of a step in their order; at the end those that it has no more, though steps still stand behind them. */
export function exitsOf(builder: Builder, step: Placed): Exit[] {
  const { exits } = lookOf(builder, step.id);
  const lost = Object.keys(step.exits).filter((id) => !exits.some((exit) => exit.id === id));
  return [...exits, ...lost.map((id): Exit => ({ id, label: "", kind: "failure" }))];
}

export function problemsOf({ problems }: Builder, id: string): Problem[] {
  return problems.filter((problem) => problem.step === id);
}

/** What a step may use: what the steps before it and the trigger give, nearest first, then the standing ones. */
export function variablesFor(builder: Builder, id: string): { from: string; variables: Variable[] }[] {
  const before = id === TRIGGER ? [] : above(builder.definition, id);
  const given = before.map((step) => ({ from: nameOf(builder, step), variables: lookOf(builder, step.id).variables }));
  const trigger = { from: triggerKind(builder)?.name ?? "", variables: lookOf(builder, TRIGGER).variables };
  return [...given, trigger, { from: "", variables: builder.data.variables }].filter(({ variables }) => variables.length > 0);
}

export function nameOf(builder: Builder, step: Placed): string {
  return step.name || kindOf(builder, step.kind)?.name || step.kind;
}
