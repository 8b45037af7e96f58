// The lanes of the timeline.

import assert from "node:assert/strict";
import { test } from "node:test";
import { makeFilm, makeRun } from "./columns.js";
import { load } from "./load.js";

const { binLane, makeLanes } = await load("views/js/timeline/lanes.js");

test("each kind of thing has its lane, in a fixed order", () => {
  const lanes = makeLanes(makeFilm());
  assert.deepEqual(
    lanes.map((lane) => lane.key),
    ["keep-alive", "role, empty", "text", "call 0", "▼ finish ◆ usage ✕ error"],
  );
  const [alive, silent, text, call, ends] = lanes;
  assert.deepEqual([...alive.at], [-0.5, 11.5]);
  assert.deepEqual([...silent.at], [0, 12]);
  assert.deepEqual(
    [[...text.at], [...text.sizes]],
    [
      [1, 10, 13, 22],
      [2, 3, 2, 3],
    ],
  );
  assert.equal(call.label, "call 0: add");
  assert.deepEqual(ends.marks[0], [10, "▼"]);
});

test("a tool that could run before the last chunk has a mark, and a line to it", () => {
  const film = makeFilm();
  const [{ calls, count, first }] = film.runs.filter((run) => run.calls.length);
  const marksOf = (startable) => {
    calls[0].startable = startable;
    return makeLanes(film).find((lane) => lane.label === "▶ tool could run")?.marks;
  };
  assert.deepEqual(marksOf(count - 2), [[first + count - 2, "▶", first + count - 1]]);
  assert.equal(marksOf(count - 1), undefined);
  assert.equal(marksOf(undefined), undefined);
});

test("bars of one pixel are summed, and what is not visible costs nothing", () => {
  const axis = { mode: "chunk", x: Float64Array.from({ length: 100 }, (_, n) => n + 0.5) };
  const lane = {
    at: Float64Array.from({ length: 100 }, (_, n) => n),
    sizes: new Float64Array(100).fill(2),
  };
  const whole = binLane(lane, axis, { a: 0, b: 100 }, (x) => x / 10);
  assert.equal(whole.xs.length, 11);
  assert.equal(
    whole.sizes.reduce((a, b) => a + b),
    200,
  );
  assert.ok(binLane(lane, axis, { a: 40, b: 45 }, (x) => x * 10).xs.length <= 8);
});

test("a call of another choice has a lane of its own", () => {
  const [said, call] = makeRun().parts;
  const run = makeRun({ parts: [said, call, { ...call, choice: 1 }] });
  const labels = makeLanes(makeFilm([run])).map((lane) => lane.label);
  assert.deepEqual(
    labels.filter((label) => label.includes("call")),
    ["call 0: add", "choice 1: call 0: add"],
  );
});
