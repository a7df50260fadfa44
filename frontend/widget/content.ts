/** Every neutral content as elements. What a message says is data: it becomes text, checked links and checked media addresses. */

import { h, icon, link, safeAddress } from "./dom"
import { markdown } from "./markdown"
import type { Button, Card, Content, File_, Row } from "./types"
import type { Speech } from "./words"

export interface Reader {
  speech: Speech
  /** The visitor chose an answer. */
  pick: (title: string, payload: string | null | undefined) => void
}

/** The elements of a message. `open` says whether quick replies may still be chosen. */
export function render(content: Content, reader: Reader, open: boolean): Node[] {
  switch (content.type) {
    case "text":
      return [bubble(content.text)]
    case "attachment":
      return [file(content, reader), ...(content.caption ? [bubble(content.caption)] : [])]
    case "location":
      return [place(content, reader)]
    case "contact":
      return [visitingCard(content)]
    case "quick_reply":
      return [bubble(content.title), ...(open ? [answers(content.replies, reader)] : [])]
    case "buttons":
      return [bubble(content.text), h("div", { class: "choices" }, ...content.buttons.map((button) => choice(button, reader)))]
    case "list":
      return [bubble(content.text), menu(content, reader)]
    case "card":
      return [card(content, reader)]
    case "carousel":
      return [h("div", { class: "reel", role: "group", tabindex: 0, "aria-label": content.cards.map((each) => each.title).join(", ") }, ...content.cards.map((each) => card(each, reader)))]
    default:
      return [bubble(reader.speech.say("notShown"))]
  }
}

/** Whether a content needs the full width of the log. */
export function isWide(content: Content): boolean {
  return content.type === "carousel" || content.type === "list"
}

function bubble(text: string): HTMLElement {
  const onlyEmoji = text.length <= 16 && /^(\p{Extended_Pictographic}[\u200d\ufe0f\p{Emoji_Modifier}]*\s*){1,3}$/u.test(text)
  return h("div", { class: onlyEmoji ? "bubble big" : "bubble", dir: "auto" }, markdown(text))
}

function file(content: File_, reader: Reader): HTMLElement {
  const say = reader.speech.say
  const address = mediaAddress(content.url)
  const name = content.file_name || say(content.kind === "image" ? "picture" : content.kind)
  if (!address) return h("div", { class: "file" }, icon("file"), h("span", {}, name, size(content, reader)))
  switch (content.kind) {
    case "image":
      return picture(address, content.caption || name, name)
    case "video":
      return h("div", { class: "media" }, h("video", { src: address, controls: true, preload: "metadata", "aria-label": name }))
    case "audio":
      return h("audio", { src: address, controls: true, preload: "metadata", "aria-label": name })
    case "file":
      return h("a", { class: "file", href: address, target: "_blank", rel: "noopener noreferrer" }, icon("file"), h("span", {}, name, size(content, reader)))
  }
}

/** Opens in full beside the page; a picture that cannot be loaded leaves its name. */
function picture(address: string, words: string, name: string): HTMLElement {
  const anchor = h("a", { class: "media", href: address, target: "_blank", rel: "noopener noreferrer" })
  anchor.append(h("img", { src: address, alt: words, onerror: () => anchor.replaceChildren(h("span", { class: "file" }, icon("file"), name)) }))
  return anchor
}

function size(content: File_, reader: Reader): HTMLElement | null {
  return content.size ? h("small", {}, bytes(content.size, reader.speech.locale)) : null
}

export function bytes(count: number, locale: string): string {
  const [amount, unit] = count < 1_000_000 ? [Math.max(count / 1000, 0.1), "kilobyte"] : [count / 1_000_000, "megabyte"]
  return new Intl.NumberFormat(locale, { style: "unit", unit, maximumFractionDigits: amount < 10 ? 1 : 0 }).format(amount)
}

function place(content: Extract<Content, { type: "location" }>, reader: Reader): HTMLElement {
  const { latitude, longitude } = content
  const words = [content.title, content.address].filter(Boolean).join(", ") || `${latitude}, ${longitude}`
  const address = `https://www.openstreetmap.org/?mlat=${Number(latitude)}&mlon=${Number(longitude)}#map=16/${Number(latitude)}/${Number(longitude)}`
  const anchor = link(address, icon("pin"), h("span", {}, words, h("small", {}, reader.speech.say("location"))))
  anchor.className = "file"
  return anchor
}

function visitingCard(content: Extract<Content, { type: "contact" }>): HTMLElement {
  const phones = (content.phones ?? []).map((phone) => line(phone, `tel:${phone.replace(/[^\d+]/g, "")}`))
  const emails = (content.emails ?? []).map((email) => line(email, `mailto:${email}`))
  return h("div", { class: "bubble" }, h("b", {}, content.name), ...phones, ...emails)
}

function line(words: string, target: string): HTMLElement {
  const address = safeAddress(target)
  return h("div", {}, address ? link(address, words) : words)
}

function answers(replies: { title: string; payload?: string | null }[], reader: Reader): HTMLElement {
  const buttons = replies.map((reply) => h("button", { type: "button", class: "choice", onclick: () => reader.pick(reply.title, reply.payload) }, reply.title))
  return h("div", { class: "choices round" }, ...buttons)
}

function choice(button: Button, reader: Reader): HTMLElement {
  if (button.kind === "reply") {
    return h("button", { type: "button", class: "choice", onclick: () => reader.pick(button.title, button.value) }, button.title)
  }
  const address = button.kind === "phone" ? safeAddress(`tel:${button.value.replace(/[^\d+]/g, "")}`) : safeAddress(button.value)
  if (!address) return h("span", { class: "choice" }, button.title)
  const anchor = link(address, button.title)
  anchor.className = "choice"
  return anchor
}

function menu(content: Extract<Content, { type: "list" }>, reader: Reader): HTMLElement {
  const sections = content.sections.map((section) =>
    h("div", { class: "rows" }, section.title ? h("h3", {}, section.title) : null, ...section.rows.map((each) => row(each, reader))),
  )
  return h("details", {}, h("summary", { class: "choice" }, content.button || reader.speech.say("choose")), ...sections)
}

function row(each: Row, reader: Reader): HTMLElement {
  const words = each.description ? h("small", {}, each.description) : null
  return h("button", { type: "button", class: "choice", onclick: () => reader.pick(each.title, each.payload) }, each.title, words)
}

function card(content: Card, reader: Reader): HTMLElement {
  const address = mediaAddress(content.image_url)
  return h(
    "div",
    { class: "card" },
    address ? h("img", { src: address, alt: "", loading: "lazy" }) : null,
    h("div", { dir: "auto" }, h("b", {}, content.title), content.subtitle ? h("small", {}, content.subtitle) : null),
    ...(content.buttons ?? []).map((button) => choice(button, reader)),
  )
}

/** What may be loaded into the page: files by HTTP, or one of the visitor's own that is still on its way. */
function mediaAddress(text: string | null | undefined): string | null {
  return safeAddress(text, ["http:", "https:", "blob:"])
}
