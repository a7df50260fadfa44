// Bundles the tests and runs them with node's own runner: `npm test`.
import { spawnSync } from "node:child_process";
import { readdir, rm } from "node:fs/promises";
import path from "node:path";
import esbuild from "esbuild";

const HERE = import.meta.dirname;
const OUT = path.join(HERE, "../node_modules/.cache/tests");

const tests = (await readdir(HERE)).filter((name) => name.endsWith(".test.ts")).map((name) => path.join(HERE, name));
await rm(OUT, { recursive: true, force: true });
const built = await esbuild.build({ entryPoints: tests, bundle: true, platform: "node", format: "esm", outdir: OUT, outExtension: { ".js": ".mjs" }, metafile: true });
const files = Object.keys(built.metafile.outputs).map((file) => path.resolve(file));
process.exitCode = spawnSync(process.execPath, ["--test", ...files], { stdio: "inherit", env: { ...process.env, TZ: "UTC" } }).status ?? 1;
