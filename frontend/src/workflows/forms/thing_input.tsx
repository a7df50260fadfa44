import { Icon } from "../icon";
import { say } from "../say";
import type { Json, Params, Thing } from "../types";
import { useForm } from "./context";
import type { InputProps } from "./field_input";
import { Picker } from "./picker";
import type { Shape } from "./shape";
import { isGroup } from "./values";

type ThingProps = InputProps & { shape: Extract<Shape, { is: "thing" }> };

const FEW = 12;

/** What a definition names by its id: one, or several. What was deleted says so. */
export function ThingInput(props: ThingProps) {
  return props.shape.several ? <SeveralThings {...props} /> : <OneThing {...props} />;
}

function OneThing({ field, shape, value, path, id, described }: ThingProps) {
  const { change, things } = useForm();
  const all = things[shape.thing] ?? [];
  const offered = all.filter((thing) => fits(thing, shape.where));
  const known = all.find((thing) => same(thing.id, value));
  const gone = value !== null && value !== "" && !known;
  const none = field.placeholder || say("form_choose");
  const put = (chosen: string): void => change(path, offered.find((thing) => String(thing.id) === chosen)?.id ?? null);
  if (offered.length > FEW) {
    return <Picker id={id} described={described} options={offered.map(asOption)} chosen={value === null || value === "" ? "" : String(value)} shown={gone ? say("form_deleted") : (known?.name ?? none)} none={field.placeholder} broken={gone} choose={put} />;
  }
  return (
    <>
      <select id={id} class={gone ? "select form-gone" : "select"} {...described} {...(gone ? { "aria-invalid": "true" as const } : {})} onChange={(event) => put(event.currentTarget.value)}>
        {gone && <option value={String(value)} selected>{say("form_deleted")}</option>}
        <option value="" selected={value === null || value === ""} hidden={!field.optional && value !== null}>{none}</option>
        {offered.map((thing) => (
          <option key={thing.id} value={String(thing.id)} selected={same(thing.id, value)}>
            {thing.name}
          </option>
        ))}
      </select>
      {offered.length === 0 && <p class="field-help">{say(`form_no_${shape.thing}`)}</p>}
    </>
  );
}

function SeveralThings({ shape, value, path, id, described }: ThingProps) {
  const { change, things, values } = useForm();
  const beside = path.slice(0, -1);
  const all = things[shape.thing] ?? [];
  const ids = Array.isArray(value) ? value : [];
  const names = new Map(all.map((thing) => [String(thing.id), thing.name]));
  const news = shape.create ? textsAt(values, [...beside, shape.create]) : [];
  const full = shape.most !== undefined && ids.length + news.length >= shape.most;
  const offered = all.filter((thing) => fits(thing, shape.where) && !ids.some((each) => same(thing.id, each)));
  const add = (chosen: string): void => {
    const thing = offered.find((each) => String(each.id) === chosen);
    if (thing) change(path, [...ids, thing.id]);
  };
  const create = (name: string): void => {
    const twin = all.find((each) => each.name.toLocaleLowerCase() === name.toLocaleLowerCase());
    if (twin) change(path, ids.some((each) => same(twin.id, each)) ? ids : [...ids, twin.id]);
    else if (!news.includes(name)) change([...beside, shape.create], [...news, name]);
  };
  return (
    <div class="form-chosen">
      {ids.length + news.length > 0 && (
        <ul class="form-chips">
          {ids.map((each) => {
            const name = names.get(String(each));
            return <Chip key={String(each)} words={name ?? say("form_deleted_one")} broken={name === undefined} remove={() => change(path, ids.filter((other) => other !== each))} />;
          })}
          {news.map((name) => (
            <Chip key={`new ${name}`} words={name} mark={name.includes("$") ? "" : say("form_new")} remove={() => change([...beside, shape.create], news.filter((other) => other !== name))} />
          ))}
        </ul>
      )}
      {full ? (
        <p class="field-help">{say("form_full", { number: String(shape.most) })}</p>
      ) : (
        <Picker id={id} described={described} options={offered.map(asOption)} chosen="" shown={say(`form_add_${shape.thing}`)} none="" stays choose={add} {...(shape.create ? { create } : {})} />
      )}
    </div>
  );
}

function Chip({ words, mark = "", broken = false, remove }: { words: string; mark?: string; broken?: boolean; remove: () => void }) {
  return (
    <li class={broken ? "form-chip form-chip-broken" : "form-chip"}>
      {broken && <Icon icon="circle-alert" size="xs" />}
      <span dir="auto">{words}</span>
      {mark && <span class="form-chip-mark">{mark}</span>}
      <button type="button" class="tag-remove" aria-label={`${say("form_remove")}: ${words}`} title={say("form_remove")} onClick={remove}>
        <Icon icon="x" size="xs" />
      </button>
    </li>
  );
}

function asOption({ id, name }: Thing): { value: string; words: string } {
  return { value: String(id), words: name };
}

function fits({ more }: Thing, where: Record<string, Json[]>): boolean {
  return Object.entries(where).every(([key, values]) => values.includes(more?.[key] ?? null));
}

function same(id: Json, value: Json): boolean {
  return String(id) === String(value);
}

function textsAt(values: Params, path: readonly (string | number)[]): string[] {
  let at: Json = values;
  for (const part of path) at = (Array.isArray(at) ? at[Number(part)] : isGroup(at) ? at[part] : null) ?? null;
  return Array.isArray(at) ? at.filter((each): each is string => typeof each === "string") : [];
}
