import { Controller } from "@hotwired/stimulus";
import { eventsHidden, hideEvents } from "../look";

/** The switch that shows or hides what happened between the messages of threads. */
export default class EventsController extends Controller<HTMLButtonElement> {
  connect(): void {
    this.show();
  }

  toggle(): void {
    hideEvents(!eventsHidden());
  }

  show(): void {
    this.element.setAttribute("aria-pressed", String(!eventsHidden()));
  }
}
