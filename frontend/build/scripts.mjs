// Bundles TypeScript: app.js as modules with lazily loaded parts, boot.js to run before the first paint, the service worker.
import { readFile } from "node:fs/promises";
import path from "node:path";
import esbuild from "esbuild";

const FRONTEND = path.resolve(import.meta.dirname, "..");
const SHARED = { absWorkingDir: FRONTEND, bundle: true, minify: true, write: false, target: "es2022", legalComments: "none", outdir: "out", metafile: true };
const COMPONENT_GROUP = 2; // hair and skin parts that mean nothing on their own
const NEWEST_EMOJI = 15;

export async function scripts(output) {
  const names = { entryNames: "[name]-[hash]", chunkNames: "[name]-[hash]" };
  // Its address stays the same: a browser asks there for a newer one.
  const worker = { ...SHARED, entryNames: "service-worker", entryPoints: ["src/notifications/worker.ts"], format: "iife" };
  const [app, boot, shown] = await Promise.all([
    esbuild.build({ ...SHARED, ...names, entryPoints: ["src/app.ts"], format: "esm", splitting: true, plugins: [emojiList] }),
    esbuild.build({ ...SHARED, ...names, entryPoints: ["src/boot.ts"], format: "iife" }),
    esbuild.build(worker),
  ]);
  for (const built of [app, boot]) add(output, built);
  output.add("service-worker.js", shown.outputFiles[0].contents);
}

function add(output, built) {
  for (const file of built.outputFiles) {
    const name = path.basename(file.path);
    const entry = Object.entries(built.metafile.outputs).find(([out]) => path.basename(out) === name)?.[1].entryPoint;
    output.add(name, file.contents, entry?.startsWith("src/") ? `${path.parse(entry).name}.js` : name);
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
