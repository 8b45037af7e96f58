// The growth of arguments.

import assert from "node:assert/strict";
import { test } from "node:test";
import { makeFilm } from "./columns.js";
import { load } from "./load.js";

const { callAt, openMarks, pathName, pathState, treeRows } = await load("views/js/arguments.js");

const makeCall = () => openMarks(makeFilm().runs[0].calls[0]);

const statesAfter = (chunk) => {
  const call = makeCall();
  const state = callAt(call, chunk);
  return call.starts.map((_, index) => pathState(call, index, state)[0]).join("");
};

test("each path is absent, open, then complete", () => {
  assert.deepEqual([1, 2, 3, 4, 5, 6, 7, 8, 9].map(statesAfter), [
    "aaaaa",
    "oaaaa",
    "oooaa",
    "oocaa",
    "oocoa",
    "oocoo",
    "occcc",
    "occcc",
    "ccccc",
  ]);
});

test("a number is complete only when something follows it, or nothing can", () => {
  const call = { starts: [0], stops: [2], kinds: "3" };
  assert.equal(pathState(call, 0, { cut: 2, all: false }), "open");
  assert.equal(pathState(call, 0, { cut: 2, all: true }), "complete");
});

test("a call is runnable from its last needed fragment on", () => {
  const call = makeCall();
  assert.deepEqual(
    [1, 2, 8, 9].map((chunk) => callAt(call, chunk).begun),
    [false, true, true, true],
  );
  assert.deepEqual(
    [8, 9, 99].map((chunk) => callAt(call, chunk).runnable),
    [false, true, true],
  );
  assert.equal(callAt({ ...call, runnable: null }, 99).runnable, false);
});

test("paths have the names that their keys spell", () => {
  const call = makeCall();
  assert.deepEqual(
    call.starts.map((_, index) => pathName(call, index)),
    ["$", "a", "[0]", "[1]", "b"],
  );
  const escaped = {
    text: '{"\\u0061\\"": 1}',
    starts: [0, 12],
    steps: [0, 11],
    parents: [-1, 0],
    kinds: "03",
  };
  assert.equal(pathName(escaped, 1), 'a"');
  assert.equal(pathName({ ...escaped, text: '{"\\u0' }, 1), "…");
});

test("a wrong type shows as soon as the value begins", () => {
  const call = makeCall();
  const wrongAfter = (chunk) =>
    treeRows(call, callAt(call, chunk))
      .rows.map((row) => Number(row.wrong !== null))
      .join("");
  assert.deepEqual([5, 6, 9].map(wrongAfter), ["00000", "00001", "00001"]);
});

test("values grow, and a long tree shows what is around the newest", () => {
  const call = makeCall();
  assert.deepEqual(
    treeRows(call, callAt(call, 6)).rows.map((row) => row.value),
    ['{"a": [1, {"b": "x', '[1, {"b": "x', "1", '{"b": "x', '"x'],
  );
  const { rows, before, after } = treeRows(call, callAt(call, 9), 2);
  assert.deepEqual([rows.length, before, after], [2, 3, 0]);
});
