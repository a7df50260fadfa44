// The files beside a reply: a row each, uploaded at once, with progress, a way to remove it, and its error.
import { type Upload, type Uploaded, upload } from "./upload";

export interface Row {
  readonly element: HTMLElement;
  upload: Upload;
  state: "uploading" | "done" | "failed";
}

/** A file by its number on the server. */
export interface Stored {
  id: number | string;
  name: string;
  mime?: string;
  url?: string;
}

export class Files {
  private rows: Row[] = [];

  constructor(
    private readonly list: HTMLElement,
    private readonly template: HTMLTemplateElement,
  ) {}

  get count(): number {
    return this.rows.length;
  }

  get uploading(): boolean {
    return this.rows.some(({ state }) => state === "uploading");
  }

  get failed(): boolean {
    return this.rows.some(({ state }) => state === "failed");
  }

  add(file: File): void {
    const element = this.row(file.name);
    const progress = element.querySelector("progress");
    if (file.type.startsWith("image/") && file.type !== "image/svg+xml") preview(element, URL.createObjectURL(file));
    const row: Row = { element, state: "uploading", upload: upload(file, (percent) => progress?.setAttribute("value", String(percent))) };
    this.rows.push(row);
    row.upload.done.then(
      ({ id }) => this.done(row, id),
      (error: Error) => this.fail(row, error.message),
    );
  }

  /** A file that the server has already: one that comes back, of a snippet, or of the library. */
  addStored(file: Stored): void {
    if (this.rows.some(({ element }) => element.querySelector<HTMLInputElement>("input[type=hidden]")?.value === String(file.id))) return;
    const element = this.row(file.name);
    if (file.url && /^image\/(png|jpeg|gif|webp)/.test(file.mime ?? "")) preview(element, file.url);
    const uploaded: Uploaded = { id: file.id, name: file.name, mime: file.mime ?? "", size: 0, url: file.url ?? "" };
    const row: Row = { element, state: "done", upload: { done: Promise.resolve(uploaded), cancel: () => undefined } };
    this.rows.push(row);
    this.done(row, file.id);
  }

  /** Remove the row that holds this element. */
  remove(within: Element): void {
    const row = this.rows.find(({ element }) => element.contains(within));
    if (!row) return;
    row.upload.cancel();
    row.element.remove();
    this.rows = this.rows.filter((other) => other !== row);
  }

  /** The message goes: take the rows away. */
  take(): Row[] {
    const taken = this.rows;
    this.rows = [];
    this.list.replaceChildren();
    return taken;
  }

  /** It did not go: here they are again. */
  giveBack(rows: Row[]): void {
    this.rows = [...rows, ...this.rows];
    this.list.prepend(...rows.map(({ element }) => element));
  }

  private row(name: string): HTMLElement {
    const element = (this.template.content.cloneNode(true) as DocumentFragment).firstElementChild as HTMLElement;
    element.querySelector(".composer-file-name")?.replaceChildren(name);
    this.list.append(element);
    return element;
  }

  private done(row: Row, id: string | number): void {
    row.state = "done";
    row.element.dataset["done"] = "";
    const input = row.element.querySelector<HTMLInputElement>("input[type=hidden]");
    if (!input) return;
    input.value = String(id);
    input.disabled = false;
  }

  private fail(row: Row, words: string): void {
    row.state = "failed";
    row.element.dataset["done"] = "";
    const error = row.element.querySelector<HTMLElement>(".composer-file-error");
    if (!error) return;
    if (words) error.textContent = words;
    error.hidden = false;
  }
}

/** How a file looks in the bubble that stands for its message. */
export function looks({ element }: Row): { name: string; picture: string | null } {
  return { name: element.querySelector(".composer-file-name")?.textContent ?? "", picture: element.querySelector("img")?.src ?? null };
}

function preview(element: HTMLElement, source: string): void {
  const image = document.createElement("img");
  image.alt = "";
  image.src = source;
  element.querySelector(".composer-file-picture")?.replaceChildren(image);
}
