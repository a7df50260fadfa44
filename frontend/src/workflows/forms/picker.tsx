import { useRef, useState } from "preact/hooks";
import { folded } from "../../search/folded";
import { Icon } from "../icon";
import { say } from "../say";
import type { Described } from "./schema_form";

export interface Option {
  value: string;
  words: string;
}

interface Picked {
  id: string;
  described: Described;
  options: readonly Option[];
  chosen: string;
  /** What the button says. */
  shown: string;
  /** The words for nothing, where nothing can be chosen. */
  none: string;
  broken?: boolean;
  /** The panel stays open for more. */
  stays?: boolean;
  choose: (value: string) => void;
  /** Hears what is looked for. */
  looked?: (words: string) => void;
  /** Takes a name that nothing has yet. */
  create?: (name: string) => void;
}

const LISTED = 100;

/** A button and a panel with everything that can be chosen: searched by words, walked by arrow keys. */
export function Picker({ id, described, options, chosen, shown, none, broken = false, stays = false, choose, looked, create }: Picked) {
  const panel = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  const [words, type] = useState("");
  const [current, point] = useState(0);
  const wanted = folded(words.trim());
  const all = none ? [{ value: "", words: none }, ...options] : options;
  const found = all.filter((option) => folded(option.words).includes(wanted)).slice(0, LISTED + 1);
  const listed = found.slice(0, LISTED);
  const makes = create && wanted !== "" && !options.some((option) => option.words.toLocaleLowerCase() === words.trim().toLocaleLowerCase());
  const last = listed.length - (makes ? 0 : 1);

  const close = (): void => panel.current?.hidePopover();
  const take = (index: number): void => {
    const option = listed[index];
    if (option) choose(option.value);
    else if (makes) create(words.trim());
    type("");
    point(0);
    if (!stays) close();
  };
  const key = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    const to = { ArrowDown: Math.min(current + 1, last), ArrowUp: Math.max(current - 1, 0), Home: 0, End: last }[event.key];
    if (to !== undefined && !(["Home", "End"].includes(event.key) && words)) point(to);
    else if (event.key === "Enter") take(current);
    else return;
    event.preventDefault();
    event.stopPropagation();
    if (to !== undefined) document.getElementById(`${id}_option_${to}`)?.scrollIntoView({ block: "nearest" });
  };
  /** Before it is seen: whoever types on at once types into an empty field, to which the browser gives the focus. */
  const toggles = (event: Event): void => {
    const now = (event as ToggleEvent).newState === "open";
    setOpen(now);
    if (!now) return;
    type("");
    point(Math.max(0, all.findIndex((option) => option.value === chosen)));
    panel.current?.querySelector("input")?.setAttribute("autofocus", "");
  };
  const combobox: object = { role: "combobox", "aria-expanded": "true", "aria-controls": `${id}_options`, ...(last >= 0 ? { "aria-activedescendant": `${id}_option_${current}` } : {}) };
  const row = (index: number, words: string, icon: string | null) => (
    <div key={index} id={`${id}_option_${index}`} class="complete-option" role="option" aria-selected={index === current} onMouseDown={(event) => event.preventDefault()} onClick={() => take(index)}>
      {icon && <Icon icon={icon} size="sm" />}
      <span class="complete-what" dir="auto">{words}</span>
      {!stays && listed[index]?.value === chosen && <Icon icon="check" size="sm" />}
    </div>
  );
  return (
    <div class="form-picker">
      <button type="button" id={id} ref={button} class="btn btn-quiet form-picked" data-empty={chosen === ""} data-broken={broken} popovertarget={`${id}_panel`} aria-haspopup="dialog" aria-expanded={open} {...described}>
        {stays && <Icon icon="plus" size="sm" />}
        <span dir="auto">{shown}</span>
        <Icon icon="chevron-down" size="xs" />
      </button>
      <div class="menu-panel form-panel" id={`${id}_panel`} ref={panel} popover="auto" role="dialog" aria-label={shown} onBeforeToggle={toggles} onKeyDown={key}>
        <input class="input input-sm" type="search" {...combobox} autocomplete="off" placeholder={say(create ? "form_search_or_new" : "form_search")} aria-label={say(create ? "form_search_or_new" : "form_search")} value={words} onInput={(event) => (type(event.currentTarget.value), point(0), looked?.(event.currentTarget.value))} />
        <div class="form-options" id={`${id}_options`} role="listbox" aria-label={shown}>
          {open && listed.map((option, index) => row(index, option.words, null))}
          {open && makes && row(listed.length, say("form_create", { name: words.trim() }), CREATE.icon)}
        </div>
        {last < 0 && <p class="condition-none">{say("form_nothing_found")}</p>}
        {found.length > LISTED && <p class="condition-none">{say("form_type_for_more")}</p>}
      </div>
    </div>
  );
}

const CREATE = { icon: "plus" };
