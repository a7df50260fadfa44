// Before a test: whom the draft is tried with, what its trigger brings, and when it is.
import { useEffect, useState } from "preact/hooks";
import { Icon } from "../icon";
import { ask } from "../save";
import { say, sayCount } from "../say";
import { lookOf, useBuilder } from "../store";
import { TRIGGER } from "../tree";
import type { Thing, Variable } from "../types";
import { beginTest, letSendingFail, prepare, useSession } from "./session";
import type { MadeUp } from "./types";

const FIRST = ["firstName", "lastName", "email", "phone"];
const PAUSE_MS = 150;

export function Setup() {
  const { setup, sendingFails, busy, error } = useSession();
  const problems = useBuilder((now) => now.problems.length);
  const trigger = useBuilder((now) => now.definition.trigger);
  const start = useBuilder((now) => now.definition.start);
  const given = useBuilder((now) => lookOf(now, TRIGGER).variables);
  const [first, setFirst] = useState("");
  const writes = trigger?.kind === "conversation_opened";
  const ready = start !== null && (setup.whom === "made_up" || setup.real !== null);
  const begin = (event: Event): void => {
    event.preventDefault();
    if (ready && !busy) void beginTest(writes ? first.trim() : "");
  };
  return (
    <form class="phone-setup" onSubmit={begin}>
      <p class="text-muted">{say("test_why")}</p>
      {problems > 0 && <p class="field-help">{sayCount("test_problems", problems)}</p>}
      <div class="phone-whom" role="radiogroup" aria-label={say("test_whom")}>
        {(["made_up", "real"] as const).map((whom) => (
          <label key={whom}>
            <input class="radio radio-sm" type="radio" name="whom" checked={setup.whom === whom} onChange={() => prepare({ whom })} />
            {say(`test_whom_${whom}`)}
          </label>
        ))}
      </div>
      {setup.whom === "made_up" ? <Invented madeUp={setup.madeUp} /> : <Found chosen={setup.real} />}
      {writes && (
        <label class="field">
          <span class="field-label">{say("test_first")}</span>
          <input class="input" value={first} maxLength={2000} placeholder={say("test_first_example")} onInput={(event) => setFirst(event.currentTarget.value)} />
        </label>
      )}
      <details class="run-more">
        <summary>{say("test_circumstances")}</summary>
        <label class="field">
          <span class="field-label">{say("test_at")}</span>
          <input class="input" type="datetime-local" value={setup.at} onInput={(event) => prepare({ at: event.currentTarget.value })} />
          <span class="field-help">{say("test_at_help")}</span>
        </label>
        {given.filter(({ name }) => !(writes && name === "first_message")).map((variable) => (
          <Given variable={variable} value={setup.variables[variable.name] ?? ""} put={(value) => prepare({ variables: { ...setup.variables, [variable.name]: value } })} key={variable.name} />
        ))}
        <label class="phone-check">
          <input class="checkbox checkbox-sm" type="checkbox" checked={sendingFails} onChange={(event) => letSendingFail(event.currentTarget.checked)} />
          {say("test_sending_fails")}
        </label>
      </details>
      {error && (
        <p class="phone-error" role="alert">
          <Icon icon="circle-alert" size="sm" />
          <span>{error}</span>
        </p>
      )}
      {start === null && <p class="field-help">{say("test_no_step")}</p>}
      <button type="submit" class="btn btn-primary" disabled={!ready || busy}>
        <Icon icon="play" size="sm" />
        {say("test_start")}
      </button>
    </form>
  );
}

function Given({ variable, value, put }: { variable: Variable; value: string; put: (value: string) => void }) {
  const { name, label, type, options } = variable;
  const choices = type === "checkbox" ? [["true", say("test_yes")], ["false", say("test_no")]] : options;
  return (
    <label class="field">
      <span class="field-label">{label || name}</span>
      {choices.length > 0 ? (
        <select class="select" value={value} onChange={(event) => put(event.currentTarget.value)}>
          <option value="">{say("test_nothing")}</option>
          {choices.map(([id, words]) => (
            <option value={id} key={id}>
              {words}
            </option>
          ))}
        </select>
      ) : (
        <input class="input" {...typeOf(type)} value={value} maxLength={2000} onInput={(event) => put(event.currentTarget.value)} />
      )}
    </label>
  );
}

function typeOf(type: Variable["type"]): { type: "date" | "time" } | { inputMode: "decimal" } | object {
  if (type === "date" || type === "time") return { type };
  return type === "number" ? { inputMode: "decimal" } : {};
}

function Invented({ madeUp }: { madeUp: MadeUp }) {
  const things = useBuilder((now) => now.data.things);
  const put = (changes: Partial<MadeUp>): void => prepare({ madeUp: { ...madeUp, ...changes } });
  const field = (key: string, value: string): void => {
    const { [key]: _before, ...others } = madeUp.fields;
    put({ fields: value ? { ...others, [key]: value } : others });
  };
  const fields = things["field"] ?? [];
  const shown = FIRST.flatMap((key) => fields.filter(({ id }) => id === key));
  const more = fields.filter(({ id }) => !FIRST.includes(String(id)));
  return (
    <>
      {shown.map((each) => (
        <Known field={each} value={madeUp.fields[String(each.id)] ?? ""} put={(value) => field(String(each.id), value)} key={each.id} />
      ))}
      <details class="run-more">
        <summary>{say("test_more_fields")}</summary>
        <One label={say("test_channel")} things={things["channel"]} value={madeUp.channel_id} none={say("test_first_channel")} put={(channel_id) => put({ channel_id })} />
        <One label={say("test_stage")} things={things["stage"]} value={madeUp.stage_id} put={(stage_id) => put({ stage_id })} />
        <One label={say("test_assignee")} things={things["member"]} value={madeUp.assignee_id} put={(assignee_id) => put({ assignee_id })} />
        {(things["tag"] ?? []).length > 0 && (
          <fieldset class="field">
            <legend class="field-label">{say("test_tags")}</legend>
            <div class="phone-tags">
              {(things["tag"] ?? []).map(({ id, name }) => (
                <label class="phone-check" key={id}>
                  <input class="checkbox checkbox-sm" type="checkbox" checked={madeUp.tag_ids.includes(Number(id))} onChange={(event) => put({ tag_ids: event.currentTarget.checked ? [...madeUp.tag_ids, Number(id)] : madeUp.tag_ids.filter((each) => each !== id) })} />
                  {name}
                </label>
              ))}
            </div>
          </fieldset>
        )}
        {more.map((each) => (
          <Known field={each} value={madeUp.fields[String(each.id)] ?? ""} put={(value) => field(String(each.id), value)} key={each.id} />
        ))}
      </details>
    </>
  );
}

function Known({ field, value, put }: { field: Thing; value: string; put: (value: string) => void }) {
  const type = String(field.more?.["type"] ?? "text");
  const listed = field.more?.["options"];
  const options = Array.isArray(listed) && listed.length > 0 ? listed.map((each): [string, string] => [String(each), String(each)]) : [];
  const known = { checkbox: "checkbox", number: "number", date: "date", time: "time" } as const;
  return <Given variable={{ name: String(field.id), label: field.name, type: known[type as keyof typeof known] ?? "text", options }} value={value} put={put} />;
}

function One({ label, things = [], value, put, none = "" }: { label: string; things: Thing[] | undefined; value: number | null; put: (id: number | null) => void; none?: string }) {
  if (things.length === 0) return null;
  return (
    <label class="field">
      <span class="field-label">{label}</span>
      <select class="select" value={value === null ? "" : String(value)} onChange={(event) => put(event.currentTarget.value ? Number(event.currentTarget.value) : null)}>
        <option value="">{none || say("test_nothing")}</option>
        {things.map(({ id, name }) => (
          <option value={String(id)} key={id}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

/** A contact that there is, found by its name. Nothing of the test is stored with it. */
function Found({ chosen }: { chosen: { id: number; name: string } | null }) {
  const [words, type] = useState("");
  const [found, setFound] = useState<{ id: number; name: string }[] | null>(null);
  useEffect(() => {
    let gone = false;
    const timer = setTimeout(async () => {
      const answer = await ask("GET", `/rehearsal/contacts?${new URLSearchParams({ words: words.trim() })}`).catch(() => null);
      if (!gone && answer?.ok) setFound(((await answer.json()) as { contacts: { id: number; name: string }[] }).contacts);
    }, PAUSE_MS);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [words]);
  return (
    <div class="phone-found">
      <p class="field-help">{say("test_real_why")}</p>
      {chosen && (
        <p class="phone-chosen">
          <Icon icon="user" size="sm" />
          <strong>{chosen.name}</strong>
        </p>
      )}
      <input class="input" type="search" value={words} maxLength={100} autocomplete="off" aria-label={say("test_find")} placeholder={say("test_find")} onInput={(event) => type(event.currentTarget.value)} />
      <ul class="phone-people">
        {(found ?? []).map((each) => (
          <li key={each.id}>
            <button type="button" class="btn btn-plain btn-sm" aria-pressed={chosen?.id === each.id} onClick={() => prepare({ real: each })}>
              {each.name}
            </button>
          </li>
        ))}
        {found?.length === 0 && <li class="text-muted">{say("nothing_found_here")}</li>}
      </ul>
    </div>
  );
}
