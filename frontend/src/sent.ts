// What was sent arrives: Turbo would take a form's request back as soon as another form is sent or another page is asked for.
import { notify } from "./notices";
import { wordsOf } from "./failures";

interface Request {
  /** Its form, or the page, was left for something else meanwhile. */
  readonly signal: AbortSignal | null | undefined;
  readonly resume: () => void;
}

/** What each form is sending, the oldest first: one after the other, so that the last word is the last. */
const underWay = new Map<EventTarget, Request[]>();

export function letArrive(): void {
  document.addEventListener("turbo:before-fetch-request", (event) => begin(event as CustomEvent<Beginning>));
  document.addEventListener("turbo:before-fetch-response", (event) => answered(event as CustomEvent<Answer>));
  document.addEventListener("turbo:submit-end", (event) => end((event as CustomEvent<Ended>).detail.formSubmission.formElement));
}

function begin(event: CustomEvent<Beginning>): void {
  const { fetchOptions, resume } = event.detail;
  if (fetchOptions.method === "GET" || !(event.target instanceof HTMLFormElement)) return;
  const requests = underWay.get(event.target) ?? [];
  if (requests.length > 0) event.preventDefault();
  underWay.set(event.target, [...requests, { signal: fetchOptions.signal, resume }]);
  delete fetchOptions.signal;
}

function end(form: HTMLFormElement): void {
  const [, ...rest] = underWay.get(form) ?? [];
  if (rest.length > 0) underWay.set(form, rest);
  else underWay.delete(form);
  rest[0]?.resume();
}

/** Whoever has gone on sees what they went on to, not the page that the answer shows. */
function answered(event: CustomEvent<Answer>): void {
  const { response, contentType } = event.detail.fetchResponse;
  const request = event.target && underWay.get(event.target)?.[0];
  if (!request?.signal?.aborted || contentType?.startsWith("text/vnd.turbo-stream.html")) return;
  event.preventDefault();
  if (!response.ok) void wordsOf(response.clone()).then(notify);
}

interface Beginning {
  fetchOptions: RequestInit;
  resume: () => void;
}

interface Answer {
  fetchResponse: { response: Response; contentType: string | null };
}

interface Ended {
  formSubmission: { formElement: HTMLFormElement };
}
