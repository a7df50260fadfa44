import { Controller } from "@hotwired/stimulus";
import { counted } from "../words";

/** Choosing several conversations of a list, and what is done with them; or with one, by the buttons on its card. */
export default class ChooseController extends Controller<HTMLElement> {
  static targets = ["box", "button", "words", "offer", "action", "form"];
  static values = { inbox: String, status: String, unreplied: Boolean, member: String };
  declare readonly boxTargets: HTMLInputElement[];
  declare readonly buttonTarget: HTMLButtonElement;
  declare readonly wordsTarget: HTMLElement;
  declare readonly offerTarget: HTMLButtonElement;
  declare readonly actionTargets: HTMLButtonElement[];
  declare readonly formTarget: HTMLFormElement;
  declare readonly inboxValue: string;
  declare readonly statusValue: string;
  declare readonly unrepliedValue: boolean;
  declare readonly memberValue: string;
  private everybody = false;
  /** The contact of a card whose own button was pressed. */
  private only = "";
  private next: Element | null = null;
  private last: HTMLInputElement | undefined;

  connect(): void {
    this.tell();
    document.addEventListener("turbo:morph", this.again);
  }

  disconnect(): void {
    document.removeEventListener("turbo:morph", this.again);
  }

  private readonly again = (): void => this.tell();

  toggle(): void {
    if (this.choosing) this.leave();
    else {
      this.element.dataset["choosing"] = "";
      this.tell();
      this.boxTargets[0]?.focus();
    }
  }

  leave(event?: KeyboardEvent): void {
    if (!this.choosing || (event && this.element.querySelector("dialog[open], :popover-open"))) return;
    event?.stopPropagation();
    const inside = this.element.contains(document.activeElement);
    delete this.element.dataset["choosing"];
    this.everybody = false;
    for (const box of this.boxTargets) box.checked = false;
    this.tell();
    if (inside) this.buttonTarget.focus();
  }

  /** With Shift all between this one and the last one go along. */
  pick(event: MouseEvent): void {
    const box = event.currentTarget as HTMLInputElement;
    this.everybody = false;
    const [from, to] = [this.boxTargets.indexOf(this.last ?? box), this.boxTargets.indexOf(box)];
    if (event.shiftKey && from >= 0) for (const each of this.boxTargets.slice(Math.min(from, to), Math.max(from, to) + 1)) each.checked = box.checked;
    this.last = box;
    this.tell();
  }

  everything(): void {
    for (const box of this.boxTargets) box.checked = true;
    this.everybody = true;
    this.tell();
    this.actionTargets[0]?.focus();
  }

  /** The question says how many it is about. */
  ask({ currentTarget, params }: Event & { params: { action: string } }): void {
    this.address(currentTarget as HTMLElement, params.action);
    (currentTarget as HTMLElement).closest<HTMLElement>("[popover]")?.hidePopover();
  }

  /** A button on a card. */
  quick({ currentTarget, params }: Event & { params: { action: string } }): void {
    const button = currentTarget as HTMLElement;
    const card = button.closest<HTMLElement>("[data-contact-id]");
    this.only = card?.dataset["contactId"] ?? "";
    this.next = card?.nextElementSibling ?? card?.previousElementSibling ?? null;
    if (params.action === "snooze") {
      this.address(button, "snooze");
      this.dispatch("ask", { target: button });
      return;
    }
    const mine = params.action === "mine";
    (this.formTarget.elements.namedItem("action") as HTMLInputElement).value = mine ? "assign" : params.action;
    (this.formTarget.elements.namedItem("member_id") as HTMLInputElement).value = mine ? this.memberValue : "";
    // Where the workspace wants a note, its dialog comes first.
    if (params.action === "close") this.formTarget.dataset["closes"] = this.only;
    else delete this.formTarget.dataset["closes"];
    this.formTarget.requestSubmit();
  }

  /** A form asks who is chosen. */
  fill(event: FormDataEvent): void {
    if (!(event.target instanceof HTMLFormElement) || !event.target.hasAttribute("data-choose-fill")) return;
    const { formData } = event;
    for (const [name, value] of Object.entries(this.list)) formData.set(name, value);
    if (this.only) formData.append("ids[]", this.only);
    else if (this.everybody) formData.set("all", "true");
    else for (const box of this.chosen) formData.append("ids[]", box.value);
  }

  ended({ target, detail }: CustomEvent<{ success: boolean }>): void {
    if (!(target instanceof HTMLElement) || !target.hasAttribute("data-choose-fill")) return;
    const alone = this.only !== "";
    this.only = "";
    if (detail.success && !alone) this.leave();
  }

  /** A question that was not answered is about nobody any more. */
  forget(): void {
    this.only = "";
  }

  /** A card is renewed: whether it is chosen only this page knows. */
  keep(event: Event): void {
    if (event.target instanceof HTMLInputElement && this.boxTargets.includes(event.target) && event.target.checked) event.preventDefault();
  }

  /** A card left the list because of a button on it: whoever works by the keyboard goes on at the next one. */
  boxTargetDisconnected(): void {
    if (document.activeElement === document.body) this.next?.querySelector<HTMLElement>(".contact-card-link")?.focus();
    this.tell();
  }

  private address(button: HTMLElement, action: string): void {
    const query = new URLSearchParams(this.list);
    if (this.everybody && !this.only) query.set("all", "true");
    else query.set("number", this.only ? "1" : String(this.chosen.length));
    button.setAttribute("data-ask-url-param", `/inbox/changes/${action}?${query.toString()}`);
  }

  private get list(): Record<string, string> {
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    return { inbox: this.inboxValue, status: this.statusValue, unreplied: String(this.unrepliedValue), zone: timeZone };
  }

  private get choosing(): boolean {
    return this.element.hasAttribute("data-choosing");
  }

  private get chosen(): HTMLInputElement[] {
    return this.boxTargets.filter((box) => box.checked);
  }

  private tell(): void {
    this.buttonTarget.setAttribute("aria-pressed", String(this.choosing));
    const number = this.chosen.length;
    const { none = "", some = "{}", all = "" } = this.wordsTarget.dataset;
    this.wordsTarget.textContent = this.everybody ? all : number === 0 ? none : counted(JSON.parse(some) as Record<string, string>, number);
    this.offerTarget.hidden = this.everybody;
    for (const action of this.actionTargets) {
      const one = action.dataset["chooseActionParam"] === "unread" && this.everybody;
      action.disabled = (number === 0 && !this.everybody) || one;
    }
  }
}
