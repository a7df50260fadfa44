import { Controller } from "@hotwired/stimulus";
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

  private get panel(): HTMLElement | null {
    return document.getElementById("contact_panel");
  }

  private tell(): void {
    const shown = WIDE.matches ? !document.documentElement.classList.contains("contact-folded") : this.panel?.hasAttribute("data-shown");
    for (const button of this.buttonTargets) button.setAttribute("aria-expanded", String(shown ?? false));
  }
}
