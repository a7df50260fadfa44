import { Controller } from "@hotwired/stimulus";
import { notify } from "../failures";

/** What else can be done with a conversation. */
export default class ThreadMenuController extends Controller<HTMLElement> {
  static values = { copied: String, failed: String };
  declare readonly copiedValue: string;
  declare readonly failedValue: string;

  /** The address of this conversation, wherever it was opened from. */
  async copyLink(): Promise<void> {
    const path = location.pathname.replace(/^\/inbox\/[^/]+\//, "/inbox/all/");
    this.element.hidePopover();
    try {
      await navigator.clipboard.writeText(location.origin + path);
      notify(this.copiedValue);
    } catch {
      notify(this.failedValue);
    }
  }

  /** Times in the text are on the reader's clock. */
  download({ currentTarget }: Event): void {
    const link = currentTarget as HTMLAnchorElement;
    const url = new URL(link.href);
    url.searchParams.set("zone", Intl.DateTimeFormat().resolvedOptions().timeZone);
    link.href = url.href;
    this.element.hidePopover();
  }

  done({ detail, target }: CustomEvent<{ success: boolean }>): void {
    if (!detail.success) return;
    this.element.hidePopover();
    // What is unread is not left open: looking at it would read it.
    if ((target as HTMLElement).hasAttribute("data-leaves")) document.querySelector<HTMLElement>(".thread-back")?.click();
  }
}
