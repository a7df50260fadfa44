// A button that shows what was chosen, and a panel with everything that can be: searched by words, walked by arrow keys.
import { folded } from "../search/folded";
import { filled } from "../words";
import type { One, Option } from "./tree";
import type { Words } from "./words";

const SHOWN = 3;
const LISTED = 200;
let made = 0;

export type Picked = { options: Option[]; chosen: One[]; several: boolean; changed: (chosen: One[]) => void };

/** Fills a clone of the picker's template. */
export function picker(draft: DocumentFragment, { options, chosen, several, changed }: Picked, words: Words): HTMLElement {
  const element = draft.firstElementChild as HTMLElement;
  const part = <Kind extends HTMLElement>(name: string): Kind => element.querySelector<Kind>(`[data-part="${name}"]`) as Kind;
  const [button, panel, search, list] = [part<HTMLButtonElement>("button"), part("panel"), part<HTMLInputElement>("search"), part("options")];
  panel.id = `condition_panel_${++made}`;
  button.setAttribute("popovertarget", panel.id);
  let held = chosen;
  // What is chosen stands first, also what is not there any more.
  const names = new Map<One, string>(options);
  const all = [...chosen.map((id): [One, string] => [id, names.get(id) ?? words.missing]), ...options.filter(([id]) => !chosen.includes(id))];

  const show = (): void => {
    const picked = all.filter(([id]) => held.includes(id)).map(([, name]) => name);
    const shown = new Intl.ListFormat(document.documentElement.lang || "en", { style: "narrow", type: "conjunction" }).format(picked.slice(0, SHOWN));
    const rest = picked.length - SHOWN;
    part("chosen").textContent = picked.length === 0 ? words.pick : rest > 0 ? filled(words.more, { names: shown, number: String(rest) }) : shown;
    element.toggleAttribute("data-empty", picked.length === 0);
  };
  search.hidden = options.length <= 6;
  /** However many there are, the panel holds only so many: whoever looks for another one types. */
  const fill = (): void => {
    const wanted = folded(search.value.trim());
    const found = all.filter(([, name]) => folded(name).includes(wanted));
    const rows = found.slice(0, LISTED).map(([id, name]) =>
      row(`${panel.id}_option`, name, several, held.includes(id), (on) => {
        held = several ? (on ? [...held, id] : held.filter((other) => other !== id)) : [id];
        show();
        changed(held);
      }),
    );
    list.replaceChildren(...rows);
    part("none").hidden = rows.length > 0;
    part("rest").hidden = found.length <= LISTED;
  };
  const inputs = (): HTMLInputElement[] => [...list.querySelectorAll("input")];
  search.addEventListener("input", fill);
  panel.addEventListener("beforetoggle", (event) => {
    const open = (event as ToggleEvent).newState === "open";
    button.setAttribute("aria-expanded", String(open));
    if (!open) return;
    fill();
    // The browser gives it the focus when it shows the panel, before another key is pressed.
    (search.hidden ? (inputs().find((each) => each.checked) ?? inputs()[0]) : search)?.setAttribute("autofocus", "");
  });
  panel.addEventListener("keydown", (event) => walk(event, search, inputs(), () => panel.hidePopover()));
  show();
  return element;
}

function row(name: string, words: string, several: boolean, checked: boolean, changed: (on: boolean) => void): HTMLLabelElement {
  const label = document.createElement("label");
  label.className = "menu-item";
  const input = document.createElement("input");
  input.type = several ? "checkbox" : "radio";
  input.className = several ? "checkbox checkbox-sm checkbox-primary" : "radio radio-sm radio-primary";
  input.name = name;
  input.checked = checked;
  // It belongs to no form: the hidden input says everything.
  input.setAttribute("form", "");
  input.addEventListener("change", () => changed(input.checked));
  const text = document.createElement("span");
  text.textContent = words;
  label.append(input, text);
  return label;
}

function walk(event: KeyboardEvent, search: HTMLInputElement, inputs: HTMLInputElement[], close: () => void): void {
  const shown = inputs.filter((input) => input.offsetParent !== null);
  const at = shown.indexOf(document.activeElement as HTMLInputElement);
  if (event.key === "Enter") {
    event.preventDefault();
    if (document.activeElement === search && search.value.trim()) shown[0]?.click();
    else if (at >= 0 && shown[at]?.type === "checkbox") shown[at].click();
    else close();
    return;
  }
  const to = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  if (to < 0) search.focus();
  else shown[Math.min(to, shown.length - 1)]?.focus();
}
