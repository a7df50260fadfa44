/** The widget as a whole: joins the panel, the thread, the outbox and the live connection of one visitor. */

import { type Api, Refused } from "./api"
import { Composer } from "./composer"
import { guarded, report } from "./dom"
import { List } from "./list"
import { Live } from "./live"
import { Outbox } from "./outbox"
import { Panel } from "./panel"
import { preChat } from "./prechat"
import { chime, unlock } from "./sound"
import type { Store } from "./store"
import { type Item, Thread } from "./thread"
import type { Draft, File_, Frame, Identity, Options, Profile } from "./types"
import { type Speech, speech } from "./words"

const POLL_MS = 10_000
const AGAIN_MS = 4000
const RECEIPT_MS = 400
const POLL_AFTER_FAILURES = 3

export class Chat {
  readonly panel: Panel
  private readonly speech: Speech
  private readonly thread = new Thread()
  private readonly list: List
  private readonly composer: Composer
  private readonly outbox: Outbox
  private readonly live: Live
  private loading: Promise<void> | undefined
  private isLive = false
  private polling = 0
  private reported = ""
  private receipt = 0
  private again = 0

  constructor(
    private readonly api: Api,
    private readonly store: Store,
    private readonly options: Options,
  ) {
    this.speech = speech(options.language)
    this.outbox = new Outbox(api, store, (draft, status, reason) => this.became(draft, status, reason))
    this.list = new List({
      speech: this.speech,
      pick: (title, payload) => this.say(title, payload ?? undefined),
      retry: (id) => this.retry(id),
      discard: (id) => this.discard(id),
      earlier: () => this.run(this.earlier()),
    })
    this.composer = new Composer(options, this.speech, api, {
      say: (text) => this.say(text),
      sendFile: (ticket, file) => this.sendFile(ticket, file),
      typing: () => this.api.known && void this.api.post("/typing", {}).catch(report),
    })
    this.panel = new Panel(options, this.speech, this.hands(), store.read().muted ?? false)
    this.live = new Live({
      address: (after) => api.liveAddress(after),
      frame: (frame) => this.heard(frame),
      state: (connected, failures) => this.connection(connected, failures),
      refused: () => api.forgetToken(),
    })
    document.addEventListener("visibilitychange", guarded(() => this.markRead()))
  }

  /** Show the button; a visitor who was here before gets the history and what is new. */
  mount(): void {
    this.panel.host.hidden = this.locked
    document.body.append(this.panel.host)
    if (this.api.known) {
      this.outbox.resume()
      this.run(this.load())
    }
    if (this.store.open && !this.locked && innerWidth > 520) this.panel.open(false)
  }

  open(): void {
    if (!this.locked) this.panel.open(true)
  }

  /** The website names its user; the hash proves it. What an anonymous visitor said before comes along. */
  identify(identity: Identity): void {
    const { user } = this.store.read()
    if (user !== undefined && user !== identity.user_id) this.forget()
    const same = this.api.identity?.user_id === identity.user_id
    this.api.identity = identity
    this.panel.host.hidden = this.locked
    if (same) return
    this.leave()
    this.outbox.resume()
    this.run(this.load())
  }

  /** The website's user has signed out: nothing of the conversation stays in this browser. */
  forget(): void {
    this.leave()
    this.store.forget()
    this.api.identity = undefined
    this.panel.close()
    this.panel.host.hidden = this.locked
    this.show()
  }

  private get locked(): boolean {
    return this.options.require_identity && !this.api.identity
  }

  private hands(): ConstructorParameters<typeof Panel>[2] {
    return {
      opened: (byVisitor) => this.opened(byVisitor),
      closed: () => {
        this.store.open = false
        this.show()
      },
      escape: () => this.composer.escape(),
      dropped: (files) => this.composer.element.isConnected && this.composer.take(files),
      mute: (muted) => this.store.write({ muted }),
    }
  }

  private opened(byVisitor: boolean): void {
    this.store.open = true
    if (byVisitor && this.options.sound) unlock()
    this.show()
    this.list.toEnd()
    if (byVisitor) this.panel.focus(this.panel.body.querySelector("input") ?? this.composer.text)
    this.markRead()
  }

  private leave(): void {
    this.live.stop()
    this.isLive = false
    clearInterval(this.polling)
    this.polling = 0
    clearTimeout(this.receipt)
    clearTimeout(this.again)
    this.loading = undefined
    this.reported = ""
    this.thread.clear()
    this.list.clear()
    this.panel.say("")
  }

  // --- Coming in ---

  /** The newest page of the history, then the live connection from exactly there. Tried again until the server can be reached. */
  private load(): Promise<void> {
    clearTimeout(this.again)
    this.loading ??= this.fetch()
      .catch((error: unknown) => {
        if (error instanceof Refused && error.passing) this.again = window.setTimeout(guarded(() => this.run(this.load())), AGAIN_MS * (1 + Math.random()))
        throw error
      })
      .finally(() => (this.loading = undefined))
    return this.loading
  }

  private async fetch(): Promise<void> {
    const asked = this.api.identity
    const page = await this.api.history()
    if (asked !== this.api.identity) return
    this.received(this.thread.renew(page.messages, page.before), false)
    this.panel.say("")
    if (this.isLive) return
    this.isLive = true
    this.live.start(page.seq)
  }

  private async earlier(): Promise<void> {
    if (!this.thread.before || this.loading) return
    const page = await this.api.history(this.thread.before)
    this.list.log.setAttribute("aria-live", "off")
    this.thread.prepend(page.messages, page.before)
    this.show()
    setTimeout(() => this.list.log.removeAttribute("aria-live"), 500)
  }

  private heard(frame: Frame): void {
    if (frame.refresh) this.run(this.load())
    if (frame.typing) this.list.setTyping(frame.typing.name ?? "")
    if (frame.messages?.length) this.received(this.thread.take(frame.messages), true)
  }

  private received(fresh: Item[], isNews: boolean): void {
    const theirs = fresh.filter((item) => item.from !== "visitor")
    if (theirs.length) this.list.setTyping(null)
    this.show()
    if (theirs.length && isNews) {
      this.list.announce()
      if (this.options.sound && !this.store.read().muted && (document.hidden || !this.panel.isOpen)) chime()
    }
    this.markRead()
  }

  private connection(connected: boolean, failures: number): void {
    clearInterval(this.polling)
    this.polling = 0
    if (connected) {
      this.panel.say("")
      this.outbox.resume()
    } else if (failures >= POLL_AFTER_FAILURES) {
      // Some networks let no WebSocket through: ask for the newest page instead.
      this.polling = window.setInterval(guarded(() => this.run(this.load())), POLL_MS)
    }
    if (failures >= 2) this.panel.say(this.speech.say("offline"))
  }

  /** Tell what was seen, or at least arrived; once per newest message. */
  private markRead(): void {
    const newest = this.thread.newestFromUs
    if (!newest || !this.api.known) return
    const seen = this.panel.isOpen && !document.hidden
    const mark = `${seen ? "read" : "delivered"} ${newest}`
    const known = this.store.read().readUpTo
    if (mark === this.reported || (known && Date.parse(known) >= Date.parse(newest))) return
    this.reported = mark
    if (seen) this.store.write({ readUpTo: newest })
    this.badge()
    // Several messages that come together need one receipt.
    clearTimeout(this.receipt)
    this.receipt = window.setTimeout(guarded(() => this.run(this.api.post("/read", { type: seen ? "read" : "delivered", up_to: newest }))), RECEIPT_MS)
  }

  // --- Going out ---

  private say(text: string, payload?: string): void {
    this.send({ id: newId(), at: new Date().toISOString(), text, payload })
  }

  private sendFile(ticket: string, file: File_): void {
    this.send({ id: newId(), at: new Date().toISOString(), text: "", attachment: ticket, file })
  }

  private send(draft: Draft): void {
    this.outbox.send(draft)
    this.list.toEnd()
  }

  private became(draft: Draft, status: "sending" | "sent" | "delivered" | "read" | "failed", reason = ""): void {
    this.thread.wait(draft, status, reason)
    this.show()
    if (status === "sent" && !this.isLive) this.run(this.load())
  }

  private retry(id: string): void {
    const draft = this.thread.draft(id)
    if (draft) this.outbox.send(draft)
  }

  private discard(id: string): void {
    this.outbox.discard(id)
    this.thread.drop(id)
    this.show()
    this.panel.focus(this.composer.text)
  }

  private introduce(profile: Profile): void {
    const told = { ...profile, language: this.speech.language }
    this.store.write({ profile: told })
    this.run(this.api.post("/messages", { type: "profile", profile: told }))
    this.show()
    this.panel.focus(this.composer.text)
  }

  // --- Showing ---

  private show(): void {
    this.badge()
    if (!this.panel.isOpen) return
    if (this.asksFirst) {
      if (!this.panel.body.querySelector("form")) this.panel.body.append(preChat(this.options, this.speech, guarded((profile: Profile) => this.introduce(profile))))
      return
    }
    this.panel.body.querySelector("form")?.remove()
    if (!this.list.log.isConnected) {
      this.panel.body.append(this.list.log, this.list.newer)
      this.panel.foot.append(this.composer.element)
    }
    this.list.show(this.thread.items, this.options.greeting, this.thread.before !== null)
  }

  private badge(): void {
    this.panel.setUnread(this.panel.isOpen ? 0 : this.thread.unread(this.store.read().readUpTo))
  }

  private get asksFirst(): boolean {
    const known = this.api.identity ?? this.store.read().profile
    return this.options.pre_chat.length > 0 && !known && this.thread.items.length === 0
  }

  /** Work that may fail without anybody waiting for it: what can be said is said in the panel. */
  private run(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      report(error)
      if (error instanceof Refused && error.status === 401) this.panel.say(this.speech.say("signIn"))
      if (error instanceof Refused && error.status === 429) this.panel.say(this.speech.say("busy"))
    })
  }
}

/** Random and unique; `crypto.randomUUID` exists on encrypted pages only. */
function newId(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("")
}
