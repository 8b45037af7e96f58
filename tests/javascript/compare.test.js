// The comparison: one side of a part, and how far it had come.

import assert from "node:assert/strict";
import { test } from "node:test";
import { write } from "./columns.js";
import { load } from "./load.js";

const { cutAt, openSide, partOf, placesOf, splitText } = await load("views/js/panes/compare.js");

// "He" with chunk 1 at 0.2 ms, "llo" with chunk 4 at 0.5 ms.
const side = openSide({
  chunks: write([1, 3]),
  lengths: write([2, 3]),
  text: "Hello",
  ticks: write([4, 6]),
});

test("a side is opened into ends, chunks and times", () => {
  assert.deepEqual(side, {
    text: "Hello",
    ends: [2, 5],
    chunks: [1, 4],
    marks: [],
    times: [0.0002, 0.0005],
  });
  assert.equal(openSide(null), null);
  assert.equal(openSide({ chunks: "", lengths: "", text: "" }).times, undefined);
});

test("a part is named without its choice", () => {
  assert.deepEqual(["text", "choice 1: text", "choice 12: call 3: f"].map(partOf), [
    "text",
    "text",
    "call 3: f",
  ]);
  assert.equal(partOf("call 0: choice 1: f"), "call 0: choice 1: f");
});

test("places are those of the axis", () => {
  assert.deepEqual(
    ["content", "chunk", "time"].map((mode) => placesOf(side, mode)),
    [side.ends, side.chunks, side.times],
  );
});

test("how much had come follows the axis", () => {
  assert.deepEqual(
    [0, 1.9, 9].map((at) => cutAt(side, "content", at)),
    [0, 1, 5],
  );
  assert.deepEqual(
    [0, 1, 3, 4].map((at) => cutAt(side, "chunk", at)),
    [0, 2, 2, 5],
  );
  assert.deepEqual(
    [0.0001, 0.0002, 1].map((at) => cutAt(side, "time", at)),
    [0, 2, 5],
  );
});

test("words that are not the same are marked, by turns", () => {
  const marked = { ...side, marks: [1, 2, 3, 5] };
  const same = { skipped: 0, parts: ["H", "e", "l", "lo", ""], rest: 0 };
  assert.deepEqual(splitText(marked, 5), same);
  assert.deepEqual(splitText(marked, 4).parts, ["H", "e", "l", "l", ""]);
  assert.deepEqual(splitText(marked, 1), { skipped: 0, parts: ["H", "", "", "", ""], rest: 4 });
  assert.deepEqual(splitText(side, 5), { skipped: 0, parts: ["Hello"], rest: 0 });
  assert.deepEqual(splitText(marked, 5, 2), { skipped: 3, parts: ["", "", "", "lo", ""], rest: 0 });
});
