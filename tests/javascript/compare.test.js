// The pure functions of the comparison. $CHATVIZ_MODULE names another copy of the module to test.

import assert from "node:assert/strict";
import { test } from "node:test";

const module = process.env.CHATVIZ_MODULE ?? "../../chatviz/views/static/compare.js";
const { cutAt, openSide, placesOf, readNumbers, showText, splitText, upTo } = await import(module);

const ALPHABET = Array.from({ length: 95 }, (_, n) => String.fromCharCode(0x20 + n)).filter((c) => !'"\\<'.includes(c));
const write = (numbers) => numbers.map((n) => ALPHABET[n]).join("");

// "He" with chunk 1 at 0.2 ms, "llo" with chunk 4 at 0.5 ms.
const side = openSide({ chunks: write([1, 3]), lengths: write([2, 3]), text: "Hello", ticks: write([4, 6]) });

test("a side is opened into ends, chunks and times", () => {
  assert.deepEqual(side, { text: "Hello", ends: [2, 5], chunks: [1, 4], times: [0.0002, 0.0005] });
  assert.equal(openSide(null), null);
  assert.equal(openSide({ chunks: "", lengths: "", text: "" }).times, undefined);
});

test("numbers and places are found as in the inspector", () => {
  assert.deepEqual(readNumbers(ALPHABET[46] + ALPHABET[1] + ALPHABET[7]), [46, 7]);
  assert.deepEqual([0, 2, 9].map((limit) => upTo([1, 2, 2], limit)), [0, 3, 3]);
  assert.equal(placesOf(side, "chunk"), side.chunks);
});

test("how much had come follows the axis", () => {
  assert.deepEqual([0, 1.9, 9].map((at) => cutAt(side, "content", at)), [0, 1, 5]);
  assert.deepEqual([0, 1, 3, 4].map((at) => cutAt(side, "chunk", at)), [0, 2, 2, 5]);
  assert.deepEqual([0.0001, 0.0002, 1].map((at) => cutAt(side, "time", at)), [0, 2, 5]);
});

test("what is the same stands apart from what is not", () => {
  assert.deepEqual(splitText(side, 4, 3), { skipped: 0, same: "Hel", other: "l", rest: 1 });
  assert.deepEqual(splitText(side, 2, 3), { skipped: 0, same: "He", other: "", rest: 3 });
  assert.deepEqual(splitText(side, 5, null), { skipped: 0, same: "Hello", other: "", rest: 0 });
  assert.deepEqual(splitText(side, 5, 1, 2), { skipped: 3, same: "", other: "lo", rest: 0 });
});

test("what hides in text is shown", () => {
  assert.equal(showText("a\u0007\u202e"), "a\\u0007\\u202e");
});
