import assert from "node:assert/strict";
import { test } from "node:test";
import examples from "../../tests/search/folding.json";
import { folded } from "../src/search/folded";

test("words are folded as the server folds them", () => {
  for (const [plain, spellings] of examples as [string, string][]) {
    for (const spelling of spellings.split(" ")) assert.equal(folded(spelling), plain, spelling);
  }
});
