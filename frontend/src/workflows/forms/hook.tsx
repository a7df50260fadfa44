import { useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "../icon";
import { Dialog, DialogActions } from "../parts";
import { say } from "../say";
import { builder, set } from "../store";
import type { HookSample, Json, Params } from "../types";
import { Keys } from "./keys";
import { ask } from "./request";
import { variableName } from "./sample";
import { Faults } from "./schema_form";
import { isGroup } from "./values";

const LOOK_MS = 2000;
const COPIED_MS = 2000;
const MOST_MAPPED = 20;

/** The address that starts the workflow, and a sample of what is sent there: its keys become the identifier and variables by a click. */
export function Hook({ params, change }: { params: Params; change: (params: Params) => void }) {
  const [known, setKnown] = useState<HookSample | null>(null);
  const [words, setWords] = useState("");
  const [asking, setAsking] = useState(false);
  const place = `/workflows/${builder().workflow.id}/hook-sample`;
  const call = async (method: string): Promise<void> => {
    const { answer, words } = await ask<HookSample>(method, place, say("form_hook_failed"));
    if (answer) setKnown(answer);
    setWords(words);
  };
  useEffect(() => void call("GET"), []);
  useEffect(() => {
    if (!known?.listening) return undefined;
    const timer = window.setInterval(() => void call("GET"), LOOK_MS);
    return () => window.clearInterval(timer);
  }, [known?.listening]);

  const mapping = Array.isArray(params["mapping"]) ? params["mapping"].filter(isGroup) : [];
  const taken = [String(params["path"] ?? ""), ...mapping.map((each) => String(each["path"]))];
  const take = (path: string, name: string): void => {
    if (params["path"] === path) return change({ ...params, path: "" });
    if (taken.includes(path)) return change({ ...params, mapping: mapping.filter((each) => each["path"] !== path) });
    if (!params["path"]) return change({ ...params, path });
    const row: Json = { path, variable: variableName(name, mapping.map((each) => String(each["variable"]))) };
    if (mapping.length < MOST_MAPPED) change({ ...params, mapping: [...mapping.filter((each) => each["path"] !== ""), row] });
  };
  const url = known?.url ?? builder().workflow.hook_url;
  return (
    <section class="form-block" aria-labelledby="form_hook">
      <p class="field-label" id="form_hook">{say("form_hook")}</p>
      {url ? <Address url={url} /> : <p class="field-help">{say("form_hook_later")}</p>}
      {asking && <Renewal place={`/workflows/${builder().workflow.id}/hook-address`} take={setKnown} onClose={() => setAsking(false)} />}
      {words && <Faults words={[words]} />}
      {known?.listening ? (
        <div class="form-adds" role="status">
          <span class="loading loading-spinner loading-xs" aria-hidden="true" />
          <span>{say("form_hook_listening")}</span>
          <button type="button" class="btn btn-quiet btn-sm" onClick={() => void call("DELETE")}>{say("form_hook_stop")}</button>
        </div>
      ) : (
        <div class="form-adds">
          <button type="button" class="btn btn-quiet btn-sm" onClick={() => void call("POST")}>
            <Icon icon="radio" size="sm" />
            {say(known?.body != null ? "form_hook_again" : "form_hook_listen")}
          </button>
          {url && (
            <button type="button" class="btn btn-quiet btn-sm" onClick={() => setAsking(true)}>
              <Icon icon="rotate-ccw" size="sm" />
              {say("form_hook_new")}
            </button>
          )}
        </div>
      )}
      {known?.body != null && (
        <>
          <p class="field-help">{say(params["path"] ? "form_take_keys" : "form_take_identifier")}</p>
          <Keys json={known.body} label={say("form_keys")} taken={taken} take={take} />
        </>
      )}
    </section>
  );
}

/** The question before another address takes the place of this one. */
function Renewal({ place, take, onClose }: { place: string; take: (known: HookSample) => void; onClose: () => void }) {
  const [busy, setBusy] = useState(false);
  const [words, setWords] = useState("");
  const renew = async (): Promise<void> => {
    setBusy(true);
    const { answer, words } = await ask<HookSample>("POST", place, say("form_hook_new_failed"));
    setBusy(false);
    setWords(words);
    if (!answer) return;
    take(answer);
    set({ workflow: { ...builder().workflow, hook_url: answer.url } });
    onClose();
  };
  return (
    <Dialog title={say("form_hook_new_title")} onClose={onClose}>
      <p>{say("form_hook_new_why")}</p>
      {words && <Faults words={[words]} />}
      <DialogActions words={say("form_hook_new")} busy={busy} error onClose={onClose} onAct={() => void renew()} />
    </Dialog>
  );
}

function Address({ url }: { url: string }) {
  const input = useRef<HTMLInputElement>(null);
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = window.setTimeout(() => setCopied(false), COPIED_MS);
    return () => window.clearTimeout(timer);
  }, [copied]);
  const copy = async (): Promise<void> => {
    input.current?.select();
    await navigator.clipboard?.writeText(url).then(() => setCopied(true)).catch(() => undefined);
  };
  return (
    <div class="form-line">
      <div class="form-line-inputs">
        <input ref={input} class="input form-name" readOnly value={url} aria-label={say("form_hook")} onFocus={(event) => event.currentTarget.select()} />
      </div>
      <button type="button" class="btn btn-quiet" onClick={() => void copy()}>
        {copied ? <Icon icon="check" size="sm" /> : <Icon icon="copy" size="sm" />}
        <span aria-live="polite">{say(copied ? "form_copied" : "form_copy")}</span>
      </button>
    </div>
  );
}
