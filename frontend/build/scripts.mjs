// Bundles TypeScript: app.js as modules with lazily loaded parts, boot.js to run before the first paint, the service worker.
import { readFile } from "node:fs/promises";
import path from "node:path";
import esbuild from "esbuild";

const FRONTEND = path.resolve(import.meta.dirname, "..");
const SHARED = { absWorkingDir: FRONTEND, bundle: true, minify: true, write: false, target: "es2022", legalComments: "none", outdir: "out", metafile: true };
// Preact stands in for React. By file, so that packages which `require` it and those which `import` it get the same one.
const PREACT = path.join(FRONTEND, "node_modules/preact");
const AS_REACT = {
  react: path.join(PREACT, "compat/dist/compat.mjs"),
  "react-dom": path.join(PREACT, "compat/dist/compat.mjs"),
  "react/jsx-runtime": path.join(PREACT, "jsx-runtime/dist/jsxRuntime.mjs"),
};
const BUILDER_LIMIT_BYTES = 140 * 1024;
const COMPONENT_GROUP = 2; // hair and skin parts that mean nothing on their own
const NEWEST_EMOJI = 15;

export async function scripts(output) {
  const names = { entryNames: "[name]-[hash]", chunkNames: "[name]-[hash]" };
  // Its address stays the same: a browser asks there for a newer one.
  const worker = { ...SHARED, entryNames: "service-worker", entryPoints: ["src/notifications/worker.ts"], format: "iife" };
  const builder = { ...SHARED, ...names, entryPoints: { builder: "src/workflows/main.tsx" }, format: "esm", alias: AS_REACT, jsx: "automatic", jsxImportSource: "preact", splitting: true, plugins: [emojiList] };
  const [app, boot, built, shown] = await Promise.all([
    esbuild.build({ ...SHARED, ...names, entryPoints: ["src/app.ts"], format: "esm", splitting: true, plugins: [emojiList] }),
    esbuild.build({ ...SHARED, ...names, entryPoints: ["src/boot.ts"], format: "iife" }),
    esbuild.build(builder),
    esbuild.build(worker),
  ]);
  for (const each of [app, boot]) add(output, each);
  add(output, built, { "main.js": "builder.js" });
  output.limit(output.manifest["builder.js"], BUILDER_LIMIT_BYTES);
  output.add("service-worker.js", shown.outputFiles[0].contents);
}

function add(output, built, renamed = {}) {
  for (const file of built.outputFiles) {
    const name = path.basename(file.path);
    const entry = Object.entries(built.metafile.outputs).find(([out]) => path.basename(out) === name)?.[1].entryPoint;
    const asked = entry?.startsWith("src/") ? `${path.parse(entry).name}.js` : name;
    output.add(name, file.contents, renamed[asked] ?? asked);
  }
}

/** `import groups from "virtual:emoji"`: per group a list of [character, words to search]. */
const emojiList = {
  name: "emoji-list",
  setup(build) {
    build.onResolve({ filter: /^virtual:emoji$/ }, () => ({ path: "emoji", namespace: "emoji-list" }));
    build.onLoad({ filter: /.*/, namespace: "emoji-list" }, async () => ({ contents: JSON.stringify(await emojiGroups()), loader: "json" }));
  },
};

async function emojiGroups() {
  const all = JSON.parse(await readFile(path.join(FRONTEND, "node_modules/emojibase-data/en/data.json"), "utf8"));
  const groups = new Map();
  for (const { emoji, label, tags = [], group, order, version } of all.sort((a, b) => a.order - b.order)) {
    if (group === undefined || order === undefined || group === COMPONENT_GROUP || version > NEWEST_EMOJI) continue;
    const words = tags.filter((tag) => !label.includes(tag)).slice(0, 6);
    groups.set(group, [...(groups.get(group) ?? []), [emoji, [label, ...words].join(" ")]]);
  }
  return [...groups.values()];
}
