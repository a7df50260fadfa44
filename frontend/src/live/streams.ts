// Our own actions of turbo-stream elements: place (cards), insert and withdraw (items of a thread), giveback (words to the composer), refit (what may have changed meanwhile),
// gone (a contact off every part of the page), reread (what each member is shown for themselves), refresh (the page missed something).
import { type FrameElement, type StreamElement, StreamActions, morphElements } from "@hotwired/turbo";
import { giveBack } from "../compose/returned";
import { placeEverywhere } from "../inbox/placing";
import { insertItem, withdrawItem } from "../inbox/timeline";
import { isOlder } from "../inbox/version";
import { refresh, refreshWithin } from "./refresh";

/** So much later than a row went the table counts anew, and fills up: once for many that go together. */
const RECOUNT_MS = 1000;

export function addStreamActions(): void {
  StreamActions["refresh"] = function (this: StreamElement) {
    refreshWithin(Number(this.getAttribute("within")) || 0);
  };
  StreamActions["place"] = function (this: StreamElement) {
    const card = this.templateContent.querySelector<HTMLElement>("[data-contact-id]");
    if (card) placeEverywhere(card);
  };
  StreamActions["insert"] = function (this: StreamElement) {
    const timeline = document.getElementById(this.target);
    const item = this.templateContent.querySelector<HTMLElement>("[data-item]");
    if (timeline && item) insertItem(timeline, item);
  };
  StreamActions["withdraw"] = function (this: StreamElement) {
    const item = document.getElementById(this.target);
    if (item) withdrawItem(item);
  };
  // Found by their ids alone: thousands may go at once, while somebody works.
  StreamActions["gone"] = function (this: StreamElement) {
    const id = this.getAttribute("contact") ?? "";
    document.getElementById(`card_${id}`)?.remove();
    const row = document.getElementById(`row_${id}`);
    if (row) refreshWithin(RECOUNT_MS);
    row?.remove();
    const details = document.getElementById(`contact_${id}`);
    details?.closest(".contact-panel")?.remove();
    details?.closest("#contact_beside")?.replaceChildren();
    const thread = document.getElementById("thread")?.querySelector<HTMLElement>("[data-thread-contact-value]");
    if (thread?.dataset["threadContactValue"] === id) thread.replaceWith(this.templateContent);
  };
  StreamActions["giveback"] = function (this: StreamElement) {
    const returned = this.templateContent.querySelector<HTMLElement>("[data-contact-id]");
    if (returned) giveBack(returned);
  };
  StreamActions["reread"] = function (this: StreamElement) {
    const part = document.getElementById(this.target);
    if (part?.matches("turbo-frame")) void (part as FrameElement).reload();
    else if (part) refresh();
  };
  StreamActions["refit"] = function (this: StreamElement) {
    const current = document.getElementById(this.target);
    const next = this.templateContent.firstElementChild;
    if (current && next instanceof HTMLElement && !isOlder(next, current)) morphElements(current, next);
  };
}
