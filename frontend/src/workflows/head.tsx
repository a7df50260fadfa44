// What stands above the canvas: name, state, and what can be done with the whole workflow.
import { MAC } from "../search/shortcuts";
import { redo, undo } from "./edit";
import { Icon } from "./icon";
import { type Choice, IconButton, MenuButton } from "./parts";
import { say, sayCount } from "./say";
import { type Panel, type Saving, set, useBuilder } from "./store";

const CONTROL = MAC ? "⌘" : "Ctrl ";
const SAVING: Record<Saving, string> = { saved: "saved", waiting: "saving", saving: "saving", offline: "offline", refused: "not_saved", clash: "not_saved" };

export function Head() {
  const workflow = useBuilder((now) => now.workflow);
  const saving = useBuilder((now) => now.saving);
  const past = useBuilder((now) => now.past);
  const future = useBuilder((now) => now.future);
  return (
    <header class="wf-head">
      <a class="btn btn-square btn-plain" href="/workflows" aria-label={say("back")} title={say("back")}>
        <Icon icon="arrow-left" />
      </a>
      <h1 class="wf-head-name">
        <button type="button" title={workflow.description || say("rename_workflow")} onClick={() => set({ asking: { what: "rename" } })}>
          {workflow.name}
        </button>
      </h1>
      <Status />
      <span class={saving === "saved" ? "wf-saving" : `wf-saving wf-saving-${saving}`} role="status">
        {saving === "saved" ? <Icon icon="check" size="sm" /> : null}
        {say(SAVING[saving])}
      </span>
      <span class="wf-head-tools">
        <IconButton label={say("undo")} icon="undo-2" keys={`${CONTROL}Z`} disabled={past.length === 0} onClick={undo} />
        <IconButton label={say("redo")} icon="redo-2" keys={MAC ? "⇧⌘Z" : "Ctrl Y"} disabled={future.length === 0} onClick={redo} />
        <ProblemsButton />
        <PanelButton panel="testing" icon="flask-conical" />
        <Publication />
        <MenuButton label={say("more")} icon="ellipsis" choices={() => more(workflow.id)} />
      </span>
    </header>
  );
}

function Status() {
  const { status, changed } = useBuilder((now) => now.workflow);
  const classes = { draft: "badge badge-quiet", published: "badge badge-soft badge-success", stopped: "badge badge-soft badge-warning" };
  return (
    <>
      <span class={classes[status]}>{say(`status_${status}`)}</span>
      {status === "published" && changed && <span class="badge badge-soft badge-info wf-changed">{say("unpublished")}</span>}
    </>
  );
}

function ProblemsButton() {
  const number = useBuilder((now) => now.problems.length);
  const open = useBuilder((now) => now.panel === "problems");
  if (number === 0) return null;
  return (
    <button type="button" class="btn btn-plain wf-problems-button" aria-label={sayCount("problems", number)} aria-pressed={open} onClick={() => set({ panel: open ? null : "problems" })}>
      <Icon icon="triangle-alert" size="sm" />
      <span class="wf-wide">{sayCount("problems", number)}</span>
      <span class="wf-narrow">{number}</span>
    </button>
  );
}

function PanelButton({ panel, icon }: { panel: Panel; icon: string }) {
  const open = useBuilder((now) => now.panel === panel);
  return (
    <button type="button" class="btn btn-quiet" aria-label={say("test")} aria-pressed={open} onClick={() => set({ panel: open ? null : panel })}>
      <Icon icon={icon} size="sm" />
      <span class="wf-wide">{say("test")}</span>
    </button>
  );
}

function Publication() {
  const { status, changed } = useBuilder((now) => now.workflow);
  const broken = useBuilder((now) => now.problems.length > 0);
  const live = status === "published";
  const publish = (): void => set(broken ? { panel: "problems" } : { asking: { what: "publish" } });
  return (
    <>
      {live && (
        <button type="button" class="btn btn-quiet" aria-label={say("stop")} onClick={() => set({ asking: { what: "stop" } })}>
          <Icon icon="circle-stop" size="sm" />
          <span class="wf-wide">{say("stop")}</span>
        </button>
      )}
      {(!live || changed) && (
        <button type="button" class="btn btn-primary" onClick={publish}>
          {say("publish")}
        </button>
      )}
    </>
  );
}

function more(id: number): (Choice | null)[] {
  return [
    { icon: "pencil", words: say("rename_workflow"), act: () => set({ asking: { what: "rename" } }) },
    { icon: "settings", words: say("settings"), act: () => set({ panel: "settings" }) },
    { icon: "list-tree", words: say("outline"), act: () => set({ panel: "outline" }) },
    { icon: "history", words: say("versions"), act: () => set({ panel: "versions" }) },
    { icon: "activity", words: say("runs"), href: `/workflows/${id}/runs` },
    null,
    { icon: "upload", words: say("import"), act: () => set({ asking: { what: "import" } }) },
    { icon: "download", words: say("export"), href: `/workflows/${id}/export` },
    { icon: "keyboard", words: say("keys"), keys: "?", act: () => set({ asking: { what: "keys" } }) },
  ];
}
