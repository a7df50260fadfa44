import SheetController from "./sheet_controller";

const ASKING = new Set(["category", "both"]);

/** The dialog of the closing note. Where the workspace wants one, every form that closes a conversation comes here first. */
export default class ClosingController extends SheetController {
  override connect(): void {
    window.addEventListener("submit", this.asksFirst, true);
  }

  override disconnect(): void {
    window.removeEventListener("submit", this.asksFirst, true);
  }

  private readonly asksFirst = (event: SubmitEvent): void => {
    const contactId = (event.target as HTMLElement).dataset["closes"];
    // A page is brought up to date when the workspace decides otherwise: the mode stands in the element.
    if (!contactId || !ASKING.has(this.element.dataset["mode"] ?? "")) return;
    event.preventDefault();
    event.stopPropagation();
    this.frameTarget.src = `/contacts/${contactId}/closure`;
  };

  override loaded(): void {
    this.element.querySelector<HTMLElement>("select, textarea")?.focus();
  }
}
