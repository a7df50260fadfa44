// The keys of the canvas. Single letters count only while the canvas has the focus; those with Ctrl on the whole page, except in fields.
import { useLayoutEffect, useRef } from "preact/hooks";
import { isField } from "../../search/shortcuts";
import { redo, undo } from "../edit";
import { builder, set } from "../store";
import { TRIGGER, placeOf } from "../tree";
import { choose, copy, deleteStep, deleteWhole, duplicate, fold, paste, placeAfter } from "../verbs";
import type { View } from "./canvas";
import { type Arrow, type Layout, neighbour } from "./layout";
import { takePlace } from "./ways";
import { notify } from "../../notices";
import { sayCount } from "../say";

interface Keys extends View {
  box: { current: HTMLDivElement | null };
  layout: Layout;
  roving: string;
  setRoving: (id: string) => void;
}

export function useKeys(given: Keys): void {
  const latest = useRef(given);
  latest.current = given;
  useLayoutEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open], [popover]:popover-open")) return;
      const keys = now(latest.current);
      if (event.key === "Escape" ? leave(keys) : !isField(event.target) && (everywhere(event) || (onCanvas(keys, event) && here(keys, event)))) event.preventDefault();
    };
    const copied = (event: ClipboardEvent): void => clipboard(now(latest.current), event);
    document.addEventListener("keydown", pressed);
    for (const kind of ["copy", "cut", "paste"] as const) document.addEventListener(kind, copied);
    return () => {
      document.removeEventListener("keydown", pressed);
      for (const kind of ["copy", "cut", "paste"] as const) document.removeEventListener(kind, copied);
    };
  }, []);
}

/** What has the focus counts, also before it is drawn that it has. */
function now(keys: Keys): Keys {
  const spot = document.activeElement instanceof HTMLElement ? document.activeElement.dataset["spot"] : undefined;
  return spot === undefined ? keys : { ...keys, roving: spot };
}

function onCanvas({ box }: Keys, event: Event): boolean {
  return event.target === document.body || (event.target instanceof Node && Boolean(box.current?.contains(event.target)));
}

/** Back from the panel to the step it is about; once more, and nothing is chosen. */
function leave({ box, focus }: Keys): boolean {
  const { moving, chosen, panel } = builder();
  if (moving) set({ moving: null });
  else if (panel && chosen && !box.current?.contains(document.activeElement)) focus(chosen);
  else if (panel) choose(null);
  else return false;
  return true;
}

function everywhere(event: KeyboardEvent): boolean {
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return false;
  const key = event.key.toLowerCase();
  if (key === "z") event.shiftKey ? redo() : undo();
  else if (key === "y") redo();
  else return false;
  return true;
}

function here(keys: Keys, event: KeyboardEvent): boolean {
  const { roving: id } = keys;
  if (event.ctrlKey || event.metaKey) return event.key.toLowerCase() === "d" && isStep(id) && (duplicate(id), true);
  if (event.altKey) return false;
  const action = READING.includes(event.key) || !builder().comparison?.shown ? ACTIONS[event.key] : undefined;
  if (!action) return event.key.startsWith("Arrow") && walk(keys, event.key as Arrow);
  return action(keys, id) !== false;
}

const ACTIONS: Record<string, (keys: Keys, id: string) => unknown> = {
  Enter: (_keys, id) => (isStep(id) || id === TRIGGER) && open(id),
  " ": (_keys, id) => (isStep(id) || id === TRIGGER) && open(id),
  a: (keys, id) => add(keys, id),
  A: (_keys, id) => addBefore(id),
  m: (_keys, id) => isStep(id) && set({ moving: id }),
  f: (_keys, id) => isStep(id) && fold(id),
  F2: (_keys, id) => isStep(id) && set({ renaming: id }),
  Delete: (_keys, id) => isStep(id) && deleteStep(id),
  Backspace: (_keys, id) => isStep(id) && deleteStep(id),
  "+": (keys) => keys.zoomIn(),
  "=": (keys) => keys.zoomIn(),
  "-": (keys) => keys.zoomOut(),
  "0": (keys) => keys.fit(),
  "?": () => set({ asking: { what: "keys" } }),
};

/** What counts also while an older version is looked at. */
const READING = ["+", "=", "-", "0", "?"];

function isStep(id: string): boolean {
  return builder().definition.steps.some((step) => step.id === id);
}

function open(id: string): void {
  choose(id);
  requestAnimationFrame(() => document.querySelector<HTMLElement>(".wf-panel-body :is(input, select, textarea, button):not([data-late], :disabled)")?.focus());
}

function add({ layout }: Keys, id: string): false | void {
  const end = layout.spots.find((spot) => spot.id === id && spot.what === "end")?.place;
  const place = end ?? placeAfter(id);
  if (!place) return false;
  takePlace(place);
}

function addBefore(id: string): false | void {
  const place = isStep(id) ? placeOf(builder().definition, id) : null;
  if (!place) return false;
  takePlace(place);
}

function walk({ layout, roving, focus }: Keys, arrow: Arrow): boolean {
  const next = neighbour(layout, roving, arrow);
  if (!next) return true;
  focus(next.id);
  const { panel, chosen } = builder();
  const about = next.what === "step" || next.what === "trigger";
  if (panel === "chosen" && chosen && about) set({ chosen: next.id });
  return true;
}

/** Copying goes through the browser's own events, so that it works without asking and between tabs. */
function clipboard(keys: Keys, event: ClipboardEvent): void {
  if (isField(event.target) || !onCanvas(keys, event) || document.getSelection()?.type === "Range") return;
  const { layout, roving: id } = keys;
  if (event.type === "paste") {
    const place = layout.spots.find((spot) => spot.id === id && spot.what === "end")?.place ?? placeAfter(id);
    if (place) paste(place, event.clipboardData?.getData("text/plain") ?? "");
  } else if (isStep(id)) {
    const text = copy(id);
    event.clipboardData?.setData("text/plain", text);
    notify(sayCount("copied", text.split('"kind"').length - 1));
    if (event.type === "cut") deleteWhole(id);
  } else return;
  event.preventDefault();
}
