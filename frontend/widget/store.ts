/** What the browser remembers of a visitor, per channel. Where storage is blocked it lasts as long as the page. */

import type { Draft, Profile } from "./types"

interface Kept {
  token?: string | undefined
  /** When the token was given, in milliseconds of this browser's clock: only its age is asked for. */
  tokenAt?: number
  /** The user for whom the website vouched when the token was given. */
  user?: string | undefined
  profile?: Profile
  readUpTo?: string
  muted?: boolean | undefined
  drafts?: Draft[]
}

const RENEW_AFTER_MS = 86_400_000

export class Store {
  private memory: Kept = {}
  private readonly key: string

  constructor(route: string) {
    this.key = `ismessenger.${route}`
  }

  read(): Kept {
    try {
      const text = localStorage.getItem(this.key)
      return text ? (JSON.parse(text) as Kept) : this.memory
    } catch {
      return this.memory
    }
  }

  /** Change some of it; `undefined` forgets. Read again first, since another tab may have written. */
  write(change: Kept): void {
    this.memory = { ...this.read(), ...change }
    try {
      localStorage.setItem(this.key, JSON.stringify(this.memory))
    } catch {
      // Blocked or full: memory has it.
    }
  }

  /** Everything but the choice of sound, which belongs to the browser rather than to the visitor. */
  forget(): void {
    const { muted } = this.read()
    this.memory = {}
    try {
      localStorage.removeItem(this.key)
    } catch {
      // Blocked: nothing was kept.
    }
    this.write({ muted })
  }

  giveToken(token: string, user?: string): void {
    this.write({ token, tokenAt: Date.now(), user })
  }

  /** Old enough to ask for a newer token, so that a visitor who keeps coming back is never forgotten. */
  get tokenIsOld(): boolean {
    return Date.now() - (this.read().tokenAt ?? 0) > RENEW_AFTER_MS
  }

  get drafts(): Draft[] {
    return this.read().drafts ?? []
  }

  keepDraft(draft: Draft): void {
    this.write({ drafts: [...this.drafts.filter((kept) => kept.id !== draft.id), draft].slice(-50) })
  }

  dropDraft(id: string): void {
    this.write({ drafts: this.drafts.filter((kept) => kept.id !== id) })
  }

  /** Whether the panel was open in this tab, so that it stays open from page to page. */
  get open(): boolean {
    try {
      return sessionStorage.getItem(this.key) === "open"
    } catch {
      return false
    }
  }

  set open(open: boolean) {
    try {
      if (open) sessionStorage.setItem(this.key, "open")
      else sessionStorage.removeItem(this.key)
    } catch {
      // Blocked: the panel starts closed on the next page.
    }
  }
}
