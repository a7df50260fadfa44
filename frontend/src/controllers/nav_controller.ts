import { Controller } from "@hotwired/stimulus";
import { switchLook } from "../look";

/** The button that widens the navigation. */
export default class NavController extends Controller<HTMLElement> {
  connect(): void {
    this.show(document.documentElement.classList.contains("nav-wide"));
  }

  toggle(): void {
    this.show(switchLook("nav", "wide"));
  }

  private show(wide: boolean): void {
    this.element.setAttribute("aria-pressed", String(wide));
  }
}
