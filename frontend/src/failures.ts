// Requests that went wrong say so in words, and never put an error page where a conversation was.
import { visit } from "@hotwired/turbo";
import { notify } from "./notices";

export { notify };

/** The sentence of an error: ours in JSON, or the one on an error page. Empty if there is none. */
export async function wordsOf(response: Response): Promise<string> {
  const type = response.headers.get("content-type") ?? "";
  const body = await response.text();
  if (type.includes("json")) return messageIn(body);
  const page = new DOMParser().parseFromString(body, "text/html");
  return (page.querySelector("[data-error-words]") ?? page.querySelector("[role=alert]"))?.textContent?.trim() ?? "";
}

function messageIn(body: string): string {
  try {
    const { error } = JSON.parse(body) as { error?: { message?: string } };
    return error?.message ?? "";
  } catch {
    return "";
  }
}

export function watchFailures(): void {
  document.addEventListener("turbo:frame-missing", (event) => void frameMissing(event as CustomEvent<{ response: Response }>));
  document.addEventListener("turbo:fetch-request-error", tellUnreachable);
  for (const back of ["online", "live:open"]) window.addEventListener(back, () => unreachable?.remove());
}

let unreachable: HTMLElement | undefined;

/** Once, however much is tried; until the server is there again. */
function tellUnreachable(): void {
  unreachable?.remove();
  unreachable = notify(document.getElementById("toasts")?.dataset["offline"] ?? "");
}

async function frameMissing(event: CustomEvent<{ response: Response }>): Promise<void> {
  event.preventDefault();
  const { response } = event.detail;
  if (response.ok) visit(response.url);
  else notify((await wordsOf(response)) || response.statusText);
}
