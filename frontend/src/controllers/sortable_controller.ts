import { Controller } from "@hotwired/stimulus";
import { letGo, takeHold } from "../live/refresh";
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
    if (!item) return;
    item.draggable = true;
    takeHold();
  }

  /** The pointer went up anywhere; after a drag `end` comes instead. */
  release(): void {
    letGo();
    for (const item of this.itemTargets) item.removeAttribute("draggable");
  }

  override disconnect(): void {
    letGo();
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
    if (this.order !== this.before) this.formTarget.requestSubmit();
    this.release();
  }

  private get order(): string {
    return this.itemTargets.map(({ id }) => id).join(" ");
  }
}
