// One draft and the server's copy of it: what is typed is saved soon after, and what the same member typed elsewhere appears here.
import { workspaceHeader } from "../workspace";
import { type Kind, draft, keepDraft, noteUnsaved, unsavedOn } from "./drafts";

const SAVE_AFTER_MS = 700;
const TRY_AGAIN_MS = 8_000;
const PATIENCE_MS = 4_000;

export interface Version {
  text: string;
  version: number;
}

/** Where the words are written. `conflict` hears of newer words from elsewhere, and null once that is settled. */
export interface Field {
  text(): string;
  show(text: string): void;
  conflict(theirs: Version | null): void;
}

/** What this tab has heard of a draft: a page out of the browser's cache may know less. */
const heard = new Map<string, Version & { newest: number }>();
/** Versions that this tab made. */
const ours = new Set<number>();
const asking = new Map<number, Promise<Record<Kind, Version> | null>>();

export class Sync {
  /** The version that the words in the field were written on. */
  private base = 0;
  /** What the server has, as far as we know. */
  private saved = "";
  private theirs: Version | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private saving: Promise<void> | undefined;
  private sending: Promise<unknown> | undefined;
  private gone = false;

  constructor(
    private readonly kind: Kind,
    private readonly contactId: number,
    private readonly field: Field,
  ) {}

  /** The page brings what the server has; words that it does not have yet stand first. */
  start(page: Version): void {
    const known = heard.get(this.name);
    const server = known && page.version <= known.newest ? known : page;
    this.learn(server);
    const local = draft(this.kind, this.contactId);
    const on = unsavedOn(this.kind, this.contactId);
    if (on === null || local === "" || local === server.text) this.take(server);
    else {
      this.saved = server.text;
      this.field.show(local);
      if (on === server.version || server.text === "") this.goOn(server.version);
      else this.disagree(server);
    }
    if (server !== page && server.version !== page.version) void this.look();
  }

  /** The field is not on the page any more: what is unsaved goes out at once. */
  stop(): void {
    this.gone = true;
    this.flush();
  }

  /** Save now what would be saved soon. */
  flush(): void {
    clearTimeout(this.timer);
    if (this.dirty && !this.theirs && !this.sending) void this.save();
  }

  /** Words come back although nobody sees the field any more: they are there when it is opened again. */
  keepFor(text: string): void {
    keepDraft(this.kind, this.contactId, text);
    noteUnsaved(this.kind, this.contactId, this.base);
  }

  typed(): void {
    const text = this.field.text();
    keepDraft(this.kind, this.contactId, text);
    noteUnsaved(this.kind, this.contactId, text === this.saved ? null : this.base);
    this.soon();
  }

  /** The words are being sent, by `run` with their version: whatever is typed from now on is a new draft, saved once that is settled. */
  send(run: (version: number) => Promise<void>): Promise<void> {
    clearTimeout(this.timer);
    this.settleConflict();
    const sending = this.carry(run);
    this.sending = sending.catch(() => undefined);
    return sending;
  }

  /** The server says that this draft changed, on this page or on another one. */
  async told(version: number): Promise<void> {
    await Promise.all([this.saving, this.sending]);
    if (version !== this.base && !ours.has(version)) await this.look();
  }

  /** Ask the server how it is now. */
  async look(): Promise<void> {
    const server = (await ask(this.contactId))?.[this.kind];
    if (server && !this.gone && !this.saving && !this.sending) this.compare(server);
  }

  /** The page was brought up to date. */
  again(page: Version): void {
    if (page.version > (heard.get(this.name)?.newest ?? 0)) this.compare(page);
    else if (page.version !== this.base) void this.look();
  }

  keepMine(): void {
    if (!this.theirs) return;
    this.base = this.theirs.version;
    this.settleConflict();
    this.typed();
  }

  takeTheirs(): void {
    if (this.theirs) this.take(this.theirs);
    this.settleConflict();
  }

  private async carry(run: (version: number) => Promise<void>): Promise<void> {
    await Promise.race([this.saving, new Promise((done) => setTimeout(done, PATIENCE_MS))]);
    const before: Version = { text: this.saved, version: this.base };
    [this.base, this.saved] = [0, ""];
    try {
      await run(before.version);
      this.learn({ text: "", version: 0 });
    } catch (error) {
      [this.base, this.saved] = [before.version, before.text];
      throw error;
    } finally {
      this.sending = undefined;
      if (!this.gone) this.typed();
    }
  }

  private compare(server: Version): void {
    this.learn(server);
    if (server.version === this.base) return;
    if (ours.has(server.version)) return this.goOn(server.version);
    if (!this.dirty || server.text === this.field.text()) this.take(server);
    else if (server.text === "") this.goOn(0);
    else this.disagree(server);
  }

  private get name(): string {
    return `${this.kind}/${this.contactId}`;
  }

  private get dirty(): boolean {
    return this.field.text().trim() !== this.saved.trim();
  }

  private take(server: Version): void {
    [this.base, this.saved] = [server.version, server.text];
    this.field.show(server.text);
    this.remember();
  }

  private goOn(version: number): void {
    this.base = version;
    this.settleConflict();
    this.typed();
  }

  private disagree(server: Version): void {
    this.theirs = server;
    this.saved = server.text;
    clearTimeout(this.timer);
    this.field.conflict(server);
  }

  private settleConflict(): void {
    if (this.theirs) this.field.conflict(null);
    this.theirs = null;
  }

  private soon(after = SAVE_AFTER_MS): void {
    clearTimeout(this.timer);
    if (this.theirs || this.sending || !this.dirty) return;
    this.timer = setTimeout(() => void this.save(), after);
  }

  private async save(): Promise<void> {
    if (this.saving) return this.soon();
    this.saving = this.put(this.field.text());
    await this.saving;
    this.saving = undefined;
  }

  private async put(text: string): Promise<void> {
    const body = new FormData();
    for (const [name, value] of Object.entries({ kind: this.kind, text, version: String(this.base) })) body.set(name, value);
    const address = `/contacts/${this.contactId}/drafts`;
    const answer = await fetch(address, { method: "PUT", body, keepalive: true, headers: { Accept: "application/json", ...workspaceHeader() } }).catch(() => null);
    if (answer?.ok) this.stored((await answer.json()) as Version);
    else if (answer?.status === 409 && (answer.headers.get("content-type") ?? "").includes("json")) this.refused((await answer.json()) as Partial<Version>, text);
    else if (!answer || answer.status >= 500) this.soon(TRY_AGAIN_MS);
  }

  private stored(server: Version): void {
    this.learn(server);
    if (server.version > 0) ours.add(server.version);
    if (this.gone && draft(this.kind, this.contactId) !== server.text) return;
    [this.base, this.saved] = [server.version, server.text];
    this.remember();
    if (!this.gone) this.soon();
  }

  private refused(server: Partial<Version>, text: string): void {
    if (server.version === undefined || server.text === undefined) return; // another workspace is open in this browser
    const now = { text: server.text, version: server.version };
    this.learn(now);
    if (now.text === "" || ours.has(now.version)) this.goOn(now.version);
    else if (now.text === text) this.stored(now);
    else this.disagree(now);
  }

  private learn({ text, version }: Version): void {
    heard.set(this.name, { text, version, newest: Math.max(version, heard.get(this.name)?.newest ?? 0) });
  }

  /** What is in the field, in this browser too; with a note while the server does not have it. */
  private remember(): void {
    const text = this.gone ? draft(this.kind, this.contactId) : this.field.text();
    keepDraft(this.kind, this.contactId, text);
    noteUnsaved(this.kind, this.contactId, text.trim() === this.saved.trim() ? null : this.base);
  }
}

/** Reply and comment ask at the same time: that is one question. */
function ask(contactId: number): Promise<Record<Kind, Version> | null> {
  const under = asking.get(contactId);
  if (under) return under;
  const question = fetch(`/contacts/${contactId}/drafts`, { headers: { Accept: "application/json", ...workspaceHeader() } })
    .then((answer) => (answer.ok ? (answer.json() as Promise<Record<Kind, Version>>) : null))
    .catch(() => null)
    .finally(() => asking.delete(contactId));
  asking.set(contactId, question);
  return question;
}
