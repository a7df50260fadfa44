/**
 * Neutral Markdown as nodes: bold, italic, struck, code and links; everything else is plain text with its line breaks.
 *
 * The rules are those of `ismessenger.sdk.markdown`, so that a message looks the same to whoever wrote it.
 */

import { h, link, safeAddress } from "./dom"

interface Token {
  kind: "text" | "code" | "link" | "bare" | "gap" | "open" | "close"
  text: string
  url?: string
  canOpen?: boolean
  canClose?: boolean
}

const IN_ADDRESS = `[^\\s()<>"]`
const LINK = `\\[([^\\[\\]\\n]+)\\]\\(((?:https?://|mailto:|tel:)(?:${IN_ADDRESS}|\\(${IN_ADDRESS}*\\))+)\\)`
const SCANNER = new RegExp(`(\`+)|${LINK}|(https?://[^\\s<>"]+)|(\\n[^\\S\\n]*\\n)|(\\*+|~+|_+)`, "gi")
const TAGS = { "**": "strong", _: "em", "~~": "s" } as const

export function markdown(text: string, links = true): DocumentFragment {
  const fragment = document.createDocumentFragment()
  const parents: Node[] = [fragment]
  for (const token of tokens(text)) {
    const parent = parents.at(-1) ?? fragment
    if (token.kind === "close") parents.pop()
    else {
      const node = element(token, links)
      parent.appendChild(node)
      if (token.kind === "open") parents.push(node)
    }
  }
  return fragment
}

function element(token: Token, links: boolean): Node {
  const address = links && safeAddress(token.url)
  if (token.kind === "open") return h(TAGS[token.text as keyof typeof TAGS])
  if (token.kind === "code") return h("code", {}, token.text)
  if (address) return link(address, token.kind === "link" ? markdown(token.text, false) : token.text)
  return document.createTextNode(token.text)
}

/** The text in order; every "open" has its "close", properly nested. No emphasis reaches over an empty line. */
function tokens(text: string): Token[] {
  const all = scan(text)
  let waiting: Token[] = []
  const giveUp = (): void => {
    for (const token of waiting) token.kind = "text"
    waiting = []
  }
  for (const token of all) {
    if (token.kind === "gap") giveUp()
    if (token.kind !== "open") continue
    const partner = token.canClose ? waiting.findLastIndex((other) => other.text === token.text) : -1
    if (partner >= 0) {
      for (const inner of waiting.slice(partner + 1)) inner.kind = "text"
      waiting = waiting.slice(0, partner)
      token.kind = "close"
    } else if (token.canOpen) waiting.push(token)
    else token.kind = "text"
  }
  giveUp()
  return all
}

function scan(text: string): Token[] {
  const found: Token[] = []
  const partners = partnersOfBackticks(text)
  let done = 0
  SCANNER.lastIndex = 0
  for (let match = SCANNER.exec(text); match; match = SCANNER.exec(text)) {
    const [token, end] = read(text, match, partners)
    SCANNER.lastIndex = end
    if (!token) continue
    if (done < match.index) found.push({ kind: "text", text: text.slice(done, match.index) })
    found.push(token)
    done = end
  }
  if (done < text.length) found.push({ kind: "text", text: text.slice(done) })
  return found
}

/** The token that starts here and where it ends; none for what only looks like one. */
function read(text: string, match: RegExpExecArray, partners: Map<number, number>): [Token | null, number] {
  const [whole, ticks, words, target, address, gap, marks] = match
  const start = match.index
  const end = start + whole.length
  if (ticks) {
    const partner = partners.get(start)
    return partner === undefined ? [null, end] : [{ kind: "code", text: text.slice(end, partner).replace(/^\n+|\n+$/g, "") }, partner + ticks.length]
  }
  if (words && target) return [{ kind: "link", text: words, url: target }, end]
  if (address) {
    const shown = withoutPunctuation(address)
    if (/[a-z0-9]/i.test(text[start - 1] ?? "") || shown.endsWith("//")) return [null, start + 1]
    return [{ kind: "bare", text: shown, url: shown }, start + shown.length]
  }
  if (gap) return [{ kind: "gap", text: gap }, end]
  return [marks && marks in TAGS ? marker(text, start, marks) : null, end]
}

function marker(text: string, start: number, marks: string): Token {
  const before = text[start - 1] ?? " "
  const after = text[start + marks.length] ?? " "
  const apart = marks === "_" || (/[0-9]/.test(before) && /[0-9]/.test(after))
  return { kind: "open", text: marks, canOpen: !/\s/.test(after) && !(apart && isLetter(before)), canClose: !/\s/.test(before) && !(apart && isLetter(after)) }
}

/** Scripts without case (Chinese, Thai) set no spaces between words, so their letters may touch a mark. */
function isLetter(character: string): boolean {
  return /\p{Nd}/u.test(character) || character.toLowerCase() !== character.toUpperCase()
}

/** A sentence's full stop is not part of the address in it, nor is a mark behind it. */
function withoutPunctuation(address: string): string {
  return address.replace(address.includes("(") ? /[.,;:!?'*_~`…\]}]+$/ : /[.,;:!?'*_~`…\]})]+$/, "")
}

/** From the start of a run of backticks to the start of the next run of the same length. */
function partnersOfBackticks(text: string): Map<number, number> {
  const partners = new Map<number, number>()
  const latest = new Map<number, number>()
  for (const run of text.matchAll(/`+/g)) {
    const length = run[0].length
    const opened = latest.get(length)
    if (opened !== undefined && (length >= 3 || !text.slice(opened, run.index).includes("\n\n"))) partners.set(opened, run.index)
    latest.set(length, run.index)
  }
  return partners
}
