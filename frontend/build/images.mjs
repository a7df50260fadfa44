// Pictures that are used as they are.
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";

const FOLDER = path.resolve(import.meta.dirname, "../images");

export async function images(output) {
  for (const name of await readdir(FOLDER)) output.addHashed(name, await readFile(path.join(FOLDER, name)));
}
