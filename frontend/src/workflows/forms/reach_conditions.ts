// What conditions may ask inside of a workflow: what the server knows of, and the variables in reach.
import type { Json } from "../types";
import type { Offer } from "./reach";

type Subject = { category: string; [more: string]: Json };
type Schema = { subjects: Subject[]; faults?: string[]; [more: string]: Json | Subject[] | undefined };

/** The editor's schema with the variables that steps and the trigger give. Fields of the contact have subjects of their own. */
export function schemaWith(conditions: Json, offers: readonly Offer[], standing: readonly { name: string }[]): Json {
  const schema = conditions as unknown as Schema;
  const usual = new Set(standing.map(({ name }) => name));
  const subjects = offers.filter(({ name }) => !usual.has(name)).map(asSubject);
  const known = (schema.subjects ?? []).filter(({ category }) => category !== "variable");
  return { ...schema, subjects: [...known, ...subjects], faults: [] } as unknown as Json;
}

function asSubject({ name, label, type, options }: Offer): Subject {
  const kind = type === "choice" && options.length === 0 ? "text" : type;
  const subject = { category: "variable", field: name, name: label === name ? name : `${label} ($${name})`, kind, type };
  return kind === "choice" ? { ...subject, choices: options } : subject;
}
