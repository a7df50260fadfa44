// What a morph must leave alone: words being written, places that scripts filled, what the reader has opened or is opening.

const OURS = ["data-shown", "data-laid-out", "aria-expanded", "aria-valuenow", "aria-valuemin", "aria-valuemax", "open", "data-open", "data-choosing", "data-theme"];

/** Forms in which somebody has changed something: what they typed is worth more than what the server knows. */
const touched = new WeakSet<Element>();

export function keepThroughMorph(): void {
  document.addEventListener("input", ({ target }) => {
    const form = target instanceof Element ? target.closest("form") : null;
    if (form) touched.add(form);
  });
  document.addEventListener("reset", ({ target }) => {
    if (target instanceof Element) touched.delete(target);
  });
  // Once it is sent, what comes back counts, the words beside a field that is wrong above all; unless nothing came back.
  document.addEventListener("turbo:submit-start", ({ target }) => {
    if (target instanceof Element) touched.delete(target);
  });
  document.addEventListener("turbo:submit-end", (event) => {
    const { fetchResponse } = (event as CustomEvent<{ fetchResponse?: object }>).detail;
    if (!fetchResponse && event.target instanceof Element) touched.add(event.target);
  });
  document.addEventListener("turbo:before-morph-element", (event) => {
    const { currentElement, newElement } = (event as CustomEvent<{ currentElement: Element; newElement?: Element }>).detail;
    if (touched.has(currentElement)) event.preventDefault();
    const loading = currentElement.matches("turbo-frame[busy]");
    if (newElement && currentElement.id === newElement.id && (loading || currentElement.hasAttribute("data-keep"))) event.preventDefault();
  });
  document.addEventListener("turbo:before-morph-attribute", (event) => {
    if (OURS.includes((event as CustomEvent<{ attributeName: string }>).detail.attributeName)) event.preventDefault();
  });
}

/** Move a child without losing its focus. */
export function move(parent: Element, node: Element, before: Element | null): void {
  // Not in every browser yet: keeps focus, playback and frames of what is moved.
  if ("moveBefore" in parent && node.isConnected) {
    parent.moveBefore(node, before);
    return;
  }
  const focused = node.contains(document.activeElement) ? (document.activeElement as HTMLElement) : null;
  parent.insertBefore(node, before);
  focused?.focus({ preventScroll: true });
}
