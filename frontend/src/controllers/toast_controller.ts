import { Controller } from "@hotwired/stimulus";

const STAYS_MS = 10_000;

/** A notice that leaves by itself, but not while somebody points at it. */
export default class ToastController extends Controller<HTMLElement> {
  static values = { stays: Boolean };
  declare readonly staysValue: boolean;
  private timer: ReturnType<typeof setTimeout> | undefined;

  connect(): void {
    this.release();
  }

  disconnect(): void {
    this.hold();
  }

  hold(): void {
    clearTimeout(this.timer);
  }

  release(): void {
    this.hold();
    if (!this.staysValue) this.timer = setTimeout(() => this.dismiss(), STAYS_MS);
  }

  dismiss(): void {
    this.element.remove();
  }
}
