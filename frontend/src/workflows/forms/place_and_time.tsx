import { useMemo } from "preact/hooks";
import { say } from "../say";
import { useForm } from "./context";
import type { InputProps } from "./field_input";
import { Picker } from "./picker";
import { TextInput } from "./simple_inputs";
import type { Shape } from "./shape";
import { momentParts } from "./values";

const PLAIN: Extract<Shape, { is: "text" }> = { is: "text", many: false, variables: false, secrets: false, mentions: false, named: false, code: false, most: undefined, input: "text" };

/** A time zone; nothing is the workspace's. */
export function TimezoneInput({ field, value, path, id, described }: InputProps) {
  const { change } = useForm();
  const zones = useMemo(() => ["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")].map((zone) => ({ value: zone, words: zone.replaceAll("_", " ") })), []);
  const none = field.placeholder || say("form_zone_of_workspace");
  const chosen = typeof value === "string" ? value : "";
  return <Picker id={id} described={described} options={zones} chosen={chosen} shown={chosen.replaceAll("_", " ") || none} none={none} choose={(zone) => change(path, zone || (field.optional ? null : ""))} />;
}

/** A country by its two letters. */
export function CountryInput({ field, value, path, id, described }: InputProps) {
  const { change, conditions } = useForm();
  const countries = useMemo(() => {
    const names = new Intl.DisplayNames(document.documentElement.lang || "en", { type: "region" });
    const codes = (conditions as { options?: { country?: [string, string][] } }).options?.country ?? [];
    return codes.map(([code]) => ({ value: code, words: names.of(code) ?? code })).sort((one, other) => one.words.localeCompare(other.words));
  }, [conditions]);
  const none = field.placeholder || say("form_none");
  const chosen = typeof value === "string" ? value : "";
  const shown = countries.find((country) => country.value === chosen)?.words ?? (chosen || none);
  return <Picker id={id} described={described} options={countries} chosen={chosen} shown={shown} none={none} choose={(country) => change(path, country || (field.optional ? null : ""))} />;
}

/** A day, with a time or without. What was written otherwise stays a text. */
export function MomentInput(props: InputProps) {
  const { field, value, path, id, described } = props;
  const { change } = useForm();
  const parts = momentParts(typeof value === "string" ? value : "");
  if (!parts) return <TextInput {...props} shape={PLAIN} />;
  const put = (day: string, time: string): void => change(path, day ? `${day}${time ? ` ${time}` : ""}` : "");
  return (
    <div class="form-moment">
      <input id={id} class="input" type="date" value={parts.day} {...described} onChange={(event) => put(event.currentTarget.value, parts.time)} />
      <input class="input" type="time" value={parts.time} aria-label={`${field.label}: ${say("form_time")}`} disabled={!parts.day} onChange={(event) => put(parts.day, event.currentTarget.value)} />
    </div>
  );
}
