// What the forms ask of the server by themselves.
import { workspaceHeader } from "../../workspace";

export type Asked<Answer> = { answer: Answer; words: "" } | { answer: null; words: string };

/** The answer as JSON, or a sentence for whoever asked; `otherwise` where the server gave none. */
export async function ask<Answer>(method: string, url: string, otherwise: string, body?: object): Promise<Asked<Answer>> {
  const headers = { ...workspaceHeader(), Accept: "application/json", ...(body ? { "Content-Type": "application/json" } : {}) };
  const response = await fetch(url, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) }).catch(() => null);
  if (!response) return { answer: null, words: otherwise };
  const json = (await response.json().catch(() => null)) as Answer & { words?: string } | null;
  if (response.ok && json !== null) return { answer: json, words: "" };
  return { answer: null, words: json?.words ?? otherwise };
}
