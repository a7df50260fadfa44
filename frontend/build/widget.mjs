// The website chat widget: one classic script without a hash, because shops keep its address in their pages.
import path from "node:path";
import { existsSync } from "node:fs";
import esbuild from "esbuild";

const ENTRY = path.resolve(import.meta.dirname, "../widget/index.ts");
const LIMIT_BYTES = 25 * 1024;

export async function widget(output) {
  if (!existsSync(ENTRY)) return;
  const built = await esbuild.build({
    entryPoints: [ENTRY],
    bundle: true,
    minify: true,
    write: false,
    format: "iife",
    target: "es2019",
    legalComments: "none",
    loader: { ".css": "text", ".svg": "text" },
  });
  output.limit(output.add("widget.js", built.outputFiles[0].contents), LIMIT_BYTES);
}
