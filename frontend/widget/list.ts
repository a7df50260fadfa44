/** The log of messages: one element per message, kept while it stays the same, so that focus, players and screen readers are not disturbed. */

import { isWide, type Reader, render } from "./content"
import { guarded, h, safeAddress } from "./dom"
import type { Item } from "./thread"
import type { Content } from "./types"

const GROUP_MS = 5 * 60_000
const NEAR_PX = 80

export interface Hands extends Reader {
  retry: (key: string) => void
  discard: (key: string) => void
  earlier: () => void
}

interface Shown {
  element: HTMLElement
  stamp: string
}

interface Neighbours {
  first: boolean
  last: boolean
  open: boolean
}

export class List {
  readonly log = h("div", { class: "log", role: "log", tabindex: 0 })
  readonly newer: HTMLButtonElement
  private readonly typing: HTMLElement
  private readonly earlier: HTMLButtonElement
  private shown = new Map<string, Shown>()
  private typingTimer = 0
  private followed = true

  constructor(private readonly hands: Hands) {
    const say = hands.speech.say
    this.log.setAttribute("aria-label", say("log"))
    this.earlier = h("button", { type: "button", class: "earlier", onclick: hands.earlier }, say("earlier"))
    this.newer = h("button", { type: "button", class: "newer", hidden: true, onclick: () => this.toEnd() }, say("newer"))
    this.typing = h("div", { class: "dots", hidden: true })
    this.log.addEventListener("scroll", guarded(() => this.scrolled()), { passive: true })
    new IntersectionObserver(guarded((entries: IntersectionObserverEntry[]) => entries.some((entry) => entry.isIntersecting) && hands.earlier()), { root: this.log }).observe(this.earlier)
  }

  /** Show these items. `greeting` stands before the very first one. */
  show(items: Item[], greeting: string, more: boolean): void {
    const height = this.log.scrollHeight
    const top = this.log.scrollTop
    const wasFirst = this.log.firstElementChild
    const known = new Set(this.shown.keys())
    const elements = this.elements(items, more ? "" : greeting)
    if (more) elements.unshift(this.earlier)
    elements.push(this.typing)
    this.place(elements)
    if (this.followed) this.toEnd()
    else if (wasFirst && items[0] && !known.has(items[0].key)) this.log.scrollTop = top + this.log.scrollHeight - height
  }

  /** Somebody is typing, for the next seconds; without a name it ends. */
  setTyping(name: string | null): void {
    clearTimeout(this.typingTimer)
    this.typing.hidden = name === null
    if (name === null) return
    const words = this.hands.speech.say("typing", { name: name || this.hands.speech.say("someone") })
    this.typing.replaceChildren(h("span", { class: "sr" }, words), h("i"), h("i"), h("i"))
    this.typing.title = words
    this.typingTimer = window.setTimeout(guarded(() => this.setTyping(null)), 6000)
    if (this.followed) this.toEnd()
  }

  /** Say that there is something below, unless it is in sight. */
  announce(): void {
    this.newer.hidden = this.followed
  }

  toEnd(): void {
    this.followed = true
    this.newer.hidden = true
    this.log.scrollTop = this.log.scrollHeight
  }

  clear(): void {
    this.shown.clear()
    this.log.replaceChildren()
  }

  private scrolled(): void {
    this.followed = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < NEAR_PX
    if (this.followed) this.newer.hidden = true
  }

  private elements(items: Item[], greeting: string): HTMLElement[] {
    const result: HTMLElement[] = []
    const next = new Map<string, Shown>()
    const keep = (key: string, stamp: string, make: (old?: HTMLElement) => HTMLElement): void => {
      const old = this.shown.get(key)
      const shown = old?.stamp === stamp ? old : { stamp, element: make(old?.element) }
      next.set(key, shown)
      result.push(shown.element)
    }
    if (greeting) keep("greeting", greeting, () => h("div", { class: "item first" }, ...render({ type: "text", text: greeting }, this.hands, false)))
    items.forEach((item, index) => {
      const before = items[index - 1]
      const after = items[index + 1]
      const day = dayOf(item)
      if (!before || dayOf(before) !== day) keep(`day ${day}`, day, () => h("div", { class: "day" }, this.dayName(item)))
      const near = { first: !together(before, item), last: !together(item, after), open: !after }
      keep(item.key, JSON.stringify([item, near]), (old) => this.item(item, near, old))
    })
    this.shown = next
    return result
  }

  /** Put the elements in order, moving only what stands elsewhere. */
  private place(elements: HTMLElement[]): void {
    const wanted = new Set<Element>(elements)
    for (const child of [...this.log.children]) if (!wanted.has(child)) child.remove()
    elements.forEach((element, index) => {
      const there = this.log.children[index]
      if (there !== element) this.log.insertBefore(element, there ?? null)
    })
  }

  /** Make a message, or change the one that is shown: its content stays in place while only its state changes. */
  private item(item: Item, near: Neighbours, old?: HTMLElement): HTMLElement {
    const mine = item.from === "visitor"
    const element = old ?? h("div", {})
    element.className = ["item", mine && "mine", near.first && "first", isWide(item.content) && "wide"].filter(Boolean).join(" ")
    const stamp = JSON.stringify([comparable(item.content), near.open && item.content.type === "quick_reply", near.first])
    if (element.dataset["stamp"] !== stamp) {
      element.dataset["stamp"] = stamp
      const who = h("span", { class: mine ? "sr" : "who" }, mine ? this.hands.speech.say("you") : item.name || "")
      element.replaceChildren(...(near.first && who.textContent ? [who] : []), ...render(item.content, this.hands, near.open), h("div", { class: "meta", "aria-live": "off" }))
    }
    if (item.content.type === "attachment" && item.content.url) renew(element, item.content.url)
    element.classList.toggle("waits", item.status === "sending")
    this.meta(element.lastElementChild as HTMLElement, item, near, mine)
    return element
  }

  private meta(meta: HTMLElement, item: Item, near: Neighbours, mine: boolean): void {
    const { say, locale } = this.hands.speech
    const failed = item.status === "failed" && mine
    const time = new Intl.DateTimeFormat(locale, { timeStyle: "short" }).format(new Date(item.at))
    const exact = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeStyle: "short" }).format(new Date(item.at))
    meta.className = failed ? "meta bad" : "meta"
    meta.hidden = !failed && !near.last
    if (failed) {
      const again = h("button", { type: "button", onclick: () => this.hands.retry(item.key) }, say("retry"))
      const away = h("button", { type: "button", onclick: () => this.hands.discard(item.key) }, say("discard"))
      return meta.replaceChildren(h("span", {}, item.reason || say("failed")), again, away)
    }
    const state = item.status === "read" ? "read" : item.status === "sending" ? "sending" : "sent"
    meta.replaceChildren(h("time", { datetime: item.at, title: exact }, time), ...(mine ? [h("span", {}, say(state))] : []))
  }

  private dayName(item: Item): string {
    const { say, locale } = this.hands.speech
    const today = new Date()
    const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1)
    const day = dayOf(item)
    if (day === today.toDateString()) return say("today")
    if (day === yesterday.toDateString()) return say("yesterday")
    return new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long" }).format(new Date(item.at))
  }
}

/** The content without what changes while it stays the same: links to files are signed anew each time. */
function comparable(content: Content): unknown {
  return content.type === "attachment" ? { ...content, url: Boolean(content.url) } : content
}

/** Links to files expire: follow the newest, without loading again what is shown. */
function renew(element: HTMLElement, address: string): void {
  const anchor = element.querySelector<HTMLAnchorElement>("a.media, a.file")
  const safe = safeAddress(address)
  if (anchor && safe) anchor.href = safe
}

function dayOf(item: Item): string {
  return new Date(item.at).toDateString()
}

/** Whether two messages share a name and a time. */
function together(one: Item | undefined, other: Item | undefined): boolean {
  if (!one || !other || one.from !== other.from || one.name !== other.name || dayOf(one) !== dayOf(other)) return false
  return Math.abs(Date.parse(other.at) - Date.parse(one.at)) < GROUP_MS
}
