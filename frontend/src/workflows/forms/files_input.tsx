import { useEffect, useRef, useState } from "preact/hooks";
import type { ToldFile } from "../../compose/options";
import { workspaceHeader } from "../../workspace";
import { Icon } from "../icon";
import { say } from "../say";
import { builder, set } from "../store";
import type { Thing } from "../types";
import { useForm } from "./context";
import type { InputProps } from "./field_input";
import { Picker } from "./picker";
import type { Shape } from "./shape";

/** Files of the library. The page knows the newest ones; others are found by their names. */
export function FilesInput({ shape, value, path, id, described }: InputProps & { shape: Extract<Shape, { is: "thing" }> }) {
  const { change, things } = useForm();
  const all = things["file"] ?? [];
  const ids = (Array.isArray(value) ? value : []).map(Number);
  const full = ids.length >= (shape.most ?? Number.POSITIVE_INFINITY);
  const offered = all.filter(({ id: each }) => !ids.includes(Number(each)));
  return (
    <div class="form-chosen">
      {ids.length > 0 && (
        <ul class="form-files">
          {ids.map((each) => {
            const file = all.find((thing) => Number(thing.id) === each);
            const name = file?.name ?? say("form_deleted_one");
            return (
              <li key={each} class={file ? "form-file" : "form-file form-chip-broken"}>
                <Icon icon={iconOf(file)} size="sm" />
                <span class="form-file-name" dir="auto">{name}</span>
                <button type="button" class="btn btn-plain btn-sm btn-square" aria-label={`${say("form_remove")}: ${name}`} title={say("form_remove")} onClick={() => change(path, ids.filter((other) => other !== each))}>
                  <Icon icon="x" size="sm" />
                </button>
              </li>
            );
          })}
        </ul>
      )}
      {!full && <LibraryPicker id={id} described={described} offered={offered} choose={(file) => change(path, [...ids, Number(file.id)])} />}
    </div>
  );
}

function LibraryPicker({ id, described, offered, choose }: { id: string; described: InputProps["described"]; offered: Thing[]; choose: (file: Thing) => void }) {
  const put = (value: string): void => {
    const file = offered.find((thing) => String(thing.id) === value);
    if (file) choose(file);
  };
  const searched = useRef(new AbortController());
  const [words, look] = useState("");
  useEffect(() => {
    if (!words.trim()) return undefined;
    const asking = (searched.current = new AbortController());
    const pause = window.setTimeout(() => void findFiles(words.trim(), asking.signal), 150);
    return () => (clearTimeout(pause), asking.abort());
  }, [words]);
  return <Picker id={id} described={described} options={offered.map((thing) => ({ value: String(thing.id), words: thing.name }))} chosen="" shown={say("form_add_file")} none="" stays looked={look} choose={put} />;
}

/** Files with these words in their names join those that the page knows. */
async function findFiles(words: string, signal: AbortSignal): Promise<void> {
  const response = await fetch(`/library?${new URLSearchParams({ words })}`, { headers: workspaceHeader(), signal }).catch(() => null);
  if (!response?.ok) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const told = [...page.querySelectorAll<HTMLElement>("[data-library-file-param]")].map((button) => JSON.parse(button.dataset["libraryFileParam"] ?? "{}") as ToldFile);
  getToKnow(told);
}

/** Files that the page did not know join those that can be chosen. */
export function getToKnow(told: readonly ToldFile[]): void {
  const { data } = builder();
  const known = data.things["file"] ?? [];
  const more = told.filter(({ id }) => !known.some((thing) => thing.id === id)).map(({ id, name, mime }): Thing => ({ id, name, more: { mime } }));
  if (more.length) set({ data: { ...data, things: { ...data.things, file: [...known, ...more] } } });
}

function iconOf(file: Thing | undefined): string {
  const icons = [{ icon: "file-text" }, { icon: "image" }, { icon: "file-x" }] as const;
  if (!file) return icons[2].icon;
  return String(file.more?.["mime"] ?? "").startsWith("image/") ? icons[1].icon : icons[0].icon;
}
