// The pure functions of the live view. $CHATVIZ_MODULE names another copy of the module to test.

import assert from "node:assert/strict";
import { test } from "node:test";

const module = process.env.CHATVIZ_MODULE ?? "../../chatviz/widgets/static/live.js";
const { emptyTalk, growRuns, runMessage, showText, takeBatch, tellSums } = await import(module);
const inspector = await import("../../chatviz/views/static/inspector.js");

const pack = (entries, ...buffers) => [new TextEncoder().encode(JSON.stringify(entries)), ...buffers].map((bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
const FIRST = [["ask", 1], ["state", 1, "streaming", ""], ["count", 1, 7, 70]];

test("a batch that was taken is not taken again, and a gap is noticed", () => {
  const talk = emptyTalk();
  assert.equal(takeBatch(talk, 0, pack(FIRST)), true);
  assert.equal(takeBatch(talk, 2, pack([...FIRST.slice(2), ["count", 1, 8, 80]])), true);
  assert.deepEqual([talk.have, talk.chunks, talk.state], [4, 8, "streaming"]);
  assert.equal(takeBatch(talk, 9, pack([["count", 1, 99, 1]])), false);
  assert.deepEqual([talk.have, talk.chunks], [4, 8]);
});

test("what is told of an answer waits to be drawn, with its own buffers", () => {
  const talk = emptyTalk();
  takeBatch(talk, 0, pack([["run", 1, { index: 0, bytes: 1 }], ["run", 3, { index: 1, bytes: 0 }]], ...["aa", "b", "cc"].map((text) => new TextEncoder().encode(text))));
  const read = ([{ bytes }, bufferOf]) => new TextDecoder().decode(bufferOf(bytes));
  assert.deepEqual(talk.rows.map(read), ["b", "cc"]);
});

test("sums are those of all answers, and what is not known is not said", () => {
  const talk = emptyTalk();
  takeBatch(talk, 0, pack([["ask", 1], ["count", 1, 1000, 9], ["sums", 1, 1, null, null], ["ask", 1], ["count", 1, 5, 1]]));
  assert.equal(tellSums(talk), "1 answer · 1,005 chunks · 10 bytes");
  takeBatch(talk, talk.have, pack([["sums", 1, 2, 0, "0.00"]]));
  assert.match(tellSums(talk), /^2 answers .* · 0 tokens · 0.00 USD$/);
});

test("an entry that is not known is passed over, and words are kept", () => {
  const talk = emptyTalk();
  assert.equal(takeBatch(talk, 0, pack([["news", 1], ["state", 1, "failed", "gave up"], ["findings", 1, [["info"]]]])), true);
  assert.deepEqual([talk.state, talk.words, talk.findings], ["failed", "gave up", [["info"]]]);
});

// ---- an answer that grows

const view = (numbers) => {
  const bytes = new Uint8Array(numbers.buffer), odd = new Uint8Array(bytes.length + 1);
  odd.set(bytes, 1);
  return new DataView(odd.buffer, 1);
};

/** Two chunks behind a comment, then what came with the next batch. */
function growTwice() {
  const runs = [];
  const first = [new Uint8Array([2, 0, 0]), new Float64Array([0, 4, 10]), new Float64Array([1, 2, 3]), new Uint8Array(20).fill(65), new Uint32Array([0, 1]), new Uint32Array([2, 3])].map(view);
  growRuns(runs, [[{ index: 0, kinds: 0, starts: 1, times: 2, bytes: 3, end: 19, until: null, parts: [{ kind: "text", choice: 0, goes_on: false, chunks: 4, lengths: 5, text: "Hello" }] }, (n) => first[n]]], inspector);
  const second = [new Uint8Array([0, 1]), new Float64Array([20, 30]), new Float64Array([4, 5]), new Uint8Array(15).fill(66), new Uint32Array([2]), new Uint32Array([1])].map(view);
  growRuns(runs, [[{ index: 0, kinds: 0, starts: 1, times: 2, bytes: 3, end: 35, until: 20, parts: [{ kind: "text", choice: 0, goes_on: true, chunks: 4, lengths: 5, text: "!" }] }, (n) => second[n]]], inspector);
  return runs;
}

test("events, times, bytes and text go on where they were", () => {
  const [run] = growTwice();
  assert.deepEqual([run.count, run.begins, run.ends, run.comments, run.times], [3, [4, 10, 20], [10, 20, 30], [0], [2, 3, 4]]);
  assert.deepEqual([run.parts[0].text, run.parts[0].chunks, run.parts[0].ends], ["Hello!", [0, 1, 2], [2, 5, 6]]);
  assert.deepEqual([run.size, run.body[19], run.body[20], run.body[34]], [35, 65, 66, 66]);
  assert.deepEqual([...run.speaking], [1, 1, 1]);
});

test("times that are told of some chunks only are none", () => {
  const runs = growTwice(), [run] = runs;
  const buffers = [new Uint8Array([0]), new Float64Array([35])].map(view);
  growRuns(runs, [[{ index: 0, kinds: 0, starts: 1, end: 40 }, (n) => buffers[n]]], inspector);
  assert.deepEqual([run.count, run.times], [4, null]);
});

test("an answer begins when it is first told of, and news of it are news", () => {
  const runs = [], none = () => undefined;
  assert.equal(growRuns(runs, [[{ index: 0, place: "step 1" }, none]], inspector), true);
  assert.equal(growRuns(runs, [[{ index: 0, tools: [] }, none]], inspector), false);
  assert.equal(growRuns(runs, [[{ index: 0, tools: [] }, none], [{ index: 1, place: "step 2" }, none]], inspector), true);
  assert.deepEqual(runs.map((run) => run.place), ["step 1", "step 2"]);
});

test("the message of Run holds a limit only where there is one", () => {
  assert.deepEqual(["", "0", "12", "x"].map((limit) => runMessage("p", "s", "m", limit).max_tokens), [null, null, 12, null]);
});

test("what hides in text is shown", () => {
  assert.equal(showText("a\u0007\u202e"), "a\\u0007\\u202e");
});
