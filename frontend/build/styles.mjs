// Tailwind and daisyUI, minified, with the font faces in front.
import { readFile } from "node:fs/promises";
import path from "node:path";
import tailwind from "@tailwindcss/postcss";
import postcss from "postcss";

const ENTRY = path.resolve(import.meta.dirname, "../styles/app.css");

export async function styles(output, faces) {
  const result = await postcss([tailwind({ optimize: { minify: true } })]).process(await readFile(ENTRY, "utf8"), { from: ENTRY });
  for (const warning of result.warnings()) throw new Error(warning.toString());
  output.addHashed("app.css", `${faces}\n${result.css}`);
}
