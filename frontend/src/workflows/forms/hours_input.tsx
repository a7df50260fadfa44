import { say } from "../say";
import type { Params } from "../types";
import { useForm } from "./context";
import type { InputProps } from "./field_input";
import { Faults } from "./schema_form";
import type { Shape } from "./shape";
import { isGroup } from "./values";

// The first of January 2024 was a Monday.
const MONDAY = Date.UTC(2024, 0, 1);
const DAY_MS = 24 * 60 * 60 * 1000;

/** A week: for each day whether it is open, and from when until when. */
export function HoursInput({ shape, value, path, id }: InputProps & { shape: Extract<Shape, { is: "hours" }> }) {
  const { change, said } = useForm();
  const week: Params = isGroup(value) ? value : {};
  const names = new Intl.DateTimeFormat(document.documentElement.lang || "en", { weekday: "long", timeZone: "UTC" });
  const first = dayOf(week, shape.fields[0]?.name ?? "");
  const everyWeekday = (): void => {
    const same = Object.fromEntries(shape.fields.map(({ name }, index) => [name, index < 5 ? { ...dayOf(week, name), opens: first.opens, closes: first.closes, on: first.on } : (week[name] ?? null)]));
    change(path, same as Params);
  };
  return (
    <div class="form-hours" id={id}>
      {shape.fields.map(({ name }, index) => {
        const day = dayOf(week, name);
        const words = names.format(MONDAY + index * DAY_MS);
        const faults = [...(said.get([...path, name].join(".")) ?? []), ...(said.get([...path, name, "opens"].join(".")) ?? []), ...(said.get([...path, name, "closes"].join(".")) ?? [])];
        const put = (part: string, to: string | boolean): void => change([...path, name], { ...day, [part]: to });
        return (
          <div class="form-hours-day" key={name} role="group" aria-label={words}>
            <label class="form-switch">
              <input class="toggle toggle-primary toggle-sm" type="checkbox" checked={day.on} onChange={(event) => put("on", event.currentTarget.checked)} />
              <span>{words}</span>
            </label>
            {day.on ? (
              <span class="form-hours-times">
                <input class="input input-sm" type="time" required value={day.opens} aria-label={`${words}: ${say("form_opens")}`} onChange={(event) => event.currentTarget.value && put("opens", event.currentTarget.value)} />
                <span aria-hidden="true">–</span>
                <input class="input input-sm" type="time" required value={day.closes} aria-label={`${words}: ${say("form_closes")}`} onChange={(event) => event.currentTarget.value && put("closes", event.currentTarget.value)} />
                {day.closes <= day.opens && <span class="field-help">{say("form_next_day")}</span>}
              </span>
            ) : (
              <span class="field-help">{say("form_closed")}</span>
            )}
            {faults.length > 0 && <Faults words={faults} />}
          </div>
        );
      })}
      {first.on && (
        <div class="form-adds">
          <button type="button" class="btn btn-plain btn-sm" onClick={everyWeekday}>
            {say("form_like_monday")}
          </button>
        </div>
      )}
    </div>
  );
}

function dayOf(week: Params, name: string): { on: boolean; opens: string; closes: string } {
  const day = week[name];
  const held = isGroup(day) ? day : {};
  const time = (part: string, usual: string): string => (typeof held[part] === "string" ? String(held[part]) : usual);
  return { on: held["on"] === true, opens: time("opens", "09:00"), closes: time("closes", "18:00") };
}
