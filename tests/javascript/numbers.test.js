// Numbers: columns, sorted values and steps.

import assert from "node:assert/strict";
import { test } from "node:test";
import { write, writeSteps } from "./columns.js";
import { load } from "./load.js";

const { niceStep, readNumbers, readSteps, upTo } = await load("views/js/numbers.js");

test("numbers of any size are read as they were written", () => {
  const numbers = [0, 1, 45, 46, 91, 92, 2115, 2116, 97336, 4e9, 2 ** 50];
  assert.deepEqual(readNumbers(write(numbers)), numbers);
  assert.deepEqual(readSteps(writeSteps(numbers)), numbers);
});

test("steps that fall are read as they were written", () => {
  const numbers = [300, 299, 305, 0, 7, 7];
  assert.deepEqual(readSteps(writeSteps(numbers, true), true), numbers);
});

test("upTo counts the values that are not above a limit", () => {
  assert.deepEqual(
    [-1, 1, 2, 3, 9].map((limit) => upTo([1, 2, 2, 4], limit)),
    [0, 1, 3, 3, 4],
  );
});

test("steps of an axis are 1, 2 or 5 times a power of ten", () => {
  assert.deepEqual([0.3, 1, 1.5, 3, 7, 20].map(niceStep), [0.5, 1, 2, 5, 10, 20]);
});
