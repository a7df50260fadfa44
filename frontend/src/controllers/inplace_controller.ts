import { Controller } from "@hotwired/stimulus";

type Control = HTMLInputElement | HTMLSelectElement;
type Ended = { success: boolean; fetchResponse?: { response: Response } };

const REFUSED = 422;

/** A value that is changed where it stands: saved when it is left, chosen or confirmed with Enter, put back with Escape. */
export default class InplaceController extends Controller<HTMLFormElement> {
  static targets = ["control"];
  declare readonly controlTarget: Control;
  private held: string | null = null;

  connect(): void {
    this.held = valueOf(this.controlTarget);
    this.element.addEventListener("turbo:morph-element", this.again);
  }

  disconnect(): void {
    this.element.removeEventListener("turbo:morph-element", this.again);
  }

  save(): void {
    const value = valueOf(this.controlTarget);
    if (value === this.held) {
      this.element.reset();
      return;
    }
    this.held = value;
    // What was refused stands still until now; the answer to this attempt may change it.
    this.element.closest("[data-keep]")?.removeAttribute("data-keep");
    this.element.requestSubmit();
  }

  /** Otherwise the browser would send the form a second time, after the change that Enter ends. */
  enter(event: Event): void {
    event.preventDefault();
    this.save();
  }

  restore(event: Event): void {
    if (valueOf(this.controlTarget) === this.held) return;
    event.stopPropagation();
    this.element.reset();
  }

  ended({ detail: { success, fetchResponse } }: CustomEvent<Ended>): void {
    // What could not be sent may be tried again as it is; what is refused comes back with its reason.
    if (!success && fetchResponse?.response.status !== REFUSED) this.held = null;
  }

  private readonly again = (): void => {
    this.held = valueOf(this.controlTarget);
  };
}

function valueOf(control: Control): string {
  return control instanceof HTMLInputElement && control.type === "checkbox" ? String(control.checked) : control.value;
}
