// The conversation of a test, and what can happen next in it.
import { useEffect, useRef, useState } from "preact/hooks";
import { when } from "../../words";
import { Icon } from "../icon";
import { say } from "../say";
import { type Said, type Session, type Waits, answerCall, assignTo, isOver, reset, skipTime, write } from "./session";

export function Chat({ session }: { session: Session }) {
  const { said, told, busy } = session;
  const end = useRef<HTMLDivElement>(null);
  useEffect(() => end.current?.scrollIntoView({ block: "end" }), [said.length, told]);
  const last = said.at(-1);
  const choices = last?.from === "us" && told?.waits?.for.includes("answer") ? last.bubble.choices : [];
  return (
    <>
      <div class="phone-scroll phone-said" role="log" aria-label={say("test_chat")} tabIndex={0}>
        {told && <p class="phone-note">{when(new Date(told.at))}</p>}
        {said.map((each, index) => (
          <Line said={each} key={index} />
        ))}
        {choices.length > 0 && (
          <div class="phone-choices">
            {choices.map((choice) => (
              <button type="button" class="btn btn-quiet btn-sm" disabled={busy} onClick={() => void write(choice, choice)} key={choice}>
                {choice}
              </button>
            ))}
          </div>
        )}
        <div ref={end} />
      </div>
      {told?.waits && <Waiting waits={told.waits} busy={busy} />}
      {isOver(told) ? <Over standing={told?.standing ?? "done"} error={session.trail.at(-1)?.error ?? ""} /> : <Composer busy={busy} />}
    </>
  );
}

function Line({ said }: { said: Said }) {
  if (said.from === "note") return <p class="phone-note">{said.text}</p>;
  if (said.from === "them") return <p class="phone-bubble phone-them">{said.text}</p>;
  const { text, subject, files, channel, failed } = said.bubble;
  return (
    <div class={failed ? "phone-bubble phone-us phone-failed" : "phone-bubble phone-us"}>
      {subject && <strong>{subject}</strong>}
      {text && <p>{text}</p>}
      {files.map((file) => (
        <p class="phone-file" key={file}>
          <Icon icon="paperclip" size="xs" />
          {file}
        </p>
      ))}
      {channel && <p class="phone-channel">{channel}</p>}
      {failed && (
        <p class="phone-why">
          <Icon icon="circle-alert" size="xs" />
          {failed}
        </p>
      )}
    </div>
  );
}

/** What the run waits for, and what whoever tries it can say or skip. */
function Waiting({ waits, busy }: { waits: Waits; busy: boolean }) {
  const until = waits.until === null ? "" : when(new Date(waits.until));
  return (
    <div class="phone-waits" role="status">
      <p>
        <Icon icon="hourglass" size="sm" />
        <span>{until ? say("test_waits_until", { what: waits.shown, time: until }) : say("test_waits", { what: waits.shown })}</span>
      </p>
      {waits.asks === "call" && <Call busy={busy} />}
      {waits.asks === "assign" && (
        <div class="phone-choices">
          {waits.members.map(({ id, name }) => (
            <button type="button" class="btn btn-quiet btn-sm" disabled={busy} onClick={() => void assignTo(id, name)} key={id}>
              {say("test_assign_to", { name })}
            </button>
          ))}
          {waits.members.length === 0 && <span class="text-muted">{say("test_nobody")}</span>}
        </div>
      )}
      {waits.until !== null && (
        <button type="button" class="btn btn-quiet btn-sm" disabled={busy} onClick={() => void skipTime()}>
          <Icon icon="fast-forward" size="sm" />
          {say("test_skip")}
        </button>
      )}
    </div>
  );
}

/** Nothing is asked outside: the answer is made up here. */
function Call({ busy }: { busy: boolean }) {
  const [status, setStatus] = useState("200");
  const [body, setBody] = useState("{}");
  const [fault, setFault] = useState("");
  const send = (): void => {
    try {
      const json = body.trim() ? JSON.parse(body) : null;
      setFault("");
      void answerCall(true, { status: Number(status) || 200, json });
    } catch {
      setFault(say("test_no_json"));
    }
  };
  return (
    <div class="phone-call">
      <p class="field-help">{say("test_call_why")}</p>
      <label class="field">
        <span class="field-label">{say("test_status")}</span>
        <input class="input input-sm" inputMode="numeric" value={status} maxLength={3} onInput={(event) => setStatus(event.currentTarget.value)} />
      </label>
      <label class="field">
        <span class="field-label">{say("test_body")}</span>
        <textarea class="textarea textarea-sm form-code" rows={4} value={body} spellcheck={false} aria-invalid={fault !== ""} onInput={(event) => setBody(event.currentTarget.value)} />
        {fault && <span class="field-error">{fault}</span>}
      </label>
      <div class="phone-choices">
        <button type="button" class="btn btn-primary btn-sm" disabled={busy} onClick={send}>
          {say("test_answer")}
        </button>
        <button type="button" class="btn btn-quiet btn-sm" disabled={busy} onClick={() => void answerCall(false, {}, say("test_call_failed"))}>
          {say("test_fail")}
        </button>
      </div>
    </div>
  );
}

function Composer({ busy }: { busy: boolean }) {
  const [words, type] = useState("");
  const field = useRef<HTMLInputElement>(null);
  const send = (event: Event): void => {
    event.preventDefault();
    if (busy || !words.trim()) return;
    type("");
    void write(words.trim());
    field.current?.focus();
  };
  return (
    <form class="phone-composer" onSubmit={send}>
      <input class="input" ref={field} value={words} maxLength={10_000} autocomplete="off" aria-label={say("test_write")} placeholder={say("test_write")} onInput={(event) => type(event.currentTarget.value)} />
      <button type="submit" class="btn btn-square btn-primary" aria-label={say("test_send")} title={say("test_send")} disabled={busy || !words.trim()}>
        <Icon icon="send-horizontal" />
      </button>
    </form>
  );
}

function Over({ standing, error }: { standing: string; error: string }) {
  return (
    <div class="phone-over" role="status">
      <p>
        <Icon icon={standing === "done" ? "circle-check" : standing === "failed" ? "circle-alert" : "circle-stop"} size="sm" />
        <span>
          {say(`test_over_${standing}`)}
          {standing === "failed" && error ? ` ${error}` : ""}
        </span>
      </p>
      <button type="button" class="btn btn-quiet btn-sm" onClick={reset}>
        {say("test_again")}
      </button>
    </div>
  );
}
