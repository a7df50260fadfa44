/** Neutral Markdown as nodes: bold, italic, struck, code, links; everything else is plain text with its line breaks. */

import { h, link, safeAddress } from "./dom"

const DEPTH = 6

// In this order: code takes its content as it is; a link's words may hold marks; bare addresses come last.
const PATTERN = new RegExp(
  [
    "`([^`\\n]+)`",
    "\\[([^\\[\\]\\n]{1,500})\\]\\(([^()\\s]{1,2000}(?:\\([^()\\s]*\\)[^()\\s]*)*)\\)",
    "\\*\\*(?=\\S)([\\s\\S]*?\\S)\\*\\*",
    "(?<![\\p{L}\\p{N}_])_(?=[^\\s_])([\\s\\S]*?[^\\s_])_(?![\\p{L}\\p{N}_])",
    "~~(?=\\S)([\\s\\S]*?\\S)~~",
    "(https?://[^\\s<>\"'`]{1,2000})",
  ].join("|"),
  "u",
)

export function markdown(text: string): DocumentFragment {
  const fragment = document.createDocumentFragment()
  write(fragment, text, DEPTH, true)
  return fragment
}

function write(parent: Node, text: string, depth: number, links: boolean): void {
  let rest = text
  while (rest) {
    const found = depth ? PATTERN.exec(rest) : null
    if (!found) break
    if (found.index) parent.appendChild(document.createTextNode(rest.slice(0, found.index)))
    const taken = mark(found, depth - 1, links)
    parent.appendChild(taken.node)
    rest = rest.slice(found.index + taken.length)
  }
  if (rest) parent.appendChild(document.createTextNode(rest))
}

function mark(found: RegExpExecArray, depth: number, links: boolean): { node: Node; length: number } {
  const [whole, code, words, target, bold, italic, struck, address] = found
  if (code) return { node: h("code", {}, code), length: whole.length }
  if (words && target) return { node: linked(words, target, whole, depth, links), length: whole.length }
  if (bold) return { node: marked("strong", bold, depth, links), length: whole.length }
  if (italic) return { node: marked("em", italic, depth, links), length: whole.length }
  if (struck) return { node: marked("s", struck, depth, links), length: whole.length }
  return bare(address ?? whole, links)
}

function marked(tag: "strong" | "em" | "s", text: string, depth: number, links: boolean): Node {
  const element = h(tag)
  write(element, text, depth, links)
  return element
}

function linked(words: string, target: string, whole: string, depth: number, links: boolean): Node {
  const address = links && safeAddress(target)
  if (!address) return document.createTextNode(whole)
  const element = link(address)
  write(element, words, depth, false)
  return element
}

/** A bare address without the punctuation that ends the sentence around it. */
function bare(text: string, links: boolean): { node: Node; length: number } {
  let end = text.replace(/[.,;:!?…]+$/, "")
  if (end.endsWith(")") && !end.includes("(")) end = end.slice(0, -1)
  const address = links && safeAddress(end)
  return { node: address ? link(address, end) : document.createTextNode(end), length: end.length }
}
