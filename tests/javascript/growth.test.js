// Answers that grow.

import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./load.js";

const { growRuns } = await load("views/js/film/growth.js");

const view = (numbers) => {
  const bytes = new Uint8Array(numbers.buffer),
    odd = new Uint8Array(bytes.length + 1);
  odd.set(bytes, 1);
  return new DataView(odd.buffer, 1);
};

/** Two chunks behind a comment, then what came with the next batch. */
function growTwice() {
  const runs = [];
  const first = [
    new Uint8Array([2, 0, 0]),
    new Float64Array([0, 4, 10]),
    new Float64Array([1, 2, 3]),
    new Uint8Array(20).fill(65),
    new Uint32Array([0, 1]),
    new Uint32Array([2, 3]),
  ].map(view);
  growRuns(runs, [
    [
      {
        index: 0,
        kinds: 0,
        starts: 1,
        times: 2,
        bytes: 3,
        end: 19,
        until: null,
        parts: [{ kind: "text", choice: 0, goes_on: false, chunks: 4, lengths: 5, text: "Hello" }],
      },
      (n) => first[n],
    ],
  ]);
  const second = [
    new Uint8Array([0, 1]),
    new Float64Array([20, 30]),
    new Float64Array([4, 5]),
    new Uint8Array(15).fill(66),
    new Uint32Array([2]),
    new Uint32Array([1]),
  ].map(view);
  growRuns(runs, [
    [
      {
        index: 0,
        kinds: 0,
        starts: 1,
        times: 2,
        bytes: 3,
        end: 35,
        until: 20,
        parts: [{ kind: "text", choice: 0, goes_on: true, chunks: 4, lengths: 5, text: "!" }],
      },
      (n) => second[n],
    ],
  ]);
  return runs;
}

test("events, times, bytes and text go on where they were", () => {
  const [run] = growTwice();
  assert.deepEqual(
    [run.count, run.begins, run.ends, run.comments, run.times],
    [3, [4, 10, 20], [10, 20, 30], [0], [2, 3, 4]],
  );
  assert.deepEqual(
    [run.parts[0].text, run.parts[0].chunks, run.parts[0].ends],
    ["Hello!", [0, 1, 2], [2, 5, 6]],
  );
  assert.deepEqual([run.size, run.body[19], run.body[20], run.body[34]], [35, 65, 66, 66]);
  assert.deepEqual([...run.speaking], [1, 1, 1]);
});

test("times that are told of some chunks only are none", () => {
  const runs = growTwice(),
    [run] = runs;
  const buffers = [new Uint8Array([0]), new Float64Array([35])].map(view);
  growRuns(runs, [[{ index: 0, kinds: 0, starts: 1, end: 40 }, (n) => buffers[n]]]);
  assert.deepEqual([run.count, run.times], [4, null]);
});

test("an answer begins when it is first told of, and news of it are news", () => {
  const runs = [],
    none = () => undefined;
  assert.equal(growRuns(runs, [[{ index: 0, place: "step 1" }, none]]), true);
  assert.equal(growRuns(runs, [[{ index: 0, tools: [] }, none]]), false);
  assert.equal(
    growRuns(runs, [
      [{ index: 0, tools: [] }, none],
      [{ index: 1, place: "step 2" }, none],
    ]),
    true,
  );
  assert.deepEqual(
    runs.map((run) => run.place),
    ["step 1", "step 2"],
  );
});
