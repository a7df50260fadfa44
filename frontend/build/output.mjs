// Collects built files in memory, names them by content, writes them at once and keeps them within their size limits.
import { createHash } from "node:crypto";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { gzipSync } from "node:zlib";

const FOLDER = path.resolve(import.meta.dirname, "../../src/ismessenger/static");
const PAGE_LIMIT_BYTES = 200 * 1024;

export class Output {
  files = new Map();
  manifest = {};
  limits = [];

  /** Add `name` ("icons.svg") under a name that holds a hash of its content; returns that name. */
  addHashed(name, content) {
    const { name: stem, ext } = path.parse(name);
    const hash = createHash("sha256").update(content).digest("hex").slice(0, 10);
    return this.add(`${stem}-${hash}${ext}`, content, name);
  }

  /** Add a file whose final name is known; `name` is what templates ask for. */
  add(file, content, name = file) {
    this.files.set(file, content);
    this.manifest[name] = file;
    return file;
  }

  /** Bytes on the wire: woff2 is compressed already. */
  size(file) {
    const content = this.files.get(file);
    return file.endsWith(".woff2") ? content.length : gzipSync(content, { level: 9 }).length;
  }

  /** Fail the build if `file` is larger than `bytes` on the wire. */
  limit(file, bytes) {
    this.limits.push([file, bytes]);
  }

  async write() {
    this.files.set("manifest.json", `${JSON.stringify(this.manifest, null, 2)}\n`);
    await mkdir(FOLDER, { recursive: true });
    for (const [file, content] of this.files) await writeFile(path.join(FOLDER, file), content);
    for (const old of await readdir(FOLDER)) {
      if (!this.files.has(old) && !old.startsWith(".")) await rm(path.join(FOLDER, old), { recursive: true });
    }
  }

  report() {
    for (const file of [...this.files.keys()].sort()) console.log(`${kilobytes(this.size(file)).padStart(9)}  ${file}`);
    const page = ["boot.js", "app.js", "app.css", "icons.svg", "inter-latin.woff2"].map((name) => this.manifest[name]);
    const total = page.reduce((sum, file) => sum + this.size(file), 0);
    console.log(`${kilobytes(total).padStart(9)}  what a page loads, of ${kilobytes(PAGE_LIMIT_BYTES)} allowed`);
    const over = this.limits.filter(([file, bytes]) => this.size(file) > bytes).map(([file, bytes]) => `${file} is over ${kilobytes(bytes)}`);
    if (total > PAGE_LIMIT_BYTES) over.push("what a page loads is too large");
    if (over.length > 0) throw new Error(over.join("; "));
  }
}

function kilobytes(bytes) {
  return `${(bytes / 1024).toFixed(1)} KB`;
}
