// What a chunk said, and the next of a kind.

import assert from "node:assert/strict";
import { test } from "node:test";
import { makeUsage, makeFilm, makeRun, writeSteps } from "./columns.js";
import { load } from "./load.js";

const { findNext, partAt, saidBy } = await load("views/js/said.js");

test("the next thing is found in both directions, and null where there is none", () => {
  const film = makeFilm();
  assert.deepEqual(
    [findNext(film, 0, "call"), findNext(film, 2, "call"), findNext(film, 14, "call")],
    [2, 14, null],
  );
  assert.deepEqual(
    [findNext(film, 14, "call", false), findNext(film, 0, "finding"), findNext(film, 7, "finding")],
    [2, 7, null],
  );
  assert.deepEqual(
    [findNext(film, 3, "part"), findNext(film, 1, "part"), findNext(film, 10, "part", false)],
    [4, 10, 1],
  );
});

test("the part that a chunk grew is told, else the one before", () => {
  const run = makeFilm().runs[0];
  assert.deepEqual(
    [0, 1, 5, 10, 11].map((chunk) => partAt(run, chunk)?.kind),
    [undefined, "text", "call", "text", "text"],
  );
});

test("a chunk says its pieces, its finish, its usage, or that it is empty or not read", () => {
  const run = makeFilm([
    makeRun({ unread: writeSteps([0]), usage: [makeUsage(11, { output: null })] }),
  ]).runs[0];
  assert.deepEqual(saidBy(run, 0), [["not read", ""]]);
  assert.deepEqual(saidBy(run, 4), [["call add", ", "]]);
  assert.deepEqual(saidBy(run, 10), [
    ["text", "llo"],
    ["finish", "stop"],
  ]);
  assert.deepEqual(saidBy(run, 11), [["usage", "9 in, ? out"]]);
  assert.deepEqual(saidBy(makeFilm().runs[0], 0), [["role only, or empty", ""]]);
});
