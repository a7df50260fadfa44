// What the builder's page and the server say to each other. The server's side stands in src/ismessenger/web/workflows/.

export type Json = string | number | boolean | null | Json[] | { [name: string]: Json };
export type Params = { [name: string]: Json };

/** A step in its place: `workflows/definition.py`. `exits` says which step stands behind which way on. */
export interface Placed {
  id: string;
  kind: string;
  name: string;
  note: string;
  params: Params;
  exits: Record<string, string>;
}

export interface Trigger {
  kind: string;
  params: Params;
  condition: Json;
  once: boolean;
}

export type Hand = "go_on" | "end";

export interface Definition {
  format: 1;
  trigger: Trigger | null;
  hands: { reply: Hand; assignment: Hand; closing: Hand };
  start: string | null;
  steps: Placed[];
}

export interface Exit {
  id: string;
  label: string;
  kind: "next" | "branch" | "failure";
}

export interface Variable {
  name: string;
  label: string;
  type: "text" | "number" | "checkbox" | "date" | "time" | "choice";
  options: [string, string][];
}

/** What the server makes of a step's parameters: its line on the canvas, its ways on, the variables that it gives. "trigger" has one too. */
export interface Look {
  summary: string;
  exits: Exit[];
  variables: Variable[];
}

/** Something that keeps the workflow from being published. `step` is a step's id, "trigger" or "" for the whole; `field` a path in its parameters. */
export interface Problem {
  step: string;
  field: string;
  words: string;
}

/** JSON schema of pydantic, with `thing` and `widget` as `sdk/step.py` puts them on fields. */
export interface Schema {
  type?: string;
  title?: string;
  description?: string;
  default?: Json;
  enum?: Json[];
  const?: Json;
  anyOf?: Schema[];
  oneOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  required?: string[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  pattern?: string;
  $ref?: string;
  $defs?: Record<string, Schema>;
  thing?: string;
  widget?: string;
  [more: string]: unknown;
}

/** A kind of step or trigger. `params` are those of a new one, `look` what the server makes of them. */
export interface Kind {
  kind: string;
  name: string;
  description: string;
  icon: string;
  group: string;
  schema: Schema;
  params: Params;
  look: Look;
}

/** Something that a definition may name: `id` is what is stored. `more` holds what helps to choose it (a channel's kind, a field's type). */
export interface Thing {
  id: number | string;
  name: string;
  more?: Record<string, Json>;
}

export interface Published {
  number: number;
  at: string;
  by: string;
}

export interface WorkflowHead {
  id: number;
  name: string;
  description: string;
  status: "draft" | "published" | "stopped";
  /** Grows with every change of the draft: what is saved names the one that it was made from. */
  number: number;
  /** The draft says something else than what is published. */
  changed: boolean;
  published: Published | null;
  hook_url: string | null;
}

/** `<script type="application/json" id="builder-data">` of the page. */
export interface BuilderData {
  workflow: WorkflowHead;
  definition: Definition;
  looks: Record<string, Look>;
  problems: Problem[];
  steps: Kind[];
  triggers: Kind[];
  things: Record<string, Thing[]>;
  /** `conditions.schema.editor_schema` without variables; those of the steps before are added by the editor. */
  conditions: Json;
  /** Variables that there always are: of the contact, the assignee, the system. */
  variables: Variable[];
  /** Whether the member who looks may publish, and what their name is. */
  member: { id: number; name: string };
}

/** Answer to `PUT /workflows/7/draft` with `{number, definition}`; 409 is `Clash`, 422 `{words}`. */
export interface Saved {
  number: number;
  looks: Record<string, Look>;
  problems: Problem[];
}

export interface Clash {
  number: number;
  by: string;
  definition: Definition;
}

/** Answer to `POST /workflows/7/file` with the text of an exported workflow; 422 is `{words}`. `missing` are names of what is not here. */
export interface FileRead {
  name: string;
  definition: Definition;
  missing: string[];
  looks: Record<string, Look>;
  problems: Problem[];
}

/** Answer to `GET /workflows/7/draft`: what was saved last, by whomever. */
export interface Draft extends Saved {
  by: string;
  definition: Definition;
}

/** Answer to `POST /workflows/7/request-test` with `{params, variables: {name: text}}`. `text` is the beginning of an answer that is no JSON. */
export interface RequestTested {
  ok: boolean;
  status: number | null;
  json: Json;
  text: string;
  /** Why it failed, in words; else empty. */
  reason: string;
  milliseconds: number;
}

/** Answer to `GET /workflows/7/hook-sample`. POST begins to listen for one, DELETE stops and forgets. */
export interface HookSample {
  url: string | null;
  body: Json;
  at: string | null;
  listening: boolean;
}
