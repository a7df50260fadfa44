// Sends one file ahead of the message that it belongs to.
import { workspaceHeader } from "../workspace";

export interface Uploaded {
  id: string | number;
  name: string;
  mime: string;
  size: number;
  url: string;
}

export interface Upload {
  done: Promise<Uploaded>;
  cancel(): void;
}

/** `progress` hears per cent. The promise fails with the server's sentence, or an empty one. */
export function upload(file: File, progress: (percent: number) => void): Upload {
  const request = new XMLHttpRequest();
  const done = new Promise<Uploaded>((resolve, reject) => {
    request.upload.addEventListener("progress", (event) => event.lengthComputable && progress((100 * event.loaded) / event.total));
    request.addEventListener("load", () => {
      const answer = parsed(request.responseText);
      if (request.status >= 200 && request.status < 300 && answer) resolve(answer as Uploaded);
      else reject(new Error((answer as { error?: { message?: string } } | null)?.error?.message ?? ""));
    });
    request.addEventListener("error", () => reject(new Error("")));
    request.addEventListener("abort", () => reject(new Error("")));
  });
  const body = new FormData();
  body.append("file", file, file.name);
  request.open("POST", "/uploads");
  request.setRequestHeader("Accept", "application/json");
  for (const [name, value] of Object.entries(workspaceHeader())) request.setRequestHeader(name, value);
  request.send(body);
  return { done, cancel: () => request.abort() };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
