import { Controller } from "@hotwired/stimulus";
import { visit } from "@hotwired/turbo";
import { flash } from "../inbox/flash";
import { switchLook } from "../look";

const WIDE = matchMedia("(width >= 1100px)");

/** The panel about the contact: a column that folds away and remembers it, or on small screens a drawer. */
export default class ContactController extends Controller<HTMLElement> {
  static targets = ["button"];
  declare readonly buttonTargets: HTMLElement[];
  declare readonly hasButtonTarget: boolean;

  buttonTargetConnected(): void {
    this.tell();
  }

  toggle(): void {
    if (WIDE.matches) switchLook("contact", "folded");
    else this.panel?.toggleAttribute("data-shown");
    this.tell();
  }

  escape(): void {
    if (WIDE.matches || !this.panel?.hasAttribute("data-shown")) return;
    this.toggle();
    this.buttonTargets[0]?.focus();
  }

  /** Show where something began in the thread: the message, if it is on the page, else the stretch of the thread around it. */
  jump(event: Event): void {
    const link = event.currentTarget as HTMLAnchorElement;
    const message = document.getElementById(link.hash.slice(1));
    if (!WIDE.matches) this.escape();
    event.preventDefault();
    if (message) flash(message);
    else visit(`${location.pathname}${withMessage(link)}`, { frame: "thread", action: "advance" });
  }

  private get panel(): HTMLElement | null {
    return document.getElementById("contact_panel");
  }

  private tell(): void {
    const shown = WIDE.matches ? !document.documentElement.classList.contains("contact-folded") : this.panel?.hasAttribute("data-shown");
    for (const button of this.buttonTargets) button.setAttribute("aria-expanded", String(shown ?? false));
  }
}

/** The list stays as it is; the thread is another stretch of it. */
function withMessage(link: HTMLAnchorElement): string {
  const query = new URLSearchParams(location.search);
  query.set("message", new URL(link.href).searchParams.get("message") ?? "");
  return `?${query}${link.hash}`;
}
