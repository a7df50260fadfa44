// The questions of the builder: name, publishing, stopping, deleting; and the sheet of keys.
import { useState } from "preact/hooks";
import { MAC } from "../search/shortcuts";
import { notify } from "../notices";
import { Import } from "./import";
import { Dialog, DialogActions } from "./parts";
import { publish, Refusal, rename, stop } from "./save";
import { say, sayCount } from "./say";
import { nameOf, set, useBuilder } from "./store";
import { below, stepOf } from "./tree";
import { deleteOne, deleteWhole } from "./verbs";

const close = (): void => set({ asking: null });

export function Dialogs() {
  const asking = useBuilder((now) => now.asking);
  switch (asking?.what) {
    case "rename":
      return <Rename />;
    case "publish":
      return <Publish />;
    case "stop":
      return <Stop />;
    case "delete":
      return <Delete id={asking.id} />;
    case "import":
      return <Import onClose={close} />;
    case "keys":
      return <Keys />;
    default:
      return null;
  }
}

/** What a dialog does, with what went wrong in words. */
function useVerb(verb: () => Promise<void>): { busy: boolean; fault: string; act: (event?: Event) => void } {
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState("");
  const act = (event?: Event): void => {
    event?.preventDefault();
    setBusy(true);
    setFault("");
    verb()
      .then(close)
      .catch((error: unknown) => {
        if (!(error instanceof Refusal)) throw error;
        setBusy(false);
        if (error.problems.length > 0) set({ asking: null, panel: "problems" });
        setFault(error.message);
      });
  };
  return { busy, fault, act };
}

function Fault({ words }: { words: string }) {
  return words ? (
    <p class="field-error" role="alert">
      {words}
    </p>
  ) : null;
}

function Rename() {
  const workflow = useBuilder((now) => now.workflow);
  const [name, setName] = useState(workflow.name);
  const [description, setDescription] = useState(workflow.description);
  const { busy, fault, act } = useVerb(() => rename(name.trim(), description.trim()));
  return (
    <Dialog title={say("rename_workflow")} onClose={close}>
      <form class="grid gap-4" onSubmit={act}>
        <label class="field">
          <span class="field-label">{say("name")}</span>
          <input class="input" value={name} maxLength={100} required onInput={(event) => setName(event.currentTarget.value)} />
        </label>
        <label class="field">
          <span class="field-label">{say("description")}</span>
          <textarea class="textarea" rows={3} maxLength={500} value={description} onInput={(event) => setDescription(event.currentTarget.value)} />
          <span class="field-help">{say("description_help")}</span>
        </label>
        <Fault words={fault} />
        <DialogActions words={say("save_name")} busy={busy} onClose={close} />
      </form>
    </Dialog>
  );
}

function Publish() {
  const { published, status } = useBuilder((now) => now.workflow);
  const { busy, fault, act } = useVerb(async () => {
    await publish();
    notify(say("published_now"));
  });
  const again = published !== null && status === "published";
  return (
    <Dialog title={say(again ? "publish_again_title" : "publish_title")} onClose={close}>
      <p>{say(again ? "publish_again" : "publish_first")}</p>
      <Fault words={fault} />
      <DialogActions words={say("publish_workflow")} busy={busy} onClose={close} onAct={act} />
    </Dialog>
  );
}

function Stop() {
  const [eject, setEject] = useState(false);
  const { busy, fault, act } = useVerb(async () => {
    await stop(eject);
    notify(say("stopped_now"));
  });
  return (
    <Dialog title={say("stop_title")} onClose={close}>
      <p>{say("stop_why")}</p>
      <fieldset class="grid gap-2">
        <legend class="field-label">{say("stop_inside")}</legend>
        {([false, true] as const).map((value) => (
          <label class="wf-radio">
            <input type="radio" class="radio radio-sm" name="eject" checked={eject === value} onChange={() => setEject(value)} />
            <span>
              {say(value ? "stop_eject" : "stop_finish")}
              <span class="field-help">{say(value ? "stop_eject_help" : "stop_finish_help")}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <Fault words={fault} />
      <DialogActions words={say("stop_workflow")} busy={busy} error onClose={close} onAct={act} />
    </Dialog>
  );
}

function Delete({ id }: { id: string }) {
  const now = useBuilder((state) => state);
  const step = stepOf(now.definition, id);
  if (!step) return null;
  const number = below(now.definition, id).length - 1;
  const single = Object.keys(step.exits).length === 1;
  return (
    <Dialog title={say("delete_title", { name: nameOf(now, step) })} onClose={close}>
      <p>{sayCount("delete_why", number)}</p>
      <div class="dialog-actions wf-dialog-many">
        <button type="button" class="btn btn-quiet" onClick={close}>
          {say("cancel")}
        </button>
        {single && (
          <button type="button" class="btn btn-quiet" onClick={() => deleteOne(id)}>
            {say("delete_one")}
          </button>
        )}
        <button type="button" class="btn btn-error" autofocus onClick={() => deleteWhole(id)}>
          {sayCount("delete_whole", number + 1)}
        </button>
      </div>
    </Dialog>
  );
}

const CONTROL = MAC ? "⌘" : "Ctrl";
const KEYS: [string, string[]][] = [
  ["keys_walk", ["↑", "↓", "←", "→"]],
  ["keys_open", ["↵"]],
  ["keys_back", ["Esc"]],
  ["add_after", ["A"]],
  ["add_before_key", ["⇧", "A"]],
  ["rename", ["F2"]],
  ["move", ["M"]],
  ["keys_fold", ["F"]],
  ["delete", ["Del"]],
  ["keys_copy", [CONTROL, "C"]],
  ["cut", [CONTROL, "X"]],
  ["paste_after", [CONTROL, "V"]],
  ["duplicate", [CONTROL, "D"]],
  ["undo", [CONTROL, "Z"]],
  ["redo", [CONTROL, "Y"]],
  ["keys_zoom", ["+", "-"]],
  ["fit", ["0"]],
  ["keys", ["?"]],
];

function Keys() {
  return (
    <Dialog title={say("keys")} onClose={close} wide>
      <dl class="keys-list wf-keys">
        {KEYS.map(([words, keys]) => (
          <div>
            <dt>
              {keys.map((key) => (
                <kbd class="kbd kbd-sm">{key}</kbd>
              ))}
            </dt>
            <dd>{say(words)}</dd>
          </div>
        ))}
      </dl>
      <div class="dialog-actions">
        <button type="button" class="btn btn-quiet" autofocus onClick={close}>
          {say("close")}
        </button>
      </div>
    </Dialog>
  );
}
