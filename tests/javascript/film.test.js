// The film: chunks of all answers in one row.

import assert from "node:assert/strict";
import { test } from "node:test";
import { makeFilm, makeRun } from "./columns.js";
import { load } from "./load.js";

const { locate } = await load("views/js/film/film.js");

test("chunks are events of data; comments stand before the chunk that follows", () => {
  const run = makeFilm().runs[0];
  assert.equal(run.count, 12);
  assert.deepEqual(run.comments, [0]);
  assert.deepEqual([run.begins[0], run.ends[0], run.ends[11]], [5, 15, 125]);
  assert.ok(Math.abs(run.times[0] - 0.2) < 1e-9);
});

test("a chunk of the film is found in its answer, also behind an answer without chunks", () => {
  const empty = makeRun({
    events: { kinds: "", sizes: "" },
    parts: [],
    usage: [],
    finish: [],
    findings: [],
  });
  const film = makeFilm([makeRun(), empty, makeRun()]);
  assert.equal(film.count, 24);
  assert.deepEqual(
    [0, 11, 12, 23].map((at) => [locate(film, at).index, locate(film, at).chunk]),
    [
      [0, 0],
      [0, 11],
      [2, 0],
      [2, 11],
    ],
  );
  const last = makeFilm([makeRun(), empty]);
  assert.equal(locate(last, 11).index, 0);
});

test("an answer without times takes the time axis from all", () => {
  const { times, ...events } = makeRun().events;
  assert.equal(makeFilm([makeRun(), makeRun({ events })]).hasTimes, false);
  assert.equal(makeFilm().hasTimes, true);
});
