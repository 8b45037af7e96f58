// What the workbench lists.

import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./load.js";

const { sayCell, sayProgress } = await load("widgets/js/listing.js");
const { nextOrder } = await load("views/js/listing/ordering.js");

test("progress is told until all is read, with what cannot be, and with the memory", () => {
  const say = (read, bad, memory_mb) => sayProgress({ files: 3000, read, bad, memory_mb });
  assert.equal(say(2, 0, 120), "Reading 2 of 3,000 recordings … · Python holds 120 MB");
  assert.equal(say(3000, 1, null), "3,000 recordings · 1 that cannot be read");
  const cut = { files: 10000, read: 10000, bad: 0, memory_mb: null, is_cut: true };
  assert.equal(sayProgress(cut), "10,000 recordings · no more of the folder are listed");
  assert.equal(sayProgress({ files: 1, read: 1, bad: 0, memory_mb: null }), "1 recording");
});

test("a cell shows what is known, numbers as they are", () => {
  assert.deepEqual([null, 0, 12345, 0.000242, true, "<b>"].map(sayCell), [
    "",
    "0",
    "12345",
    "0.000242",
    "true",
    "<b>",
  ]);
});

test("a click on a column sorts up, then down, then as it came", () => {
  let order = { sort: "", descending: false };
  const seen = [];
  for (const column of ["n", "n", "n", "m"]) seen.push((order = nextOrder(order, column)));
  assert.deepEqual(seen, [
    { sort: "n", descending: false },
    { sort: "n", descending: true },
    { sort: "", descending: false },
    { sort: "m", descending: false },
  ]);
});
