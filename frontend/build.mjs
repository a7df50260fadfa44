// Builds every asset of the web interface into ../src/ismessenger/static: `npm run build`, or `npm run watch` while working.
import { watch } from "node:fs";
import { fonts } from "./build/fonts.mjs";
import { icons } from "./build/icons.mjs";
import { images } from "./build/images.mjs";
import { Output } from "./build/output.mjs";
import { scripts } from "./build/scripts.mjs";
import { sounds } from "./build/sounds.mjs";
import { styles } from "./build/styles.mjs";
import { widget } from "./build/widget.mjs";

const WATCHED = ["src", "styles", "images", "widget", "../templates"];

async function build() {
  const started = performance.now();
  const output = new Output();
  const faces = await fonts(output);
  await Promise.all([icons(output), images(output), sounds(output), scripts(output), styles(output, faces), widget(output)]);
  await output.write();
  output.report();
  console.log(`built in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

function watchSources() {
  let pending;
  const again = () => {
    clearTimeout(pending);
    pending = setTimeout(() => build().catch((error) => console.error(error.message)), 80);
  };
  for (const folder of WATCHED) {
    try {
      watch(folder, { recursive: true }, again);
    } catch (error) {
      if (error.code !== "ENOENT") throw error;
    }
  }
}

try {
  await build();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
if (process.argv.includes("--watch")) watchSources();
