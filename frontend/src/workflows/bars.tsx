// What must be known about the draft: somebody else changed it, or the server does not take it.
import { useState } from "preact/hooks";
import { notify } from "../notices";
import { Icon } from "./icon";
import { keepMine, Refusal, takeTheirs } from "./save";
import { say } from "./say";
import { useBuilder } from "./store";

export function Bars() {
  const saving = useBuilder((now) => now.saving);
  const clash = useBuilder((now) => now.clash);
  const refusal = useBuilder((now) => now.refusal);
  if (saving === "clash" && clash) return <Clashed by={clash.by} />;
  if (saving === "refused") return <Bar words={say("refused", { words: refusal })} />;
  return saving === "offline" ? <Bar words={say("offline_why")} /> : null;
}

function Bar({ words }: { words: string }) {
  return (
    <p class="wf-bar" role="alert">
      <Icon icon="triangle-alert" size="sm" />
      <span>{words}</span>
    </p>
  );
}

function Clashed({ by }: { by: string }) {
  const [busy, setBusy] = useState(false);
  const run = (verb: () => Promise<void>): void => {
    setBusy(true);
    verb()
      .catch((error: unknown) => {
        if (error instanceof Refusal) notify(error.message);
        else throw error;
      })
      .finally(() => setBusy(false));
  };
  return (
    <div class="wf-bar" role="alert">
      <Icon icon="triangle-alert" size="sm" />
      <span>{say("clash", { name: by || say("somebody") })}</span>
      <button type="button" class="btn btn-sm btn-quiet" disabled={busy} onClick={() => run(takeTheirs)}>
        {say("take_theirs")}
      </button>
      <button type="button" class="btn btn-sm btn-quiet" disabled={busy} onClick={() => run(keepMine)}>
        {say("keep_mine")}
      </button>
    </div>
  );
}
