/** Elements without a framework. Data only ever becomes text nodes and checked attributes, never markup. */

type Child = Node | string | null | false | undefined
type Attributes = Record<string, string | number | boolean | null | undefined | EventListener>

/** Make an element. `on…` attributes are listeners, `false` and `null` leave an attribute out, `true` sets it empty. */
export function h<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Attributes = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), guarded(value))
    else if (value === true) element.setAttribute(name, "")
    else if (value !== false && value != null) element.setAttribute(name, String(value))
  }
  element.append(...children.filter((child): child is Node | string => child != null && child !== false))
  return element
}

/** A listener that cannot throw into the page that hosts us. */
export function guarded<A extends unknown[]>(work: (...given: A) => unknown): (...given: A) => void {
  return (...given) => {
    try {
      const result = work(...given)
      if (result instanceof Promise) result.catch(report)
    } catch (error) {
      report(error)
    }
  }
}

export function report(error: unknown): void {
  console.debug("[chat]", error)
}

const ICONS = {
  bubble: "M5 4h14a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-8l-5 4v-4H5a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2zM8 9h8M8 12.5h5",
  question: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM9.4 9.6a2.7 2.7 0 0 1 5.2.9c0 1.8-2.6 2.2-2.6 3.7M12 17v.01",
  smile: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM8 14.2a4.8 4.8 0 0 0 8 0M9 9.5v.01M15 9.5v.01",
  spark: "M12 3l1.9 6.1L20 11l-6.1 1.9L12 19l-1.9-6.1L4 11l6.1-1.9zM19 3v4M17 5h4",
  close: "M6 6l12 12M18 6L6 18",
  down: "M6 9l6 6 6-6",
  send: "M5 12h13M12.5 6l6 6-6 6",
  clip: "M20 11.5l-8 8a5 5 0 0 1-7.1-7.1l8.4-8.3a3.3 3.3 0 0 1 4.7 4.7l-8.4 8.3a1.7 1.7 0 0 1-2.4-2.4l7.7-7.6",
  file: "M13 3H7a2 2 0 0 0-2 2v14a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2V9zM13 3v6h6",
  pin: "M12 21c4-4.4 7-7.6 7-11a7 7 0 0 0-14 0c0 3.4 3 6.6 7 11zM12 7.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z",
  bell: "M6 16v-5a6 6 0 0 1 12 0v5l1.5 2h-15zM10 21h4",
  mute: "M6 16v-5a6 6 0 0 1 12 0v5l1.5 2h-15zM10 21h4M4 3l16 18",
} as const

export type IconName = keyof typeof ICONS

/** A line drawing, hidden from screen readers: the control around it carries the words. */
export function icon(name: IconName): SVGSVGElement {
  const space = "http://www.w3.org/2000/svg"
  const svg = document.createElementNS(space, "svg")
  const attributes = { viewBox: "0 0 24 24", fill: "none", stroke: "currentColor", "stroke-width": "1.8", "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": "true" }
  for (const [key, value] of Object.entries(attributes)) svg.setAttribute(key, value)
  const path = document.createElementNS(space, "path")
  path.setAttribute("d", ICONS[name])
  svg.append(path)
  return svg
}

/** The address if it is one that a click may follow, else nothing: `javascript:` and the like never become links. */
export function safeAddress(text: string | null | undefined, schemes = ["http:", "https:", "mailto:", "tel:"]): string | null {
  if (!text) return null
  try {
    const address = new URL(text)
    return schemes.includes(address.protocol) ? address.href : null
  } catch {
    return null
  }
}

/** A link that opens beside the page, without handing it over. */
export function link(address: string, ...children: Child[]): HTMLAnchorElement {
  return h("a", { href: address, target: "_blank", rel: "noopener noreferrer nofollow" }, ...children)
}
