// One SVG sprite with the Lucide icons that are named in templates, TypeScript, web code and the gallery of workflows: icon("inbox"), icon="inbox", "icon": "inbox".
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";

const ROOT = path.resolve(import.meta.dirname, "../..");
const SOURCES = ["templates", "channels_adapters", "frontend/src", "src/ismessenger/web", "workflows", "integrations"];
const LUCIDE = path.resolve(import.meta.dirname, "../node_modules/lucide-static/icons");
const NAMED = /icon(?:_name|: ClassVar(?:\[str\])?)?["']?\s*[(:=]\s*["']([a-z0-9-]+)["']/g;

/** Adds icons.svg with a `<symbol>` per used icon; fails on a name that Lucide does not have. */
export async function icons(output) {
  const names = [...(await usedNames())].sort();
  const symbols = await Promise.all(names.map(symbol));
  output.addHashed("icons.svg", `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`);
}

async function usedNames() {
  const names = new Set();
  for (const folder of SOURCES) {
    for (const file of await textFiles(path.join(ROOT, folder))) {
      for (const [, name] of (await readFile(file, "utf8")).matchAll(NAMED)) names.add(name);
    }
  }
  return names;
}

async function textFiles(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile() && /\.(html|tsx?|py|json)$/.test(entry.name)).map((entry) => path.join(entry.parentPath, entry.name));
}

async function symbol(name) {
  const svg = await readFile(path.join(LUCIDE, `${name}.svg`), "utf8").catch(() => {
    throw new Error(`Lucide has no icon "${name}"`);
  });
  const shapes = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
  return `<symbol id="${name}" viewBox="0 0 24 24">${shapes.replace(/\s+/g, " ").trim()}</symbol>`;
}
