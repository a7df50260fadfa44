import { useEffect, useState } from "preact/hooks";
import { say } from "../say";
import type { Json, Params } from "../types";
import { useForm } from "./context";
import type { InputProps } from "./field_input";
import { ask } from "./request";
import { Faults } from "./schema_form";
import type { Shape } from "./shape";

const PAUSE_MS = 400;
const found = new Map<string, Promise<{ choices: [string, string][]; words: string }>>();

/** A text for which an integration says what there is to choose from, within what is chosen above. It can be typed all the same. */
export function FoundInput({ field, shape, value, path, id, described }: InputProps & { shape: Extract<Shape, { is: "found" }> }) {
  const { change, values } = useForm();
  const [choices, offer] = useState<[string, string][]>([]);
  const [words, setWords] = useState("");
  const asked = questionOf(shape, values);
  useEffect(() => {
    if (!asked) return undefined;
    let wanted = true;
    const timer = window.setTimeout(async () => {
      const { choices, words } = await choicesFor(asked);
      if (wanted) [offer(choices), setWords(words)];
    }, found.has(asked) ? 0 : PAUSE_MS);
    return () => {
      wanted = false;
      window.clearTimeout(timer);
    };
  }, [asked]);
  return (
    <>
      <input id={id} class="input" list={`${id}_found`} value={typeof value === "string" ? value : ""} placeholder={field.placeholder} autocomplete="off" {...described} onInput={(event) => change(path, event.currentTarget.value)} />
      <datalist id={`${id}_found`}>
        {choices.map(([each, name]) => (
          <option key={each} value={each}>
            {name}
          </option>
        ))}
      </datalist>
      {words && <Faults words={[words]} />}
    </>
  );
}

/** What is asked, as JSON; empty while something is not chosen yet. */
function questionOf({ of, within }: Extract<Shape, { is: "found" }>, values: Params): string {
  const given = within.map((name): [string, Json] => [name, values[name] ?? ""]);
  if (given.some(([, each]) => each === "" || each === null)) return "";
  const { connection_id: connection, ...rest } = Object.fromEntries(given);
  return JSON.stringify({ connection_id: connection, what: of, within: Object.fromEntries(Object.entries(rest).map(([name, each]) => [name, String(each)])) });
}

/** Asked once for all inputs that want the same; a failure is asked again next time. */
function choicesFor(asked: string): Promise<{ choices: [string, string][]; words: string }> {
  const known = found.get(asked);
  if (known) return known;
  const asking = ask<{ choices: [string, string][] }>("POST", "/workflows/choices", say("form_choices_failed"), JSON.parse(asked) as object).then(({ answer, words }) => {
    if (!answer) found.delete(asked);
    return { choices: answer?.choices ?? [], words };
  });
  found.set(asked, asking);
  return asking;
}
