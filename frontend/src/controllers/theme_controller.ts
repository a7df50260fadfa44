import { Controller } from "@hotwired/stimulus";
import { type Theme, chooseTheme, theme } from "../look";

/** Light, dark, or as the system has it. */
export default class ThemeController extends Controller {
  static targets = ["choice"];
  declare readonly choiceTargets: HTMLInputElement[];

  connect(): void {
    for (const choice of this.choiceTargets) choice.checked = choice.value === theme();
  }

  choose({ currentTarget }: Event): void {
    chooseTheme((currentTarget as HTMLInputElement).value as Theme);
  }
}
