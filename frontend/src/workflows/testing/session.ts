// One test of the draft: what was said, what the steps did, where it stands. It outlives the panel, not the page.
import { useSyncExternalStore } from "preact/compat";
import { recall, remember } from "../../store";
import { ask } from "../save";
import { say } from "../say";
import { builder, set } from "../store";
import { lightsOf, valueOf } from "./entries";
import type { Asked, Bubble, MadeUp, Move, Passed, Told, Waits } from "./types";

/** Whom the draft is tried with, and when. */
export interface Setup {
  whom: "made_up" | "real";
  madeUp: MadeUp;
  real: { id: number; name: string } | null;
  variables: Record<string, string>;
  /** Local time as an input holds it; empty for now. */
  at: string;
}

export type Said = { from: "us"; bubble: Bubble } | { from: "them"; text: string } | { from: "note"; text: string };

export interface Session {
  setup: Setup;
  sendingFails: boolean;
  /** Empty before the test begins. */
  state: string;
  busy: boolean;
  error: string;
  said: Said[];
  trail: Passed[];
  told: Told | null;
  trigger: Asked | null;
}

const NOBODY: MadeUp = { fields: { firstName: "Alex", lastName: "Example" }, tag_ids: [], stage_id: null, channel_id: null, assignee_id: null };
const NEW: Setup = { whom: "made_up", madeUp: NOBODY, real: null, variables: {}, at: "" };
const IDLE: Omit<Session, "setup" | "sendingFails"> = { state: "", busy: false, error: "", said: [], trail: [], told: null, trigger: null };

let workflow = 0;
let session: Session = { setup: NEW, sendingFails: false, ...IDLE };
let turn = 0;
const listeners = new Set<() => void>();

export function useSession(): Session {
  return useSyncExternalStore(
    (listener: () => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => session,
  );
}

function change(changes: Partial<Session>): void {
  session = { ...session, ...changes };
  for (const listener of [...listeners]) listener();
}

/** The phone is opened: on another workflow it starts anew. */
export function openPhone(): void {
  const { id } = builder().workflow;
  if (id !== workflow) {
    workflow = id;
    turn += 1;
    change({ setup: kept() ?? NEW, sendingFails: false, ...IDLE });
  }
  light();
}

/** The phone is closed: the canvas is dark again. */
export function closePhone(): void {
  set({ lights: {} });
}

export function prepare(changes: Partial<Setup>): void {
  const setup = { ...session.setup, ...changes };
  remember(keyOf(), JSON.stringify(setup));
  change({ setup });
}

export function letSendingFail(sendingFails: boolean): void {
  change({ sendingFails });
}

/** Back to the choice of whom to try it with. */
export function reset(): void {
  turn += 1;
  change({ ...IDLE });
  light();
}

export async function beginTest(first = ""): Promise<void> {
  const { setup } = session;
  change({ ...IDLE, said: first ? [{ from: "them", text: first }] : [] });
  await move({
    do: "begin",
    contact_id: setup.whom === "real" ? (setup.real?.id ?? null) : null,
    made_up: setup.madeUp,
    variables: variables(),
    said: first,
    at: setup.at ? new Date(setup.at).toISOString() : null,
  });
}

export async function write(text: string, payload?: string): Promise<void> {
  change({ said: [...session.said, { from: "them", text }] });
  await move({ do: "answer", text, ...(payload && { payload }) });
}

export async function skipTime(): Promise<void> {
  await move({ do: "time" }, say("test_time_passed"));
}

export async function answerCall(ok: boolean, details: Extract<Move, { do: "result" }>["details"], reason = ""): Promise<void> {
  await move({ do: "result", ok, reason, ...(details && { details }) });
}

export async function assignTo(id: number, name: string): Promise<void> {
  await move({ do: "result", ok: true, details: { member_id: id } }, say("test_assigned", { name }));
}

export async function takeInHand(hand: "reply" | "assignment" | "closing"): Promise<void> {
  await move({ do: "hand", hand }, say(`test_hand_${hand}`));
}

async function move(next: Move, note = ""): Promise<void> {
  if (session.busy) return;
  const mine = turn;
  change({ busy: true, error: "", ...(note && { said: [...session.said, { from: "note", text: note }] }) });
  const { definition } = builder();
  const answer = await ask("POST", "/rehearsal", { definition, state: session.state, move: next, sending_fails: session.sendingFails }).catch(() => null);
  if (mine !== turn) return;
  if (!answer?.ok) return change({ busy: false, error: await wordsOf(answer) });
  take((await answer.json()) as Told, next);
}

async function wordsOf(answer: Response | null): Promise<string> {
  if (!answer) return say("unreachable");
  const told = (await answer.json().catch(() => ({}))) as { words?: string; error?: { message?: string } };
  return told.words ?? told.error?.message ?? say("failed");
}

function take(told: Told, made: Move): void {
  const said: Said[] = told.said.map((bubble) => ({ from: "us", bubble }));
  if (!told.heard && made.do === "answer") said.push({ from: "note", text: say("test_unheard") });
  if (!told.heard && made.do === "hand") said.push({ from: "note", text: say("test_hand_goes_on") });
  change({
    ...{ busy: false, state: told.state, told },
    said: [...session.said, ...said],
    trail: [...session.trail, ...told.trail],
    trigger: made.do === "begin" ? told.trigger : session.trigger,
  });
  light();
  if (told.step) document.dispatchEvent(new CustomEvent("workflow:reveal", { detail: told.step }));
}

function light(): void {
  set({ lights: lightsOf(session.trail, session.told) });
}

/** What the trigger is said to have brought. */
function variables(): Record<string, string | number | boolean | null> {
  const given = builder().looks["trigger"]?.variables ?? [];
  return Object.fromEntries(given.map(({ name, type }) => [name, valueOf(session.setup.variables[name] ?? "", type)]));
}

function keyOf(): string {
  return `workflows.test.${workflow}`;
}

function kept(): Setup | null {
  try {
    const found = JSON.parse(recall(keyOf()) ?? "null") as Partial<Setup> | null;
    return found && { ...NEW, ...found, madeUp: { ...NOBODY, ...found.madeUp }, at: "" };
  } catch {
    return null;
  }
}

export function isOver(told: Told | null): boolean {
  return told !== null && told.standing !== "waiting";
}

export type { Waits };
