/** Where the visitor writes: text, emoji, files by picker, paste and drop. */

import { type Api, Refused } from "./api"
import { bytes } from "./content"
import { guarded, h, icon } from "./dom"
import type { File_, Options } from "./types"
import type { Speech } from "./words"

const TYPING_EVERY_MS = 3000
const EMOJI = "😀 😄 😂 😊 😍 😘 😎 🤔 😐 😕 😢 😭 😡 😱 🙏 👍 👎 👏 👋 🙌 💪 👌 ✅ ❌ ❤️ 🎉 🔥 ⭐ 💡 📷 📦 🚚".split(" ")

interface Hands {
  say: (text: string) => void
  sendFile: (ticket: string, file: File_) => void
  typing: () => void
}

export class Composer {
  readonly element: HTMLElement
  readonly text: HTMLTextAreaElement
  private readonly uploads = h("div", { "aria-live": "polite" })
  private readonly send: HTMLButtonElement
  private readonly emoji: HTMLElement
  private lastTyping = 0

  constructor(
    private readonly options: Options,
    private readonly speech: Speech,
    private readonly api: Api,
    private readonly hands: Hands,
  ) {
    const say = speech.say
    this.text = h("textarea", { rows: 1, maxlength: options.text_length, placeholder: say("write"), "aria-label": say("write"), dir: "auto" })
    this.text.addEventListener("input", guarded(() => this.changed()))
    this.text.addEventListener("keydown", guarded((event: KeyboardEvent) => this.key(event)))
    this.text.addEventListener("paste", guarded((event: ClipboardEvent) => this.paste(event)))
    this.send = h("button", { type: "submit", class: "tool send", "aria-label": say("send"), title: say("send"), disabled: true }, icon("send"))
    this.emoji = this.emojiGrid()
    const line = h("div", { class: "line" }, options.file_upload && this.picker(), options.emoji && this.emojiButton(), this.text, this.send)
    this.element = h("form", { class: "write", onsubmit: (event) => this.submit(event) }, this.uploads, this.emoji, line)
  }

  /** Send files one by one, each with its own progress and its own end. */
  take(files: Iterable<File>): void {
    if (!this.options.file_upload) return
    for (const file of files) this.upload(file).catch(() => undefined)
  }

  /** Close what is open inside; false if nothing was. */
  escape(): boolean {
    if (this.emoji.hidden) return false
    this.toggleEmoji(false)
    this.text.focus()
    return true
  }

  private submit(event: Event): void {
    event.preventDefault()
    const text = this.text.value.trim()
    if (!text) return
    this.text.value = ""
    this.changed()
    this.lastTyping = 0
    this.hands.say(text)
    this.text.focus()
  }

  private key(event: KeyboardEvent): void {
    // On a touch keyboard Enter makes a line; 229 is what Safari says at the end of a composition.
    const composing = event.isComposing || event.keyCode === 229
    if (event.key !== "Enter" || event.shiftKey || composing || isTouch()) return
    this.submit(event)
  }

  private changed(): void {
    this.send.disabled = !this.text.value.trim()
    this.text.style.height = "auto"
    this.text.style.height = `${this.text.scrollHeight}px`
    const now = Date.now()
    if (this.send.disabled || now - this.lastTyping < TYPING_EVERY_MS) return
    this.lastTyping = now
    this.hands.typing()
  }

  private paste(event: ClipboardEvent): void {
    const files = [...(event.clipboardData?.files ?? [])]
    if (!files.length || !this.options.file_upload) return
    event.preventDefault()
    this.take(files)
  }

  private picker(): HTMLElement {
    const words = this.speech.say("attach")
    const input = h("input", { type: "file", multiple: true, hidden: true, tabindex: -1, "aria-label": words })
    input.addEventListener("change", guarded(() => {
      this.take([...(input.files ?? [])])
      input.value = ""
      if (!isTouch()) this.text.focus()
    }))
    const button = h("button", { type: "button", class: "tool", "aria-label": words, title: words, onclick: () => input.click() }, icon("clip"))
    return h("span", {}, button, input)
  }

  private emojiButton(): HTMLElement {
    const words = this.speech.say("emoji")
    return h("button", { type: "button", class: "tool", "aria-label": words, title: words, "aria-expanded": "false", onclick: () => this.toggleEmoji(this.emoji.hidden !== false) }, icon("smile"))
  }

  private toggleEmoji(open: boolean): void {
    this.emoji.hidden = !open
    this.element.querySelector("[aria-expanded]")?.setAttribute("aria-expanded", String(open))
    if (open) this.emoji.querySelector("button")?.focus()
  }

  private emojiGrid(): HTMLElement {
    const grid = h("div", { class: "emoji", role: "group", hidden: true, "aria-label": this.speech.say("emoji") })
    for (const sign of EMOJI) grid.append(h("button", { type: "button", tabindex: grid.childElementCount ? -1 : 0, onclick: () => this.insert(sign) }, sign))
    grid.addEventListener("keydown", guarded((event: KeyboardEvent) => {
      const cells = [...grid.querySelectorAll("button")]
      const sideways = getComputedStyle(grid).direction === "rtl" ? -1 : 1
      const step = { ArrowRight: sideways, ArrowLeft: -sideways, ArrowDown: 8, ArrowUp: -8 }[event.key]
      const next = step && cells[cells.indexOf(event.target as HTMLButtonElement) + step]
      if (!next) return
      event.preventDefault()
      next.focus()
    }))
    return grid
  }

  private insert(sign: string): void {
    this.text.setRangeText(sign, this.text.selectionStart, this.text.selectionEnd, "end")
    this.toggleEmoji(false)
    this.text.focus()
    this.changed()
  }

  private async upload(file: File): Promise<void> {
    const { say, locale } = this.speech
    const row = h("div", { class: "up" })
    this.uploads.append(row)
    if (file.size > this.options.file_bytes) return this.complain(row, say("tooLarge", { name: file.name, size: bytes(this.options.file_bytes, locale) }))
    const abort = new AbortController()
    const bar = h("progress", { max: 1, value: 0, "aria-label": say("uploading", { name: file.name }) })
    const cancel = h("button", { type: "button", onclick: () => (abort.abort(), row.remove()) }, say("cancel"))
    row.append(h("span", {}, say("uploading", { name: file.name })), bar, cancel)
    try {
      const { ticket, file: stored } = await this.api.upload(file, (share) => (bar.value = share), abort.signal)
      row.remove()
      this.hands.sendFile(ticket, stored)
    } catch (error) {
      this.complain(row, say("uploadFailed", { name: file.name, reason: error instanceof Refused ? error.message : "" }))
    }
  }

  private complain(row: HTMLElement, words: string): void {
    row.className = "up bad"
    const away = h("button", { type: "button", onclick: () => row.remove() }, this.speech.say("discard"))
    row.replaceChildren(h("span", {}, words), away)
  }
}

function isTouch(): boolean {
  return matchMedia("(pointer: coarse)").matches
}
