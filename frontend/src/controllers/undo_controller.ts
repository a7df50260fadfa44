import { Controller } from "@hotwired/stimulus";
import { renderStreamMessage } from "@hotwired/turbo";
import { notify, wordsOf } from "../failures";
import { workspaceHeader } from "../workspace";

/** The last moment belongs to the request's way to the server. */
const WAY_MS = 300;

/** Some seconds in which whoever sent a message can take it back. */
export default class UndoController extends Controller<HTMLElement> {
  static targets = ["button", "ring"];
  static values = { left: Number, by: String, url: String };
  declare readonly buttonTarget: HTMLButtonElement;
  declare readonly ringTarget: SVGCircleElement;
  declare readonly leftValue: number;
  declare readonly byValue: string;
  declare readonly urlValue: string;
  private timer: ReturnType<typeof setTimeout> | undefined;

  connect(): void {
    const left = this.leftValue - WAY_MS;
    if (left <= 0 || this.byValue !== document.querySelector<HTMLMetaElement>("meta[name=member]")?.content) {
      this.end();
      return;
    }
    this.element.dataset["shown"] = "";
    this.ringTarget.animate({ strokeDashoffset: [0, 100] }, { duration: left, fill: "forwards" });
    this.timer = setTimeout(() => this.end(), left);
  }

  disconnect(): void {
    clearTimeout(this.timer);
  }

  async undo(): Promise<void> {
    clearTimeout(this.timer);
    this.buttonTarget.disabled = true;
    const headers = { Accept: "text/vnd.turbo-stream.html, application/json", ...workspaceHeader() };
    const answer = await fetch(this.urlValue, { method: "DELETE", headers }).catch(() => null);
    if (answer?.ok) renderStreamMessage(await answer.text());
    else {
      notify((answer && (await wordsOf(answer))) || (document.getElementById("toasts")?.dataset["offline"] ?? ""));
      this.end();
    }
  }

  private end(): void {
    if (this.element.contains(document.activeElement)) document.querySelector<HTMLElement>(".composer-text")?.focus();
    this.element.remove();
  }
}
