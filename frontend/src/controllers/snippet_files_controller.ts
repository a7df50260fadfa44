import { Controller } from "@hotwired/stimulus";
import type { Stored } from "../compose/files";

/** The files of a snippet in its form. */
export default class SnippetFilesController extends Controller<HTMLElement> {
  static targets = ["list", "row"];
  declare readonly listTarget: HTMLElement;
  declare readonly rowTarget: HTMLTemplateElement;

  add({ detail }: CustomEvent<{ files: Stored[] }>): void {
    for (const { id, name } of detail.files) {
      if (this.listTarget.querySelector(`input[value="${CSS.escape(String(id))}"]`)) continue;
      const row = this.rowTarget.content.cloneNode(true) as DocumentFragment;
      row.querySelector(".snippet-file-name")?.replaceChildren(name);
      row.querySelector("input")?.setAttribute("value", String(id));
      row.querySelector("button")?.setAttribute("aria-label", `${row.querySelector("button")?.getAttribute("aria-label") ?? ""} ${name}`);
      this.listTarget.append(row);
    }
    this.changed();
  }

  remove({ currentTarget }: Event): void {
    (currentTarget as Element).closest("li")?.remove();
    this.changed();
  }

  /** What reads itself again leaves a form alone in which something was changed. */
  private changed(): void {
    this.element.dispatchEvent(new Event("input", { bubbles: true }));
  }
}
