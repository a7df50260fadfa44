// The draft goes to the server by itself, a moment after each change. What others saved meanwhile is never overwritten unasked.
import { workspaceHeader } from "../workspace";
import { say } from "./say";
import { builder, set, subscribe } from "./store";
import type { Clash, Definition, Draft, FileRead, Problem, Saved, WorkflowHead } from "./types";

const PAUSE_MS = 500;
const AGAIN_MS = [1000, 2000, 5000, 10_000];

let saved: Definition | null = null;
let timer = 0;
let failures = 0;
let under: Promise<void> | null = null;

/** Save from now on whatever changes. Returns how to stop. */
export function startSaving(): () => void {
  saved = builder().definition;
  const stop = subscribe(noticed);
  const again = (): void => void (failures > 0 && save());
  const leaving = (event: BeforeUnloadEvent): void => {
    if (builder().saving !== "saved") event.preventDefault();
    void save();
  };
  const going = (): void => void save();
  window.addEventListener("online", again);
  window.addEventListener("beforeunload", leaving);
  document.addEventListener("turbo:before-visit", going);
  return () => {
    stop();
    clearTimeout(timer);
    window.removeEventListener("online", again);
    window.removeEventListener("beforeunload", leaving);
    document.removeEventListener("turbo:before-visit", going);
    void save();
  };
}

function noticed(): void {
  const { definition, saving } = builder();
  if (definition === saved || saving !== "waiting") return;
  later(PAUSE_MS);
}

function later(pause: number): void {
  clearTimeout(timer);
  timer = window.setTimeout(() => void save(), pause);
}

/** Save now. Done when the server has what was there when it was called, or said no. */
export async function save(): Promise<void> {
  clearTimeout(timer);
  while (under) await under;
  const { definition, saving } = builder();
  if (definition === saved || saving === "clash") {
    if (definition === saved && saving === "waiting") set({ saving: "saved" });
    return;
  }
  under = put(definition).finally(() => (under = null));
  await under;
}

async function put(definition: Definition): Promise<void> {
  const { workflow } = builder();
  set({ saving: "saving" });
  const answer = await ask("PUT", "/draft", { number: workflow.number, definition }).catch(() => null);
  if (answer?.status === 200) stored(definition, (await answer.json()) as Saved);
  else if (answer?.status === 409) set({ saving: "clash", clash: (await answer.json()) as Clash });
  else if (answer?.status === 422) set({ saving: "refused", refusal: await wordsIn(answer) });
  else missed();
}

function stored(definition: Definition, { number, looks, problems }: Saved): void {
  saved = definition;
  failures = 0;
  const { workflow, definition: now } = builder();
  const changed = workflow.published !== null || workflow.changed;
  set({ workflow: { ...workflow, number, changed }, looks, problems, refusal: "", saving: now === definition ? "saved" : "waiting" });
}

function missed(): void {
  set({ saving: "offline" });
  later(AGAIN_MS[Math.min(failures, AGAIN_MS.length - 1)] ?? 10_000);
  failures += 1;
}

// --- Somebody else was faster ------------------------------------------------------------------------------------------------------

/** What the live stream tells of any workflow of the workspace; `by` is a member's id. */
export interface Told {
  workflow_id: number;
  number: number;
  status: WorkflowHead["status"];
  by: number | null;
}

/** Somebody else saved a draft, published or stopped: what is theirs and what is one's own is now a choice. */
export function heard({ workflow_id, number, status, by }: Told): void {
  const { workflow, saving, data } = builder();
  if (workflow_id !== workflow.id || saving === "saving") return;
  if (number > workflow.number) set({ saving: "clash", clash: { number, by: by === data.member.id ? say("you_elsewhere") : nameOfMember(by) } });
  if (status !== workflow.status) set({ workflow: { ...builder().workflow, status } });
}

function nameOfMember(id: number | null): string {
  return builder().data.things["member"]?.find((member) => member.id === id)?.name ?? say("somebody");
}

/** Go on with what the other one saved; one's own stays one step of undo away. */
export async function takeTheirs(): Promise<void> {
  const answer = await ask("GET", "/draft").catch(() => null);
  if (answer?.status !== 200) throw new Refusal(say("unreachable"));
  const { number, definition, looks, problems } = (await answer.json()) as Draft;
  const { workflow, definition: mine, past } = builder();
  saved = definition;
  set({
    ...{ definition, looks, problems, past: [...past, mine], future: [], saving: "saved", clash: null },
    ...{ workflow: { ...workflow, number }, chosen: null, panel: null, lights: {} },
  });
}

/** Save one's own over it. */
export async function keepMine(): Promise<void> {
  const { clash, workflow } = builder();
  if (!clash) return;
  saved = null;
  set({ clash: null, saving: "waiting", workflow: { ...workflow, number: clash.number } });
  await save();
}

// --- Verbs ---------------------------------------------------------------------------------------------------------------------------

/** What the server refused, in words, with the problems that it names. */
export class Refusal extends Error {
  constructor(
    words: string,
    readonly problems: Problem[] = [],
  ) {
    super(words);
  }
}

/** What the file of an exported workflow holds. */
export async function readFile(text: string): Promise<FileRead> {
  const headers = { Accept: "application/json", "Content-Type": "application/json", ...workspaceHeader() };
  const answer = await fetch(`/workflows/${builder().workflow.id}/file`, { method: "POST", headers, body: text }).catch(() => null);
  if (!answer) throw new Refusal(say("unreachable"));
  if (!answer.ok) throw new Refusal(await wordsIn(answer));
  return (await answer.json()) as FileRead;
}

export async function publish(): Promise<void> {
  await settled();
  await head("POST", "/publication", { number: builder().workflow.number });
}

export async function stop(eject: boolean): Promise<void> {
  await head("DELETE", `/publication${eject ? "?eject=1" : ""}`);
}

export async function rename(name: string, description: string): Promise<void> {
  await head("PATCH", "", { name, description });
}

/** Everything is saved, or it is said why not. */
export async function settled(): Promise<void> {
  await save();
  const { saving, refusal } = builder();
  if (saving !== "saved") throw new Refusal(refusal || say("not_saved"));
}

async function head(method: string, path: string, body?: object): Promise<void> {
  const answer = await ask(method, path, body).catch(() => null);
  if (!answer) throw new Refusal(say("unreachable"));
  if (!answer.ok) {
    const { words, problems } = await refusalIn(answer);
    if (problems) set({ problems });
    throw new Refusal(words, problems);
  }
  set({ workflow: (await answer.json()) as WorkflowHead });
}

export async function ask(method: string, path: string, body?: object): Promise<Response> {
  const headers = { Accept: "application/json", ...(body && { "Content-Type": "application/json" }), ...workspaceHeader() };
  return fetch(`/workflows/${builder().workflow.id}${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
}

async function wordsIn(answer: Response): Promise<string> {
  return (await refusalIn(answer)).words;
}

async function refusalIn(answer: Response): Promise<{ words: string; problems?: Problem[] }> {
  const said = (await answer.json().catch(() => ({}))) as { words?: string; error?: { message?: string }; problems?: Problem[] };
  return { words: said.words ?? said.error?.message ?? say("failed"), ...(said.problems && { problems: said.problems }) };
}
