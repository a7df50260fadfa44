/** The questions before the first message. */

import { h } from "./dom"
import type { Options, Profile, Question } from "./types"
import type { Speech } from "./words"

const KINDS = {
  name: { type: "text", autocomplete: "name", form: /./ },
  email: { type: "email", autocomplete: "email", form: /^[^\s@]+@[^\s@]+\.[^\s@]+$/ },
  phone: { type: "tel", autocomplete: "tel", form: /^\+?[0-9 ()./-]{5,30}$/ },
} as const

/** The form; `done` gets what was filled in. Errors stand beside their field and are read out. */
export function preChat(options: Options, speech: Speech, done: (profile: Profile) => void): HTMLFormElement {
  const fields = options.pre_chat.map((question) => field(question, speech))
  const submit = (event: Event): void => {
    event.preventDefault()
    const wrong = fields.filter((each) => !each.check())
    if (wrong[0]) return wrong[0].input.focus()
    done(Object.fromEntries(fields.filter((each) => each.input.value.trim()).map((each) => [each.kind, each.input.value.trim()])))
  }
  return h(
    "form",
    { class: "ask", novalidate: true, onsubmit: submit },
    options.greeting ? h("p", { dir: "auto" }, options.greeting) : null,
    h("h3", {}, speech.say("ask")),
    ...fields.map((each) => each.element),
    h("button", { class: "go" }, speech.say("start")),
  )
}

function field(question: Question, speech: Speech): { kind: Question["kind"]; element: HTMLElement; input: HTMLInputElement; check: () => boolean } {
  const { kind, required } = question
  const { type, autocomplete, form } = KINDS[kind]
  const input = h("input", { id: `ask-${kind}`, type, autocomplete, maxlength: 200, "aria-required": String(required), "aria-describedby": `ask-${kind}-error` })
  const error = h("div", { id: `ask-${kind}-error`, class: "error", role: "alert" })
  const optional = required ? null : h("small", {}, ` (${speech.say("optional")})`)
  const check = (): boolean => {
    const value = input.value.trim()
    const words = !value ? (required ? speech.say("missing") : "") : form.test(value) ? "" : speech.say(kind === "email" ? "badEmail" : "badPhone")
    error.textContent = words
    input.setAttribute("aria-invalid", String(Boolean(words)))
    return !words
  }
  return { kind, input, check, element: h("div", {}, h("label", { for: input.id }, speech.say(kind), optional), input, error) }
}
