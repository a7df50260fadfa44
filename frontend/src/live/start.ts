// Keeps one live connection for as long as somebody is signed in, over all pages that Turbo shows in this tab.
import { workspace } from "../workspace";
import { tellOwed, watchActivity } from "./activity";
import { Connection, type State } from "./connection";
import { type Frame, Frames } from "./frames";
import { showPresenceAgain } from "./presence";
import { watchRefreshes } from "./refresh";
import { addStreamActions } from "./streams";

const PATIENCE_MS = 2_000;

const frames = new Frames();
let patience: ReturnType<typeof setTimeout> | undefined;
let connection: Connection | undefined;

export function startLive(): void {
  addStreamActions();
  watchRefreshes();
  document.addEventListener("turbo:load", pageShown);
  document.addEventListener("turbo:frame-load", (event) => frames.replay(event.target as HTMLElement));
  for (const name of ["turbo:load", "turbo:frame-load"]) document.addEventListener(name, showPresenceAgain);
  watchActivity(tellActive);
}

const tellActive = (): boolean => connection?.send({ active: true }) ?? false;

/** Tell the server something that may get lost, like that the member is typing. */
export function tell(value: object): void {
  connection?.send(value);
}

function pageShown(): void {
  const position = document.querySelector<HTMLMetaElement>("meta[name=live-seq]")?.content;
  if (position === undefined) {
    connection?.stop();
    return;
  }
  frames.startAt(position);
  frames.replay(document);
  connection ??= new Connection({ address, message, state: showState });
  connection.start();
}

function address(): string {
  const url = new URL("/live", location.href);
  url.protocol = url.protocol.replace("http", "ws");
  url.searchParams.set("after", frames.last);
  url.searchParams.set("workspace", workspace());
  return url.href;
}

function message(text: string): void {
  frames.receive(JSON.parse(text) as Frame);
}

/** Short interruptions pass unseen; longer ones are told, and so is the end of the session. */
function showState(state: State): void {
  const note = document.getElementById("live_note");
  if (!note) return;
  note.dataset["state"] = state;
  if (state === "open") {
    tellOwed(tellActive);
    window.dispatchEvent(new Event("live:open"));
  }
  if (state === "open" || state === "stopped") {
    clearTimeout(patience);
    patience = undefined;
    note.textContent = "";
  } else if (state === "signed-out") {
    note.textContent = note.dataset["signedOut"] ?? "";
  } else if (state === "changed") {
    location.reload(); // words being written are kept
  } else if (state === "elsewhere") {
    note.textContent = note.dataset["elsewhere"] ?? "";
  } else {
    patience ??= setTimeout(() => (note.textContent = note.dataset["reconnecting"] ?? ""), PATIENCE_MS);
  }
}
