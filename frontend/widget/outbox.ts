/** Sends drafts one after another, in order, until each is taken or refused. They outlive the page in the store. */

import { type Api, Refused } from "./api"
import { report } from "./dom"
import type { Store } from "./store"
import type { Draft, Status } from "./types"

const TRIES = 6
const LONGEST_WAIT_MS = 20_000

export class Outbox {
  private readonly queue: Draft[] = []
  private busy = false

  constructor(
    private readonly api: Api,
    private readonly store: Store,
    private readonly became: (draft: Draft, status: Status, reason?: string) => void,
  ) {}

  /** Take up what an earlier page did not finish. */
  resume(): void {
    for (const draft of this.store.drafts) this.send(draft)
  }

  send(draft: Draft): void {
    if (this.queue.some((waiting) => waiting.id === draft.id)) return
    this.store.keepDraft(draft)
    this.became(draft, "sending")
    this.queue.push(draft)
    if (!this.busy) this.work().catch(report)
  }

  discard(id: string): void {
    this.store.dropDraft(id)
  }

  private async work(): Promise<void> {
    this.busy = true
    for (let draft = this.queue[0]; draft; draft = this.queue[0]) {
      await this.deliver(draft)
      this.queue.shift()
    }
    this.busy = false
  }

  /** With what is known of the person, so that the first message already has a name. */
  private body({ id, text, payload, attachment }: Draft): unknown {
    const { user_id, hash, ...named } = this.api.identity ?? {}
    return { type: "message", id, text, payload, attachment, profile: { ...this.store.read().profile, ...named } }
  }

  private async deliver(draft: Draft): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.api.post("/messages", this.body(draft))
        this.store.dropDraft(draft.id)
        return this.became(draft, "sent")
      } catch (error) {
        const refused = error instanceof Refused ? error : new Refused(400, "")
        // A refused message stays in the store no longer: the next page would only be refused again.
        if (!refused.passing) this.store.dropDraft(draft.id)
        if (!refused.passing || attempt === TRIES) return this.became(draft, "failed", refused.message)
        await pause(Math.max(refused.retryAfterMs, Math.min(LONGEST_WAIT_MS, 500 * 2 ** attempt) * (0.5 + Math.random() / 2)))
      }
    }
  }
}

/** A pause that ends early when the network comes back. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      removeEventListener("online", done)
      clearTimeout(timer)
      resolve()
    }
    const timer = window.setTimeout(done, ms)
    addEventListener("online", done)
  })
}
