/** The messages of this visitor as they stand: what the server said, and what is still on its way to it. */

import type { Draft, Message, Status } from "./types"

export interface Item extends Message {
  /** Stays the same from the moment of sending through every change that the server tells. */
  key: string
  /** Why the server refused it. */
  reason?: string
}

interface Waiting {
  draft: Draft
  status: Status
  reason: string
}

export class Thread {
  before: string | null = null
  private readonly arrived = new Map<string, Item>()
  private readonly waiting = new Map<string, Waiting>()

  /** Take what the server said; returns those that were not here before. */
  take(messages: Message[]): Item[] {
    const fresh: Item[] = []
    for (const message of messages) {
      const key = keyOf(message)
      const item = this.withAddress({ ...message, key })
      if (!this.arrived.has(key)) fresh.push(item)
      this.arrived.set(key, item)
      this.waiting.delete(key)
    }
    return fresh
  }

  /** A file of one's own is shown from the moment of sending, also while the server has yet to file it. */
  private withAddress(item: Item): Item {
    const shown = this.arrived.get(item.key)?.content ?? this.waiting.get(item.key)?.draft.file
    if (item.content.type !== "attachment" || item.content.url || shown?.type !== "attachment" || !shown.url) return item
    return { ...item, content: { ...item.content, url: shown.url } }
  }

  /** Take the newest page. Where it does not join what is here, everything older is asked for again. */
  renew(messages: Message[], before: string | null): Item[] {
    const old = new Set(this.arrived.keys())
    const joins = messages.some((message) => old.has(keyOf(message)))
    if (!joins) {
      this.arrived.clear()
      this.before = before
    }
    return this.take(messages).filter((item) => !old.has(item.key))
  }

  /** Take a page of older messages. */
  prepend(messages: Message[], before: string | null): void {
    this.take(messages)
    this.before = before
  }

  wait(draft: Draft, status: Status, reason = ""): void {
    if (!this.arrived.has(draft.id)) this.waiting.set(draft.id, { draft, status, reason })
  }

  /** What is still on its way under this id. */
  draft(id: string): Draft | undefined {
    return this.waiting.get(id)?.draft
  }

  drop(id: string): void {
    this.waiting.delete(id)
  }

  clear(): void {
    this.arrived.clear()
    this.waiting.clear()
    this.before = null
  }

  /** In the order of the server's time, then what it has not taken yet. */
  get items(): Item[] {
    const arrived = [...this.arrived.values()].sort((a, b) => Date.parse(a.at) - Date.parse(b.at) || (a.id ?? 0) - (b.id ?? 0))
    return [...arrived, ...[...this.waiting.values()].map(shown)]
  }

  /** Messages from the business that are newer than what was read. */
  unread(readUpTo: string | undefined): number {
    const from = readUpTo ? Date.parse(readUpTo) : 0
    return this.items.filter((item) => item.from !== "visitor" && item.status !== "read" && Date.parse(item.at) > from).length
  }

  /** The server's time of the newest message from the business. */
  get newestFromUs(): string | undefined {
    return this.items.filter((item) => item.from !== "visitor").at(-1)?.at
  }
}

function keyOf(message: Message): string {
  return message.client_id ?? `#${message.id}`
}

function shown({ draft, status, reason }: Waiting): Item {
  const content = draft.file ? { ...draft.file, caption: draft.text || null } : { type: "text" as const, text: draft.text }
  return { key: draft.id, client_id: draft.id, from: "visitor", at: draft.at, status, reason, content }
}
