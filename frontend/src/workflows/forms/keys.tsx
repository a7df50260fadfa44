import { useMemo } from "preact/hooks";
import { say } from "../say";
import type { Json } from "../types";
import { keysOf } from "./sample";

/** The keys of a JSON, each a button that takes its path. */
export function Keys({ json, label, taken, take }: { json: Json; label: string; taken: readonly string[]; take: (path: string, name: string) => void }) {
  const keys = useMemo(() => keysOf(json), [json]);
  if (keys.length === 0) return <p class="field-help">{say("form_no_keys")}</p>;
  return (
    <ul class="form-keys" aria-label={label}>
      {keys.map(({ path, name, shown, depth, leaf }) => (
        <li key={path} class={`form-key-row form-depth-${Math.min(depth, 6)}`}>
          <button type="button" class="form-key-button" title={path} aria-label={`${path} ${shown}`.trim()} aria-pressed={taken.includes(path)} onClick={() => take(path, name)}>
            <span class="form-key-name" dir="auto">{path.slice(path.lastIndexOf(".") + 1)}</span>
            {leaf && <span class="form-key-value" dir="auto">{shown}</span>}
          </button>
        </li>
      ))}
    </ul>
  );
}
