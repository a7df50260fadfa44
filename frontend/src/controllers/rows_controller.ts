import { Controller } from "@hotwired/stimulus";
import { refresh } from "../live/refresh";
import { counted } from "../words";

/** The rows of a table: which are chosen, what is done with them, and the one that is shown beside. */
export default class RowsController extends Controller<HTMLElement> {
  static targets = ["row", "page", "bar", "words", "offer", "action", "beside", "frame"];
  static values = { number: Number, exact: Boolean, query: String };
  declare readonly rowTargets: HTMLInputElement[];
  declare readonly pageTargets: HTMLInputElement[];
  declare readonly barTarget: HTMLElement;
  declare readonly wordsTarget: HTMLElement;
  declare readonly offerTargets: HTMLElement[];
  declare readonly actionTargets: HTMLElement[];
  declare readonly besideTarget: HTMLElement;
  declare readonly frameTarget: HTMLElement;
  declare readonly numberValue: number;
  declare readonly exactValue: boolean;
  declare readonly queryValue: string;
  private everybody = false;
  private opener: HTMLElement | null = null;

  connect(): void {
    this.tell();
  }

  rowTargetConnected(): void {
    this.tell();
  }

  taken(): void {
    this.everybody = false;
    this.tell();
  }

  takePage({ target }: Event): void {
    for (const row of this.rowTargets) row.checked = (target as HTMLInputElement).checked;
    this.taken();
  }

  takeAll(): void {
    for (const row of this.rowTargets) row.checked = true;
    this.everybody = true;
    this.tell();
    this.actionTargets[0]?.focus();
  }

  clear(): void {
    for (const row of this.rowTargets) row.checked = false;
    this.taken();
    this.pageTargets[0]?.focus();
  }

  /** A form asks who is chosen. */
  fill(event: FormDataEvent): void {
    if (!(event.target instanceof HTMLFormElement) || !event.target.hasAttribute("data-rows-fill")) return;
    event.formData.set("query", this.queryValue);
    if (this.everybody) event.formData.set("all", "true");
    else for (const row of this.chosen) event.formData.append("ids[]", row.value);
  }

  /** A job that was under way has ended: the rows are shown as they are now. */
  loaded({ target }: Event): void {
    if (!(target instanceof HTMLElement) || !target.id.startsWith("job_") || target.querySelector("[data-controller~=reload]")) return;
    refresh();
  }

  /** The page reads itself again because something changed somewhere: what was chosen stays so. */
  keep(event: Event): void {
    if (event.target instanceof HTMLInputElement && this.rowTargets.includes(event.target) && event.target.checked) event.preventDefault();
  }

  morphed(): void {
    this.everybody &&= this.chosen.length === this.rowTargets.length;
    this.tell();
  }

  opened({ currentTarget }: Event): void {
    this.opener = currentTarget as HTMLElement;
    for (const row of this.element.querySelectorAll("tr[data-current]")) row.removeAttribute("data-current");
    this.opener.closest("tr")?.setAttribute("data-current", "");
  }

  closeBeside(): void {
    this.frameTarget.replaceChildren();
    this.frameTarget.removeAttribute("src");
    for (const row of this.element.querySelectorAll("tr[data-current]")) row.removeAttribute("data-current");
    this.opener?.focus();
  }

  private get chosen(): HTMLInputElement[] {
    return this.rowTargets.filter((row) => row.checked);
  }

  private tell(): void {
    const chosen = this.chosen.length;
    const whole = chosen > 0 && chosen === this.rowTargets.length;
    for (const page of this.pageTargets) {
      page.checked = whole;
      page.indeterminate = chosen > 0 && !whole;
    }
    this.barTarget.hidden = chosen === 0;
    for (const offer of this.offerTargets) offer.hidden = !whole || this.everybody;
    const { some = "{}", all: words = "" } = this.wordsTarget.dataset;
    this.wordsTarget.textContent = this.everybody ? words : counted(JSON.parse(some) as Record<string, string>, chosen);
    const number = this.everybody ? `${this.numberValue}${this.exactValue ? "" : "&about"}` : String(chosen);
    for (const action of this.actionTargets) action.setAttribute("data-ask-url-param", `${action.dataset["rowsBase"] ?? ""}?number=${number}`);
  }
}
