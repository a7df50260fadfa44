const FLASH_MS = 1_200;

/** Bring an item of a thread into view and mark it for a moment. */
export function flash(item: HTMLElement): void {
  item.scrollIntoView({ block: "center", behavior: "smooth" });
  item.dataset["flash"] = "";
  setTimeout(() => delete item.dataset["flash"], FLASH_MS);
}
