// Every request that changes something, or fetches a part of a page, says in which workspace its page was opened: another tab may have
// opened another one since, and the server then refuses.

const HEADER = "X-Workspace";

export function workspace(): string {
  return document.querySelector<HTMLMetaElement>("meta[name=workspace]")?.content ?? "";
}

/** The header for requests that a script makes by itself. */
export function workspaceHeader(): Record<string, string> {
  return workspace() ? { [HEADER]: workspace() } : {};
}

export function sayWorkspace(): void {
  document.addEventListener("turbo:before-fetch-request", (event) => {
    const { fetchOptions } = (event as CustomEvent<{ fetchOptions: { headers: Record<string, string> } }>).detail;
    Object.assign(fetchOptions.headers, workspaceHeader());
  });
}
