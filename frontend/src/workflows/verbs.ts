// What a person does to the draft: each says in words why it cannot be done.
import { remember } from "../store";
import { notify } from "../notices";
import { edit, exitIds } from "./edit";
import { say, sayCount } from "./say";
import { builder, kindOf, nameOf, set } from "./store";
import { type Clip, MAX_STEPS, type Place, TRIGGER, at, below, clip, insert, move, newStep, placeOf, readClip, removeOne, removeWhole, renewed, stepOf } from "./tree";
import type { Kind, Placed } from "./types";

/** Open the panel on a step or the trigger. */
export function choose(id: string | null): void {
  if (builder().comparison?.shown) return;
  set({ chosen: id, panel: id === null ? null : "chosen" });
}

export function addStep(kind: Kind, place: Place): void {
  const step = newStep(kind);
  if (placed(place, [step], exitsOfNew(kind))) set({ chosen: step.id, panel: "chosen", adding: null });
  focusStep(builder().chosen ?? TRIGGER);
}

/** Whether a step of this kind can stand here: one without a way on can only stand at an end. */
export function fits(kind: Kind, place: Place): boolean {
  return kind.look.exits.length > 0 || at(builder().definition, place) === null;
}

function exitsOfNew(kind: Kind): (id: string) => string[] {
  return (id) => (stepOf(builder().definition, id) ? exitIds(id) : kind.look.exits.map((exit) => exit.id));
}

function placed(place: Place, steps: Placed[], exitsOf: (id: string) => readonly string[]): boolean {
  const { definition } = builder();
  if (definition.steps.length + steps.length > MAX_STEPS) return refuse(say("too_many_steps"));
  const next = insert(definition, place, steps, exitsOf);
  if (!next) return refuse(say("no_way_on"));
  edit(next);
  return true;
}

function refuse(words: string): false {
  notify(words);
  return false;
}

export function moveTo(id: string, place: Place): void {
  const next = move(builder().definition, id, place, (each) => exitIds(each));
  set({ moving: null });
  if (next) edit(next, { chosen: id });
}

// --- Deleting -----------------------------------------------------------------------------------------------------------------------

/** Delete a step: at once where nothing hangs below, else it is asked what becomes of the others. */
export function deleteStep(id: string): void {
  if (id === TRIGGER) return;
  if (below(builder().definition, id).length > 1) set({ asking: { what: "delete", id } });
  else deleteWhole(id);
}

export function deleteWhole(id: string): void {
  const { definition } = builder();
  const number = below(definition, id).length;
  const parent = placeOf(definition, id)?.after ?? TRIGGER;
  edit(removeWhole(definition, id), { chosen: null, panel: null, asking: null });
  notify(sayCount("deleted", number));
  focusStep(parent);
}

/** Delete one step and close the gap. */
export function deleteOne(id: string): void {
  const { definition } = builder();
  const next = removeOne(definition, id);
  const parent = placeOf(definition, id)?.after ?? TRIGGER;
  if (next) edit(next, { chosen: null, panel: null, asking: null });
  notify(sayCount("deleted", 1));
  focusStep(parent);
}

// --- Copying ------------------------------------------------------------------------------------------------------------------------

let copied: Clip | null = null;

export function hasCopied(): boolean {
  return copied !== null;
}

/** Keep a step with all below it, and give the text for the clipboard. */
export function copy(id: string, alone = false): string {
  copied = clip(builder().definition, id, alone);
  return JSON.stringify(copied);
}

export async function copyToClipboard(id: string, alone = false): Promise<void> {
  const text = copy(id, alone);
  await navigator.clipboard?.writeText(text).catch(() => undefined);
  notify(sayCount("copied", copied?.steps.length ?? 0));
}

export async function cutToClipboard(id: string): Promise<void> {
  await copyToClipboard(id);
  deleteWhole(id);
}

/** Paste what the text holds, or what was copied on this page. */
export function paste(place: Place, text: string | null = null): void {
  const found = text === null ? copied : readClip(text);
  if (!found) return void refuse(say("nothing_to_paste"));
  const steps = renewed(found, (kind) => kindOf(builder(), kind)?.schema);
  const unknown = steps.find((step) => !kindOf(builder(), step.kind));
  if (unknown) return void refuse(say("unknown_kind", { kind: unknown.kind }));
  if (placed(place, steps, (id) => exitIds(id, steps))) set({ chosen: steps[0]?.id ?? null, adding: null });
  focusStep(steps[0]?.id ?? TRIGGER);
}

export async function pasteFromClipboard(place: Place): Promise<void> {
  const text = await navigator.clipboard?.readText?.().catch(() => null);
  paste(place, text && readClip(text) ? text : null);
}

/** Where something new goes that stands after a step: behind its first way on. */
export function placeAfter(id: string): Place | null {
  if (id === TRIGGER) return { after: TRIGGER, exit: "start" };
  const exit = exitIds(id)[0];
  return exit === undefined ? null : { after: id, exit };
}

export function duplicate(id: string): void {
  const { definition } = builder();
  const place = placeAfter(id);
  if (!place) return void refuse(say("no_way_on"));
  const steps = renewed(clip(definition, id, true), (kind) => kindOf(builder(), kind)?.schema).map((step) => named(step));
  if (placed(place, steps, (each) => exitIds(each, steps))) set({ chosen: steps[0]?.id ?? null });
  focusStep(steps[0]?.id ?? id);
}

function named(step: Placed): Placed {
  return step.name ? { ...step, name: say("copy_of", { name: nameOf(builder(), step) }).slice(0, 100) } : step;
}

// --- Looking ------------------------------------------------------------------------------------------------------------------------

/** Hide or show what is below a step; this browser remembers it. */
export function fold(id: string): void {
  const { folded, workflow } = builder();
  const next = new Set(folded);
  if (!next.delete(id)) next.add(id);
  remember(foldedKey(workflow.id), next.size > 0 ? [...next].join(" ") : null);
  set({ folded: next });
}

export function foldedKey(id: number): string {
  return `workflow.${id}.folded`;
}

/** Open a step that may be folded away. */
export function jumpTo(id: string): void {
  reveal(id);
  set({ chosen: id, panel: "chosen" });
}

/** Bring a step into view that may be folded away. */
export function reveal(id: string): void {
  const { definition, folded, workflow } = builder();
  const open = new Set([...folded].filter((each) => each === id || !below(definition, each).includes(id)));
  if (open.size !== folded.size) remember(foldedKey(workflow.id), open.size > 0 ? [...open].join(" ") : null);
  set({ folded: open });
  requestAnimationFrame(() => document.dispatchEvent(new CustomEvent("workflow:reveal", { detail: id })));
}

/** Give the keyboard to something on the canvas, once it is drawn. */
export function focusStep(id: string): void {
  requestAnimationFrame(() => document.dispatchEvent(new CustomEvent("workflow:focus", { detail: id })));
}
