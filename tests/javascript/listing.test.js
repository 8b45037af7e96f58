// What the workbench lists.

import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./load.js";

const { filterList, sayCell, sayProgress } = await load("widgets/js/listing.js");
const { nextOrder } = await load("views/js/listing/ordering.js");

const LISTING = [
  ["a/Kimi one.yaml", "read", "1 conversation"],
  ["b/kimi.yaml", "unreadable", "why"],
  ["c.yaml", "waiting", ""],
];

test("a filter asks for every word, and keeps the places", () => {
  assert.deepEqual(
    filterList(LISTING, " KIMI ").map(({ number }) => number),
    [0, 1],
  );
  assert.deepEqual(
    filterList(LISTING, "one kimi").map(({ name }) => name),
    ["a/Kimi one.yaml"],
  );
  assert.equal(filterList(LISTING, "").length, 3);
  assert.deepEqual(filterList(LISTING, "("), []);
});

test("progress is told until all is read", () => {
  assert.equal(sayProgress(LISTING), "Reading 2 of 3 …");
  assert.equal(sayProgress(LISTING.slice(0, 2)), "");
  assert.equal(sayProgress([]), "");
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
