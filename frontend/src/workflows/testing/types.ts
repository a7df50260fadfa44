// What the phone and `POST /workflows/7/rehearsal` say to each other: `web/workflows/rehearsal.py` and `shown_rehearsal.py`.
import type { Json } from "../types";

/** A name and a value in words. */
export type Line = [string, string];

export interface Asked {
  condition: Json;
  held: boolean;
  /** Whether each of its conditions held, in their order. */
  leaves: boolean[];
}

export interface Effect {
  words: string;
  /** Why it would fail; empty if it would not. */
  failed: string;
}

export interface Passed {
  step: string;
  entry: number;
  entered: boolean;
  exit: string | null;
  error: string;
  input: Line[];
  output: Line[];
  variables: Line[];
  effects: Effect[];
  asked: Asked[];
}

export interface Bubble {
  step_id: string;
  text: string;
  subject: string;
  files: string[];
  choices: string[];
  channel: string;
  failed: string;
}

export interface Waits {
  for: ("result" | "answer" | "time")[];
  shown: string;
  /** Milliseconds since 1970. */
  until: number | null;
  /** What whoever tries it has to say. */
  asks: "" | "call" | "assign";
  members: { id: number; name: string }[];
}

export interface Told {
  state: string;
  standing: "new" | "waiting" | "done" | "failed" | "ended";
  step: string;
  heard: boolean;
  at: number;
  trail: Passed[];
  said: Bubble[];
  waits: Waits | null;
  trigger: Asked | null;
  contact: Line[];
  variables: Line[];
}

export interface MadeUp {
  fields: Record<string, string>;
  tag_ids: number[];
  stage_id: number | null;
  channel_id: number | null;
  assignee_id: number | null;
}

export type Move =
  | { do: "begin"; contact_id: number | null; made_up: MadeUp; variables: Record<string, string | number | boolean | null>; said: string; at: string | null }
  | { do: "answer"; text: string; payload?: string }
  | { do: "time" }
  | { do: "result"; ok: boolean; reason?: string; details?: Record<string, Json> }
  | { do: "hand"; hand: "reply" | "assignment" | "closing" };
