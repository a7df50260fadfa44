// What the parts of one form share.
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { ToldFile } from "../../compose/options";
import type { Json, Params, Thing } from "../types";
import type { Offer } from "./reach";
import type { Path } from "./values";

export interface Form {
  /** Step id or "trigger". */
  owner: string;
  offers: readonly Offer[];
  secrets: readonly Offer[];
  things: Record<string, Thing[]>;
  /** All values of the form. */
  values: Params;
  /** Sentences about what is wrong, by place: `problems.placed`. */
  said: ReadonlyMap<string, string[]>;
  /** The editor's schema of conditions, with the variables in reach. */
  conditions: Json;
  /** Replace the value at a place. */
  change: (path: Path, value: Json) => void;
}

export const FormContext = createContext<Form | null>(null);

export function useForm(): Form {
  const form = useContext(FormContext);
  if (!form) throw new Error("This is a part of a form.");
  return form;
}

/** The channel that a message is for, where one is chosen beside it. */
export const ChannelContext = createContext<number | null>(null);

/** Takes files that come with a text into the message that it belongs to; elsewhere they are left out. */
export const FilesContext = createContext<(files: readonly ToldFile[]) => void>(() => undefined);

/** The id of the input at a place. */
export function idOf(owner: string, path: Path): string {
  return `form_${[owner, ...path].join("_")}`;
}
