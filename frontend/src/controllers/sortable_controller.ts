import { Controller } from "@hotwired/stimulus";
import { move } from "../morph";

/** Rows that are dragged into another order by their handle; the form then sends all of them as they stand. */
export default class SortableController extends Controller<HTMLElement> {
  static targets = ["item", "form"];
  declare readonly itemTargets: HTMLElement[];
  declare readonly formTarget: HTMLFormElement;
  private dragged: HTMLElement | null = null;
  private before = "";

  /** Only the handle drags: words in a row stay selectable. */
  hold({ currentTarget }: Event): void {
    const item = this.itemTargets.find((each) => each.contains(currentTarget as Node));
    if (item) item.draggable = true;
  }

  release(): void {
    for (const item of this.itemTargets) item.removeAttribute("draggable");
  }

  start(event: DragEvent): void {
    this.dragged = event.currentTarget as HTMLElement;
    this.dragged.dataset.dragged = "";
    this.before = this.order;
    event.dataTransfer?.setData("text/plain", "");
  }

  over(event: DragEvent): void {
    const item = event.currentTarget as HTMLElement;
    if (!this.dragged) return;
    event.preventDefault();
    if (item === this.dragged || !item.parentElement) return;
    const { top, height } = item.getBoundingClientRect();
    const next = event.clientY < top + height / 2 ? item : item.nextElementSibling;
    if (next !== this.dragged && next !== this.dragged.nextElementSibling) move(item.parentElement, this.dragged, next);
  }

  end(): void {
    if (this.dragged) delete this.dragged.dataset.dragged;
    this.dragged = null;
    this.release();
    if (this.order !== this.before) this.formTarget.requestSubmit();
  }

  private get order(): string {
    return this.itemTargets.map(({ id }) => id).join(" ");
  }
}
