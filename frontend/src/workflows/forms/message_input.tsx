import type { ToldFile } from "../../compose/options";
import { notify } from "../../notices";
import { say } from "../say";
import { FilesContext, useForm } from "./context";
import { getToKnow } from "./files_input";
import { SchemaForm } from "./schema_form";
import type { Field } from "./shape";
import { type Path, isGroup } from "./values";
import type { Json } from "../types";

/** Words and files of a message. Files of a snippet come along with its words. */
export function MessageInput({ fields, most, value, path }: { fields: readonly Field[]; most: number | undefined; value: Json; path: Path }) {
  const { change } = useForm();
  const held = isGroup(value) ? value : {};
  const add = (files: readonly ToldFile[]): void => {
    if (!files.length) return;
    const before = Array.isArray(held["file_ids"]) ? held["file_ids"] : [];
    const all = [...new Set([...before, ...files.map(({ id }) => id)])];
    getToKnow(files);
    change([...path, "file_ids"], all.slice(0, most));
    if (most !== undefined && all.length > most) notify(say("form_full", { number: String(most) }));
  };
  return (
    <div class="form-rows form-message">
      <FilesContext.Provider value={add}>
        <SchemaForm fields={fields} values={held} path={path} />
      </FilesContext.Provider>
    </div>
  );
}
