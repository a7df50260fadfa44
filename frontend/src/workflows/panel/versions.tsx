import { useEffect, useState } from "preact/hooks";
import { exact } from "../../words";
import { compare } from "../compare";
import { edit } from "../edit";
import { ask } from "../save";
import { say } from "../say";
import { builder, nameOf, set, useBuilder } from "../store";
import { stepOf } from "../tree";
import type { Definition, Published } from "../types";
import { reveal } from "../verbs";

/** The versions that were published. One can be compared with the draft, on the canvas and as a list, and taken back. */
export function Versions() {
  const [versions, setVersions] = useState<Published[] | null>(null);
  const [failed, setFailed] = useState(false);
  const comparison = useBuilder((now) => now.comparison);
  useEffect(() => {
    void read<Published[]>("/versions").then((found) => (found ? setVersions(found) : setFailed(true)));
  }, []);
  if (failed) return <p role="alert">{say("unreachable")}</p>;
  if (!versions) return <p class="skeleton wf-skeleton" aria-label={say("loading")} />;
  if (versions.length === 0) return <p class="field-help">{say("no_versions")}</p>;
  return (
    <>
      <p class="field-help">{say("versions_help")}</p>
      <ol class="wf-versions">
        {versions.map((version) => (
          <li key={version.number}>
            <button type="button" class="wf-version" aria-pressed={comparison?.number === version.number} onClick={() => void show(version.number)}>
              <strong>{say("version", { number: String(version.number) })}</strong>
              <span>{say("published_by", { name: version.by || say("somebody"), time: exact(new Date(version.at)) })}</span>
            </button>
          </li>
        ))}
      </ol>
      {comparison && <With versions={versions} />}
      {comparison && <Differences />}
    </>
  );
}

async function show(number: number): Promise<void> {
  if (builder().comparison?.number === number) return set({ comparison: null });
  const definition = await read<Definition>(`/versions/${number}`);
  if (definition) compareWith(number, definition, null);
}

function compareWith(number: number, definition: Definition, shown: { number: number; definition: Definition } | null): void {
  const { changes } = compare(definition, shown?.definition ?? builder().definition);
  set({ comparison: { number, definition, shown, changes }, chosen: null });
}

/** What the version is compared with: the draft, or another version. */
function With({ versions }: { versions: Published[] }) {
  const comparison = useBuilder((now) => now.comparison);
  if (!comparison || versions.length < 2) return null;
  const take = async (value: string): Promise<void> => {
    const definition = value ? await read<Definition>(`/versions/${value}`) : null;
    compareWith(comparison.number, comparison.definition, definition && { number: Number(value), definition });
  };
  return (
    <label class="field">
      <span class="field-label">{say("compared_with")}</span>
      <select class="select" value={comparison.shown?.number ?? ""} onChange={(event) => void take(event.currentTarget.value)}>
        <option value="">{say("the_draft")}</option>
        {versions.filter((version) => version.number !== comparison.number).map((version) => (
          <option value={version.number} key={version.number}>
            {say("version", { number: String(version.number) })}
          </option>
        ))}
      </select>
    </label>
  );
}

async function read<Answer>(path: string): Promise<Answer | null> {
  const answer = await ask("GET", path).catch(() => null);
  return answer?.ok ? ((await answer.json()) as Answer) : null;
}

function Differences() {
  const now = useBuilder((state) => state);
  // The draft goes on being changed while it is compared.
  useEffect(() => {
    if (now.comparison) compareWith(now.comparison.number, now.comparison.definition, now.comparison.shown);
  }, [now.definition]);
  if (!now.comparison) return null;
  const { number, definition, shown: newer } = now.comparison;
  const after = newer?.definition ?? now.definition;
  const { changes } = compare(definition, after);
  const ids = Object.keys(changes);
  const called = (id: string): string => {
    const step = stepOf(after, id) ?? stepOf(definition, id);
    return step ? nameOf(now, step) : say("trigger");
  };
  return (
    <section class="wf-differences" aria-label={say("differences", { number: String(number) })}>
      <h3>{say("differences", { number: String(number) })}</h3>
      {ids.length === 0 && <p class="field-help">{say("no_differences")}</p>}
      <ul>
        {ids.map((id) => (
          <li key={id}>
            <span class={`wf-change wf-change-${changes[id] ?? ""}`}>{say(`change_${changes[id] ?? ""}`)}</span>
            {changes[id] === "removed" ? <span>{called(id)}</span> : <button type="button" class="link" onClick={() => reveal(id)}>{called(id)}</button>}
          </li>
        ))}
      </ul>
      {ids.length > 0 && !newer && (
        <button type="button" class="btn btn-quiet btn-sm" onClick={() => takeBack(definition)}>
          {say("take_back", { number: String(number) })}
        </button>
      )}
    </section>
  );
}

function takeBack(definition: Definition): void {
  edit(definition, { comparison: null, chosen: null });
}
