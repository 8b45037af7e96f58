// The axis, and what is seen of it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { makeFilm, makeRun } from "./columns.js";
import { load } from "./load.js";

const { layAxis, moveView, zoomView } = await load("views/js/film/axis.js");

test("axes never run backwards, and answers stand apart", () => {
  const film = makeFilm();
  for (const mode of ["chunk", "time", "bytes"]) {
    const { x, spans, start, end } = layAxis(film, mode);
    assert.ok(
      x.every((value, n) => n === 0 || value >= x[n - 1]),
      mode,
    );
    assert.ok(spans[1].from > spans[0].to && start <= x[0] && x.at(-1) <= end, mode);
  }
});

test("tools that ran have their time behind their answer, at least as wide as a gap", () => {
  const tools = [
    [0, "add", "returned", 0, 0.5],
    [1, "multiply", "returned", 0.1, 3],
  ];
  const film = makeFilm([makeRun({ tools }), makeRun({ tools: [[0, "add", "running", 0, null]] })]);
  const [first, last] = layAxis(film, "time").spans;
  assert.ok(Math.abs(first.next - first.to - 3.1) < 1e-9);
  assert.ok(last.next > last.to);
  assert.equal(layAxis(makeFilm(), "time").spans[1].next, layAxis(makeFilm(), "time").spans[1].to);
});

test("a view zooms around a place and stays inside the axis", () => {
  const axis = { start: 0, end: 100 };
  assert.deepEqual(zoomView(axis, { a: 0, b: 100 }, 0.5, 50), { a: 25, b: 75 });
  assert.deepEqual(zoomView(axis, { a: 0, b: 100 }, 0.5, 0), { a: 0, b: 50 });
  assert.deepEqual(zoomView(axis, { a: 90, b: 100 }, 4, 100), { a: 60, b: 100 });
  assert.deepEqual(zoomView(axis, { a: 25, b: 75 }, 9, 50), { a: 0, b: 100 });
  assert.deepEqual(zoomView(axis, { a: 25, b: 75 }, Infinity, 50), { a: 0, b: 100 });
  assert.deepEqual(moveView(axis, { a: 25, b: 75 }, 99), { a: 50, b: 100 });
});
