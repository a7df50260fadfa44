/** The button in the corner and the panel above it: opening, closing, focus, full screen on phones. */

import { guarded, h, icon } from "./dom"
import { dress } from "./styles"
import type { Options } from "./types"
import type { Speech } from "./words"

interface Hands {
  opened: (byVisitor: boolean) => void
  closed: () => void
  escape: () => boolean
  dropped: (files: File[]) => void
  mute: (muted: boolean) => void
}

const PHONE = "(max-width: 520px), (max-height: 420px)"

export class Panel {
  readonly host = h("div", { id: "ismessenger" })
  readonly body = h("div", { class: "body" })
  readonly foot = h("div", {})
  isOpen = false
  private readonly root: ShadowRoot
  private readonly frame = h("div", {})
  private readonly launcher: HTMLButtonElement
  private readonly badge = h("span", { class: "badge", "aria-hidden": "true", hidden: true })
  private readonly note = h("div", { class: "note", role: "status", hidden: true })
  private readonly panel: HTMLElement
  private readonly dropHint: HTMLElement
  private readonly phone: MediaQueryList

  constructor(
    private readonly options: Options,
    private readonly speech: Speech,
    private readonly hands: Hands,
    muted: boolean,
  ) {
    this.phone = matchMedia(options.preview ? "not all" : PHONE)
    this.root = this.host.attachShadow({ mode: "open" })
    dress(this.root, options.colour)
    this.launcher = h("button", { type: "button", class: "launcher", "aria-expanded": "false", onclick: () => (this.isOpen ? this.close() : this.open(true)) })
    this.dropHint = h("div", { class: "drop", hidden: true }, speech.say("drop"))
    this.body.append(this.dropHint)
    this.panel = h("div", { class: "panel", role: "dialog", "aria-labelledby": "title", tabindex: -1, hidden: true }, this.header(muted), this.note, this.body, this.foot, this.branding())
    this.frame.append(this.launcher, this.panel)
    this.frame.setAttribute("role", "region")
    this.frame.setAttribute("aria-label", options.title)
    this.frame.lang = speech.language
    this.frame.dir = speech.direction
    this.root.append(this.frame)
    this.listen()
    this.arrange()
    this.setUnread(0)
  }

  open(byVisitor: boolean): void {
    if (this.isOpen) return
    this.isOpen = true
    this.panel.hidden = false
    this.follow(visualViewport)
    this.arrange()
    this.hands.opened(byVisitor)
  }

  close(): void {
    if (!this.isOpen) return
    const hadFocus = Boolean(this.root.activeElement)
    this.isOpen = false
    this.panel.hidden = true
    this.arrange()
    this.hands.closed()
    if (hadFocus) this.launcher.focus()
  }

  /** Focus the field to write in; on touch the panel, so that the keyboard does not jump up. */
  focus(field: HTMLElement | null): void {
    const target = field && !matchMedia("(pointer: coarse)").matches ? field : this.panel
    target.focus({ preventScroll: true })
  }

  setUnread(count: number): void {
    const { say } = this.speech
    this.badge.hidden = count === 0
    this.badge.textContent = count > 99 ? "99+" : String(count)
    const words = this.isOpen ? say("close") : count ? `${say("open")}, ${say("unread", { n: count })}` : say("open")
    this.launcher.setAttribute("aria-label", words)
    this.launcher.title = words
  }

  say(words: string): void {
    if (this.note.textContent !== words) this.note.textContent = words
    this.note.hidden = !words
  }

  private arrange(): void {
    const full = this.isOpen && this.phone.matches
    this.frame.className = ["frame", this.options.position, this.phone.matches && "phone", this.isOpen && "open"].filter(Boolean).join(" ")
    this.panel.setAttribute("aria-modal", String(full))
    this.launcher.setAttribute("aria-expanded", String(this.isOpen))
    this.launcher.replaceChildren(icon(this.isOpen ? "down" : this.options.icon), this.badge)
  }

  private header(muted: boolean): HTMLElement {
    const { say } = this.speech
    const words = h("div", { dir: "auto" }, h("h2", { id: "title" }, this.options.title), this.options.online_hours ? h("p", {}, this.options.online_hours) : null)
    const close = h("button", { type: "button", class: "tool", "aria-label": say("close"), title: say("close"), onclick: () => this.close() }, icon("close"))
    return h("div", { class: "head" }, words, this.options.sound ? this.soundButton(muted) : null, close)
  }

  private soundButton(muted: boolean): HTMLElement {
    let off = muted
    const press = (): void => {
      off = !off
      this.hands.mute(off)
      show()
    }
    const button = h("button", { type: "button", class: "tool", onclick: press })
    const show = (): void => {
      const words = this.speech.say(off ? "unmute" : "mute")
      button.setAttribute("aria-label", words)
      button.title = words
      button.replaceChildren(icon(off ? "mute" : "bell"))
    }
    show()
    return button
  }

  private branding(): HTMLElement | null {
    return this.options.hide_branding ? null : h("div", { class: "by" }, `${this.speech.say("by")} ${this.options.product}`)
  }

  private listen(): void {
    this.phone.addEventListener("change", guarded(() => this.arrange()))
    // The keyboard of a phone covers a fixed panel unless it follows the visible part of the page.
    for (const kind of ["resize", "scroll"]) visualViewport?.addEventListener(kind, guarded(() => this.follow(visualViewport)))
    this.panel.addEventListener("keydown", guarded((event: KeyboardEvent) => this.key(event)))
    for (const kind of ["dragover", "dragleave", "drop"] as const) {
      this.panel.addEventListener(kind, guarded((event: DragEvent) => this.drag(event)))
    }
  }

  private follow(visible: VisualViewport | null): void {
    if (!visible || !this.isOpen) return
    this.panel.style.setProperty("--tall", `${visible.height}px`)
    this.panel.style.setProperty("--top", `${visible.offsetTop}px`)
  }

  private key(event: KeyboardEvent): void {
    event.stopPropagation() // The host page's shortcuts are not for what is typed here.
    if (event.key === "Escape" && !event.isComposing) {
      if (!this.hands.escape()) this.close()
    } else if (event.key === "Tab" && this.phone.matches) this.keepInside(event)
  }

  /** In full screen the page behind cannot be reached. */
  private keepInside(event: KeyboardEvent): void {
    const all = [...this.panel.querySelectorAll<HTMLElement>("a[href],button,input,textarea,summary,audio,video,[tabindex='0']")]
    const stops = all.filter((element) => !element.hasAttribute("disabled") && element.tabIndex >= 0 && element.getClientRects().length > 0)
    const [first, last] = [stops[0], stops.at(-1)]
    const edge = event.shiftKey ? first : last
    const active = this.root.activeElement
    if (active !== edge && active !== this.panel) return
    event.preventDefault()
    ;(event.shiftKey ? last : first)?.focus()
  }

  private drag(event: DragEvent): void {
    if (!this.options.file_upload || !event.dataTransfer?.types.includes("Files")) return
    event.preventDefault()
    this.dropHint.hidden = event.type !== "dragover"
    if (event.type === "drop") this.hands.dropped([...event.dataTransfer.files])
  }
}
