// Tailwind and daisyUI, minified, with the font faces in front; the workflow builder's own sheet beside it.
import { readFile } from "node:fs/promises";
import path from "node:path";
import tailwind from "@tailwindcss/postcss";
import postcss from "postcss";

const FOLDER = path.resolve(import.meta.dirname, "../styles");

export async function styles(output, faces) {
  const [app, builder] = await Promise.all([sheet("app.css"), sheet("builder.css")]);
  output.addHashed("app.css", `${faces}\n${app}`);
  output.addHashed("builder.css", builder);
}

async function sheet(name) {
  const entry = path.join(FOLDER, name);
  const result = await postcss([tailwind({ optimize: { minify: true } })]).process(await readFile(entry, "utf8"), { from: entry });
  for (const warning of result.warnings()) throw new Error(warning.toString());
  return result.css;
}
