import { Controller } from "@hotwired/stimulus";

/** A line of a list that may leave it because of its own button: the focus goes on to the next one, and is not lost. */
export default class LeavingController extends Controller<HTMLElement> {
  private next: HTMLElement | null = null;
  private list: HTMLElement | null = null;
  private focused = false;

  note(): void {
    this.focused = this.element.contains(document.activeElement);
    this.next = (this.element.nextElementSibling ?? this.element.previousElementSibling) as HTMLElement | null;
    this.list = this.element.closest<HTMLElement>("turbo-frame");
  }

  disconnect(): void {
    if (!this.focused) return;
    const to = this.next?.isConnected ? this.next : this.list;
    to?.querySelector<HTMLElement>("a, button")?.focus();
  }
}
