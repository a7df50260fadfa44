// Renderings of the same thing may arrive in any order: the answer to a request, the live stream, a page being loaded.

/** Whether `one` was rendered from an older state than `other`. */
export function isOlder(one: HTMLElement, other: HTMLElement): boolean {
  return Number(one.dataset["version"] ?? 0) < Number(other.dataset["version"] ?? 0);
}
