// The workflow builder: an island of its own, loaded on its page only. The page brings `#builder`, the JSON of `#builder-data` and words.
import { render } from "preact";
import { recall } from "../store";
import { BuilderPage } from "./builder";
import { heard, startSaving, type Told } from "./save";
import { readWords } from "./say";
import { begin, builder, set } from "./store";
import { stepOf } from "./tree";
import type { BuilderData } from "./types";
import { foldedKey } from "./verbs";

let place: HTMLElement | null = null;
let stopSaving: () => void = () => undefined;

function mount(): void {
  const found = document.getElementById("builder");
  const json = document.getElementById("builder-data")?.textContent;
  if (!found || !json || place === found) return;
  place = found;
  readWords();
  const data = JSON.parse(json) as BuilderData;
  begin(data, new Set(recall(foldedKey(data.workflow.id))?.split(" ")));
  openAt(new URLSearchParams(location.search).get("step"));
  stopSaving = startSaving();
  found.replaceChildren();
  found.dataset["keep"] = "";
  // Whoever comes back to this page must see what was saved since: it is asked for again.
  document.querySelector<HTMLMetaElement>("meta[name=turbo-cache-control]")?.setAttribute("content", "no-cache");
  render(<BuilderPage />, found);
}

/** The history of a run leads to one of its steps, which may be gone from the draft. */
function openAt(id: string | null): void {
  if (id && stepOf(builder().definition, id)) set({ chosen: id, panel: "chosen" });
}

function leave(): void {
  if (!place) return;
  stopSaving();
  render(null, place);
  place = null;
}

/** Another page comes; one that only refreshes itself leaves the builder as it is. */
function leaveFor(event: Event): void {
  if ((event as CustomEvent<{ renderMethod?: string }>).detail.renderMethod !== "morph") leave();
}

document.addEventListener("turbo:load", mount);
document.addEventListener("turbo:before-render", leaveFor);
window.addEventListener("live:workflow", (event) => place && heard((event as CustomEvent<Told>).detail));
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", mount);
else mount();
