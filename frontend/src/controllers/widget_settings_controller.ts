import { Controller } from "@hotwired/stimulus";

const PAUSE_MS = 200;

/** Shows the website chat in its frame as it would look if the form were saved. What cannot be saved yet changes nothing. */
export default class WidgetSettingsController extends Controller<HTMLFormElement> {
  static targets = ["frame"];
  static values = { url: String };
  declare readonly frameTarget: HTMLIFrameElement;
  declare readonly urlValue: string;
  private pause = 0;
  private asked = 0;

  disconnect(): void {
    clearTimeout(this.pause);
  }

  show(): void {
    clearTimeout(this.pause);
    this.pause = window.setTimeout(() => void this.ask(), PAUSE_MS);
  }

  private async ask(): Promise<void> {
    const number = ++this.asked;
    const fields = new URLSearchParams([...new FormData(this.element)].map(([name, value]) => [name, String(value)]));
    const answer = await fetch(`${this.urlValue}?${fields}`, { headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer?.ok || number !== this.asked) return;
    this.frameTarget.contentWindow?.postMessage({ ismessenger: await answer.json() }, location.origin);
  }
}
