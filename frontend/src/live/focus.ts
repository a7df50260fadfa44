// Streams leave the focus where it is: Turbo itself would give it, a frame later, to what had it before, also where somebody has gone on.
import { type StreamElement, session } from "@hotwired/turbo";

let last: Element | null = null;

export function keepFocusThroughStreams(): void {
  document.addEventListener("focusin", ({ target }) => (last = target as Element));
  session.streamMessageRenderer.render = ({ fragment }) => void put(fragment);
}

async function put(fragment: DocumentFragment): Promise<void> {
  const streams = [...fragment.querySelectorAll<StreamElement>("turbo-stream")];
  const asks = streams.map(({ templateElement }) => templateElement?.content.querySelector("[autofocus][id]")?.id).find(Boolean);
  // What was left before has nothing to do with this.
  const left = document.activeElement === last ? null : last;
  document.documentElement.append(fragment);
  await Promise.allSettled(streams.map((stream) => stream.render()));
  if (document.activeElement && document.activeElement !== document.body) return;
  // What had it was put anew.
  const renewed = last && last !== left && !last.isConnected && last.id ? document.getElementById(last.id) : null;
  (renewed ?? (asks ? document.getElementById(asks) : null))?.focus();
}
