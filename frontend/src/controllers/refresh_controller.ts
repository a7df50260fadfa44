import { Controller } from "@hotwired/stimulus";
import { refresh } from "../live/refresh";

/** A page that reads itself again when it is told that something on it changed. */
export default class RefreshController extends Controller {
  soon(): void {
    refresh();
  }
}
