// An exported workflow in place of the draft.
import { useState } from "preact/hooks";
import { notify } from "../notices";
import { edit } from "./edit";
import { Dialog, DialogActions } from "./parts";
import { readFile, Refusal } from "./save";
import { say, sayCount } from "./say";
import { builder } from "./store";
import type { FileRead } from "./types";

const MISSING_SHOWN = 10;

/** A file is read, it is said what it holds, and only then it takes the draft's place. */
export function Import({ onClose }: { onClose: () => void }) {
  const [found, setFound] = useState<FileRead | null>(null);
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);
  const look = (file: File | undefined): void => {
    setFound(null);
    setFault("");
    if (!file) return;
    setBusy(true);
    file
      .text()
      .then(readFile)
      .then(setFound)
      .catch((error: unknown) => setFault(error instanceof Refusal ? error.message : say("failed")))
      .finally(() => setBusy(false));
  };
  const replace = (event: Event): void => {
    event.preventDefault();
    if (!found) return void setFault(say("import_choose"));
    const { definition, looks, problems } = found;
    edit(definition, { looks, problems, chosen: null, panel: problems.length > 0 ? "problems" : null });
    notify(say("imported"));
    onClose();
  };
  return (
    <Dialog title={say("import_title")} onClose={onClose}>
      <form class="grid gap-4" onSubmit={replace}>
        <label class="field">
          <span class="field-label">{say("import_file")}</span>
          <input class="input account-file" type="file" accept=".json,application/json" autofocus aria-describedby="import_help" onChange={(event) => look(event.currentTarget.files?.[0])} />
          <span class="field-help" id="import_help">{say("import_help")}</span>
        </label>
        {found && <Found found={found} />}
        {fault && (
          <p class="field-error" role="alert">
            {fault}
          </p>
        )}
        <DialogActions words={say("import_replace")} busy={busy || !found} onClose={onClose} />
      </form>
    </Dialog>
  );
}

function Found({ found: { name, definition, missing } }: { found: FileRead }) {
  const mine = builder().definition.steps.length;
  const more = missing.length > MISSING_SHOWN ? "…" : "";
  return (
    <div role="status">
      <p dir="auto">{say("import_holds", { name, steps: sayCount("import_steps", definition.steps.length) })}</p>
      {mine > 0 && <p>{sayCount("import_instead", mine)}</p>}
      {missing.length > 0 && <p class="field-help" dir="auto">{say("import_missing", { names: missing.slice(0, MISSING_SHOWN).join(", ") + more })}</p>}
    </div>
  );
}
