import { Controller } from "@hotwired/stimulus";
import * as words from "../words";

const TICK_MS = 20_000;
const shown = new Set<TimeController>();
setInterval(() => shown.forEach((time) => time.show()), TICK_MS);

/** Writes a time for the reader's zone and keeps it fresh; the exact one is its title. */
export default class TimeController extends Controller<HTMLTimeElement> {
  static values = { style: String };
  declare readonly styleValue: string;
  private unchanged = "";

  connect(): void {
    this.element.addEventListener("turbo:morph-element", this.again);
    this.again();
    shown.add(this);
  }

  disconnect(): void {
    this.element.removeEventListener("turbo:morph-element", this.again);
    shown.delete(this);
  }

  /** The server has written the time, in its own zone. */
  private readonly again = (): void => {
    this.unchanged = this.element.textContent ?? "";
    this.element.title = words.exact(this.at);
    this.show();
  };

  show(): void {
    const text = this.text(new Date());
    if (this.element.textContent !== text) this.element.textContent = text;
  }

  private get at(): Date {
    return new Date(this.element.dateTime);
  }

  private text(now: Date): string {
    switch (this.styleValue) {
      case "ago":
        return words.ago(this.at, now, this.unchanged);
      case "left":
        return words.left(this.at, now);
      case "soon":
        return words.soon(this.at, now);
      case "when":
        return words.when(this.at);
      case "clock":
        return words.clock(this.at);
      case "date":
        return words.date(this.at);
      default:
        return words.exact(this.at);
    }
  }
}
