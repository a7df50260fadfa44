// Inter as one variable file per script; a browser fetches only the scripts that a page uses.
import { readFile } from "node:fs/promises";
import path from "node:path";

const PACKAGE = path.resolve(import.meta.dirname, "../node_modules/@fontsource-variable/inter");
const FACE = /src: url\(\.\/files\/inter-([a-z-]+)-wght-normal\.woff2\)[^;]*;\s*unicode-range: ([^;]+);/g;

/** Adds the font files; returns the `@font-face` rules that name them. */
export async function fonts(output) {
  const css = await readFile(path.join(PACKAGE, "index.css"), "utf8");
  const faces = [];
  for (const [, script, range] of css.matchAll(FACE)) {
    const content = await readFile(path.join(PACKAGE, `files/inter-${script}-wght-normal.woff2`));
    faces.push(face(output.addHashed(`inter-${script}.woff2`, content), range));
  }
  if (faces.length === 0) throw new Error("the Inter package has another layout than expected: no font face found");
  return faces.join("\n");
}

function face(file, range) {
  // Optional: a font that comes late is for the next page, and nothing on this one moves.
  return `@font-face{font-family:"Inter Variable";font-weight:100 900;font-display:optional;src:url(${file}) format("woff2");unicode-range:${range}}`;
}
