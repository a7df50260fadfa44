// The panel on the right: the chosen step, or something about the whole workflow.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { choicesFor } from "../canvas/choices";
import { setStep } from "../edit";
import { SettingsPanel } from "../forms/settings_panel";
import { StepPanel } from "../forms/step_panel";
import { TriggerPanel } from "../forms/trigger_panel";
import { Icon } from "../icon";
import { IconButton, MenuButton } from "../parts";
import { say } from "../say";
import { kindOf, nameOf, problemsOf, set, triggerKind, useBuilder } from "../store";
import { Phone } from "../testing/phone";
import { TRIGGER, stepOf } from "../tree";
import type { Placed } from "../types";
import { focusStep } from "../verbs";
import { Outline } from "./outline";
import { Problems } from "./problems";
import { Versions } from "./versions";

const WORDS = { settings: "settings", problems: "to_mend", outline: "outline", versions: "versions", testing: "test" } as const;

export function Panel() {
  const panel = useBuilder((now) => now.panel);
  const chosen = useBuilder((now) => now.chosen);
  const definition = useBuilder((now) => now.definition);
  if (panel === null) return null;
  const title = panel === "chosen" ? "" : say(WORDS[panel]);
  if (panel === "chosen") return chosen === TRIGGER ? <AboutTrigger /> : <AboutStep id={chosen ?? ""} />;
  return (
    <Frame title={<h2>{title}</h2>} label={title} wide={panel === "testing"}>
      {panel === "settings" && <SettingsPanel definition={definition} />}
      {panel === "problems" && <Problems />}
      {panel === "outline" && <Outline />}
      {panel === "versions" && <Versions />}
      {panel === "testing" && <Phone />}
    </Frame>
  );
}

function Frame({ title, label, children, tools, wide = false }: { title: ComponentChildren; label: string; children: ComponentChildren; tools?: ComponentChildren; wide?: boolean }) {
  const close = (): void => {
    const back = document.activeElement?.closest(".wf-panel") ? true : false;
    set({ panel: null, comparison: null });
    if (back) focusStep(TRIGGER);
  };
  return (
    <aside class={wide ? "wf-panel wf-panel-phone" : "wf-panel"} aria-label={label}>
      <header class="wf-panel-head">
        {title}
        {tools}
        <IconButton label={say("close_panel")} icon="x" keys="Esc" onClick={close} />
      </header>
      <div class="wf-panel-body">{children}</div>
    </aside>
  );
}

function AboutTrigger() {
  const now = useBuilder((state) => state);
  const kind = triggerKind(now);
  const title = (
    <h2 class="wf-panel-title">
      <Icon icon={kind?.icon ?? "zap"} />
      {say("trigger")}
    </h2>
  );
  return (
    <Frame title={title} label={say("trigger")}>
      <TriggerPanel trigger={now.definition.trigger} problems={problemsOf(now, TRIGGER)} />
    </Frame>
  );
}

function AboutStep({ id }: { id: string }) {
  const now = useBuilder((state) => state);
  const step = stepOf(now.definition, id);
  if (!step) return null;
  const kind = kindOf(now, step.kind);
  const title = (
    <label class="wf-panel-title">
      <Icon icon={kind?.icon ?? "puzzle"} />
      <span class="sr-only">{say("name")}</span>
      <input class="wf-panel-name" data-late value={step.name} placeholder={kind?.name ?? step.kind} maxLength={100} onInput={(event) => setStep(id, { name: event.currentTarget.value }, "name")} />
    </label>
  );
  const tools = <MenuButton label={say("menu_of", { name: nameOf(now, step) })} icon="ellipsis" choices={() => choicesFor(id)} />;
  return (
    <Frame title={title} label={nameOf(now, step)} tools={tools}>
      <StepPanel step={step} kind={kind} problems={problemsOf(now, id)} key={id} />
      <Note step={step} key={`note ${id}`} />
    </Frame>
  );
}

/** A note for those who build the workflow. */
function Note({ step }: { step: Placed }) {
  const [open, setOpen] = useState(step.note !== "");
  if (!open && !step.note) {
    return (
      <button type="button" class="btn btn-plain btn-sm wf-add-note" data-late onClick={() => setOpen(true)}>
        <Icon icon="sticky-note" size="sm" />
        {say("add_note")}
      </button>
    );
  }
  return (
    <label class="field wf-note">
      <span class="field-label">{say("note")}</span>
      <textarea class="textarea" data-late rows={3} maxLength={2000} value={step.note} onInput={(event) => setStep(step.id, { note: event.currentTarget.value }, "note")} />
      <span class="field-help">{say("note_help")}</span>
    </label>
  );
}
