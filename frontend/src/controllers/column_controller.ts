import { Controller } from "@hotwired/stimulus";
import { COLUMNS, type Column, columnWidth, resizeColumn } from "../look";

const STEP_PIXELS = 16;

/** The edge of a column: dragged, or moved by the arrow keys; a double click puts it back. */
export default class ColumnController extends Controller<HTMLElement> {
  static values = { name: String };
  declare readonly nameValue: Column;

  connect(): void {
    this.element.setAttribute("aria-valuemin", String(COLUMNS[this.nameValue].least));
    this.element.setAttribute("aria-valuemax", String(COLUMNS[this.nameValue].most));
    this.tell(columnWidth(this.nameValue));
  }

  grab(event: PointerEvent): void {
    const from = event.clientX;
    const width = columnWidth(this.nameValue);
    const drag = (moved: PointerEvent) => this.tell(resizeColumn(this.nameValue, width + this.outwards * (moved.clientX - from)));
    this.element.setPointerCapture(event.pointerId);
    this.element.dataset["held"] = "";
    this.element.addEventListener("pointermove", drag);
    const release = () => {
      this.element.removeEventListener("pointermove", drag);
      delete this.element.dataset["held"];
    };
    this.element.addEventListener("lostpointercapture", release, { once: true });
    event.preventDefault();
  }

  step(event: KeyboardEvent): void {
    const direction = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (direction === undefined) return;
    event.preventDefault();
    this.tell(resizeColumn(this.nameValue, columnWidth(this.nameValue) + this.outwards * direction * STEP_PIXELS));
  }

  reset(): void {
    this.tell(resizeColumn(this.nameValue, COLUMNS[this.nameValue].usual));
  }

  /** The contact's column has its edge on the left: it grows when the edge goes there. */
  private get outwards(): number {
    return this.nameValue === "contact" ? -1 : 1;
  }

  private tell(width: number): void {
    this.element.setAttribute("aria-valuenow", String(width));
  }
}
