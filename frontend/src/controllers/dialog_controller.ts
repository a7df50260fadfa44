import { Controller } from "@hotwired/stimulus";

/** Opens and closes a native dialog. */
export default class DialogController extends Controller {
  static targets = ["box"];
  declare readonly boxTarget: HTMLDialogElement;

  open(): void {
    this.boxTarget.showModal();
  }

  close(): void {
    this.boxTarget.close();
  }
}
