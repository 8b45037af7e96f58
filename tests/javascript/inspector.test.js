// The pure functions of the inspector. $CHATVIZ_MODULE names another copy of the module to test.

import assert from "node:assert/strict";
import { test } from "node:test";

const module = process.env.CHATVIZ_MODULE ?? "../../chatviz/views/static/inspector.js";
const {
  binLane, callAt, changedLines, eventData, findNext, jsonLines, layAxis, layTimes, locate, makeLanes, moveView, niceStep, openFilm,
  partAt, pathName, pathState, readNumbers, readSteps, saidBy, showText, textAt, treeRows, upTo, zoomView,
} = await import(module);

// ---- columns as Python writes them

const ALPHABET = Array.from({ length: 95 }, (_, n) => String.fromCharCode(0x20 + n)).filter((c) => !'"\\<'.includes(c));

const writeNumber = (n) => (n < 46 ? ALPHABET[n] : ALPHABET[46 + (n % 46)] + writeNumber(Math.floor(n / 46)));
const write = (numbers) => numbers.map(writeNumber).join("");
const writeSteps = (numbers, signed) =>
  write(numbers.map((n, i) => n - (numbers[i - 1] ?? 0)).map((n) => (!signed ? n : n < 0 ? -2 * n - 1 : 2 * n)));

function makePart(kind, chunks, texts, more = {}) {
  return { kind, choice: 0, chunks: writeSteps(chunks), lengths: write(texts.map((text) => text.length)), text: texts.join(""), ...more };
}

// {"a": [1, {"b": "x"}]} with the marks that Python's scanner makes of it.
const TEXTS = ['{"a"', ": [1", ", ", '{"b":', ' "x', '"}]', "", "}"];
const CALL = makePart("call", [2, 3, 4, 5, 6, 7, 8, 9], TEXTS, {
  position: 0, name: "add", id: "call_1", from: 2, streamed: true, runnable: 7, fault: null,
  check: { wrong: [[4, "$.a[1].b", "wrong type", "'x' is not of type 'integer'"]], notes: [] },
  marks: {
    starts: writeSteps([0, 6, 7, 10, 16]), lengths: write([22, 15, 1, 10, 3]), parents: write([1, 1, 1, 2, 1]),
    steps: write([0, 5, 0, 1, 5]), kinds: "01302",
  },
});


function makeRun(more = {}) {
  return {
    place: "step 1", asked: [], followed: [], sum: null, provider: "P", model: "m", status: 200, ending: "stop", sent: "stop", error: null, clock: "measured", step_s: null,
    headers_s: 0.1, headers_by: "measured", first_chunk_s: 0.2, first_token_s: 0.3, duration_s: 1, framing: "sse",
    events: {
      kinds: write([2, 1, 0, 12, 1, 1]), sizes: writeSteps([5, ...Array(12).fill(10), 14], true),
      times: writeSteps([1, ...Array.from({ length: 12 }, (_, n) => 2 + n), 14], true), unit_s: 0.1,
    },
    parts: [makePart("text", [1, 10], ["He", "llo"]), CALL], usage: [[11, 9, 4, null, null, 13, "0.1"]], finish: [[10, "stop"]], errors: [],
    unread: write([]), findings: [["info", "role_repeated", "The role …", 0, 11, 12], ["warning", "odd", "Odd.", 7, 7, 1]], ...more,
  };
}

function makeFilm(runs = [makeRun(), makeRun({ place: "step 2", findings: [] })]) {
  return openFilm({ runs, talks: [{ findings: [] }], left_out: [] });
}

// ---- columns

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
  assert.deepEqual([-1, 1, 2, 3, 9].map((limit) => upTo([1, 2, 2, 4], limit)), [0, 1, 3, 3, 4]);
});

// ---- the film

test("chunks are events of data; comments stand before the chunk that follows", () => {
  const run = makeFilm().runs[0];
  assert.equal(run.count, 12);
  assert.deepEqual(run.comments, [0]);
  assert.deepEqual([run.begins[0], run.ends[0], run.ends[11]], [5, 15, 125]);
  assert.ok(Math.abs(run.times[0] - 0.2) < 1e-9);
});

test("a chunk of the film is found in its answer, also behind an answer without chunks", () => {
  const empty = makeRun({ events: { kinds: "", sizes: "" }, parts: [], usage: [], finish: [], findings: [] });
  const film = makeFilm([makeRun(), empty, makeRun()]);
  assert.equal(film.count, 24);
  assert.deepEqual([0, 11, 12, 23].map((at) => [locate(film, at).index, locate(film, at).chunk]), [[0, 0], [0, 11], [2, 0], [2, 11]]);
  const last = makeFilm([makeRun(), empty]);
  assert.equal(locate(last, 11).index, 0);
});

test("an answer without times takes the time axis from all", () => {
  const { times, ...events } = makeRun().events;
  assert.equal(makeFilm([makeRun(), makeRun({ events })]).hasTimes, false);
  assert.equal(makeFilm().hasTimes, true);
});

test("axes never run backwards, and answers stand apart", () => {
  const film = makeFilm();
  for (const mode of ["chunk", "time", "bytes"]) {
    const { x, spans, start, end } = layAxis(film, mode);
    assert.ok(x.every((value, n) => n === 0 || value >= x[n - 1]), mode);
    assert.ok(spans[1].from > spans[0].to && start <= x[0] && x.at(-1) <= end, mode);
  }
});

test("tools that ran have their time behind their answer, at least as wide as a gap", () => {
  const tools = [[0, "add", "returned", 0, 0.5], [1, "multiply", "returned", 0.1, 3]];
  const film = makeFilm([makeRun({ tools }), makeRun({ tools: [[0, "add", "running", 0, null]] })]);
  const [first, last] = layAxis(film, "time").spans;
  assert.ok(Math.abs(first.next - first.to - 3.1) < 1e-9);
  assert.ok(last.next > last.to);
  assert.equal(layAxis(makeFilm(), "time").spans[1].next, layAxis(makeFilm(), "time").spans[1].to);
});

test("answers are played one behind the other", () => {
  const times = layTimes(makeFilm());
  assert.ok(Math.abs(times[11] - 1.3) < 1e-9 && Math.abs(times[12] - 1.5) < 1e-9);
});

test("the next thing is found in both directions, and null where there is none", () => {
  const film = makeFilm();
  assert.deepEqual([findNext(film, 0, "call"), findNext(film, 2, "call"), findNext(film, 14, "call")], [2, 14, null]);
  assert.deepEqual([findNext(film, 14, "call", false), findNext(film, 0, "finding"), findNext(film, 7, "finding")], [2, 7, null]);
  assert.deepEqual([findNext(film, 3, "part"), findNext(film, 1, "part"), findNext(film, 10, "part", false)], [4, 10, 1]);
});

test("the part that a chunk grew is told, else the one before", () => {
  const run = makeFilm().runs[0];
  assert.deepEqual([0, 1, 5, 10, 11].map((chunk) => partAt(run, chunk)?.kind), [undefined, "text", "call", "text", "text"]);
});

test("text at a chunk is what had come, its newest piece apart", () => {
  const part = makeFilm().runs[0].parts[0];
  assert.deepEqual(textAt(part, 0, 99), { count: 0, skipped: 0, old: "", fresh: "", missing: 0 });
  assert.deepEqual(textAt(part, 10, 99), { count: 2, skipped: 0, old: "He", fresh: "llo", missing: 0 });
  assert.deepEqual(textAt(part, 11, 99), { count: 2, skipped: 0, old: "Hello", fresh: "", missing: 0 });
  assert.deepEqual(textAt(part, 11, 2), { count: 2, skipped: 3, old: "lo", fresh: "", missing: 0 });
  assert.equal(textAt({ ...part, text: "Hel" }, 11, 99).missing, 2);
});

test("a chunk says its pieces, its finish, its usage, or that it is empty or not read", () => {
  const run = makeFilm([makeRun({ unread: writeSteps([0]), usage: [[11, 9, null]] })]).runs[0];
  assert.deepEqual(saidBy(run, 0), [["not read", ""]]);
  assert.deepEqual(saidBy(run, 4), [["call add", ", "]]);
  assert.deepEqual(saidBy(run, 10), [["text", "llo"], ["finish", "stop"]]);
  assert.deepEqual(saidBy(run, 11), [["usage", "9 in, ? out"]]);
  assert.deepEqual(saidBy(makeFilm().runs[0], 0), [["role only, or empty", ""]]);
});

// ---- arguments

const statesAfter = (chunk) => {
  const call = makeFilm().runs[0].calls[0];
  const state = callAt(call, chunk);
  return call.starts.map((_, index) => pathState(call, index, state)[0]).join("");
};

test("each path is absent, open, then complete", () => {
  assert.deepEqual([1, 2, 3, 4, 5, 6, 7, 8, 9].map(statesAfter), ["aaaaa", "oaaaa", "oooaa", "oocaa", "oocoa", "oocoo", "occcc", "occcc", "ccccc"]);
});

test("a number is complete only when something follows it, or nothing can", () => {
  const call = { starts: [0], stops: [2], kinds: "3" };
  assert.equal(pathState(call, 0, { cut: 2, all: false }), "open");
  assert.equal(pathState(call, 0, { cut: 2, all: true }), "complete");
});

test("a call is runnable from its last needed fragment on", () => {
  const call = makeFilm().runs[0].calls[0];
  assert.deepEqual([1, 2, 8, 9].map((chunk) => callAt(call, chunk).begun), [false, true, true, true]);
  assert.deepEqual([8, 9, 99].map((chunk) => callAt(call, chunk).runnable), [false, true, true]);
  assert.equal(callAt({ ...call, runnable: null }, 99).runnable, false);
});

test("paths have the names that their keys spell", () => {
  const call = makeFilm().runs[0].calls[0];
  assert.deepEqual(call.starts.map((_, index) => pathName(call, index)), ["$", "a", "[0]", "[1]", "b"]);
  const escaped = { text: '{"\\u0061\\"": 1}', starts: [0, 12], steps: [0, 11], parents: [-1, 0], kinds: "03" };
  assert.equal(pathName(escaped, 1), 'a"');
  assert.equal(pathName({ ...escaped, text: '{"\\u0' }, 1), "…");
});

test("a wrong type shows as soon as the value begins", () => {
  const call = makeFilm().runs[0].calls[0];
  const wrongAfter = (chunk) => treeRows(call, callAt(call, chunk)).rows.map((row) => Number(row.wrong !== null)).join("");
  assert.deepEqual([5, 6, 9].map(wrongAfter), ["00000", "00001", "00001"]);
});

test("values grow, and a long tree shows what is around the newest", () => {
  const call = makeFilm().runs[0].calls[0];
  assert.deepEqual(treeRows(call, callAt(call, 6)).rows.map((row) => row.value), ['{"a": [1, {"b": "x', '[1, {"b": "x', "1", '{"b": "x', '"x']);
  const { rows, before, after } = treeRows(call, callAt(call, 9), 2);
  assert.deepEqual([rows.length, before, after], [2, 3, 0]);
});

// ---- raw chunks

test("the data of an event is what stands behind data:", () => {
  assert.equal(eventData("data: {\ndata:  1}\r\nid: 7\n\n", "sse"), "{\n 1}");
  assert.equal(eventData(' {"a": 1}\n', "json"), '{"a": 1}');
});

test("JSON is indented without a change to any literal", () => {
  const text = '{"a":{}, "b":[1.0,12345678901234567890,[ ],"x, {\\""],"b":null}';
  assert.deepEqual(jsonLines(text), ["{", '  "a": {},', '  "b": [', "    1.0,", "    12345678901234567890,", "    [ ],", '    "x, {\\""', "  ],", '  "b": null', "}"]);
  assert.deepEqual(jsonLines("7"), ["7"]);
  assert.deepEqual(jsonLines("{oops"), []);
});

test("lines that the chunk before does not have are marked; the first chunk has none before", () => {
  const lines = jsonLines('{"a":1,"b":2}');
  assert.deepEqual(changedLines(lines, jsonLines('{"a":1,"b":3}')), [false, false, true, false]);
  assert.deepEqual(changedLines(lines, jsonLines('{"b":2,"a":1}')), [false, false, false, false]);
  assert.deepEqual(changedLines(lines, []), [false, false, false, false]);
});

test("what hides in text is shown", () => {
  assert.equal(showText("a\u0000b\u202ec\ud800d\te\nf"), "a\\u0000b\\u202ec\ufffdd\te\nf");
});

// ---- the timeline

test("a view zooms around a place and stays inside the axis", () => {
  const axis = { start: 0, end: 100 };
  assert.deepEqual(zoomView(axis, { a: 0, b: 100 }, 0.5, 50), { a: 25, b: 75 });
  assert.deepEqual(zoomView(axis, { a: 0, b: 100 }, 0.5, 0), { a: 0, b: 50 });
  assert.deepEqual(zoomView(axis, { a: 90, b: 100 }, 4, 100), { a: 60, b: 100 });
  assert.deepEqual(zoomView(axis, { a: 25, b: 75 }, 9, 50), { a: 0, b: 100 });
  assert.deepEqual(moveView(axis, { a: 25, b: 75 }, 99), { a: 50, b: 100 });
});

test("steps of an axis are 1, 2 or 5 times a power of ten", () => {
  assert.deepEqual([0.3, 1, 1.5, 3, 7, 20].map(niceStep), [0.5, 1, 2, 5, 10, 20]);
});

test("each kind of thing has its lane, in a fixed order", () => {
  const lanes = makeLanes(makeFilm());
  assert.deepEqual(lanes.map((lane) => lane.key), ["alive", "silent", "text", "call0", "ends"]);
  const [alive, silent, text, call, ends] = lanes;
  assert.deepEqual([...alive.at], [-0.5, 11.5]);
  assert.deepEqual([...silent.at], [0, 12]);
  assert.deepEqual([[...text.at], [...text.sizes]], [[1, 10, 13, 22], [2, 3, 2, 3]]);
  assert.equal(call.label, "call 0: add");
  assert.deepEqual(ends.marks[0], [10, "▼"]);
});

test("bars of one pixel are summed, and what is not visible costs nothing", () => {
  const axis = { mode: "chunk", x: Float64Array.from({ length: 100 }, (_, n) => n + 0.5) };
  const lane = { at: Float64Array.from({ length: 100 }, (_, n) => n), sizes: new Float64Array(100).fill(2) };
  const whole = binLane(lane, axis, { a: 0, b: 100 }, (x) => x / 10);
  assert.equal(whole.xs.length, 11);
  assert.equal(whole.sizes.reduce((a, b) => a + b), 200);
  assert.ok(binLane(lane, axis, { a: 40, b: 45 }, (x) => x * 10).xs.length <= 8);
});
