// Columns as Python writes them, for the tests: numbers, parts, answers and a film of them.

import { load } from "./load.js";

const { openFilm } = await load("views/js/film/film.js");

export const ALPHABET = Array.from({ length: 95 }, (_, n) => String.fromCharCode(0x20 + n)).filter(
  (c) => !'"\\<'.includes(c),
);

const writeNumber = (n) =>
  n < 46 ? ALPHABET[n] : ALPHABET[46 + (n % 46)] + writeNumber(Math.floor(n / 46));
export const write = (numbers) => numbers.map(writeNumber).join("");
export const writeSteps = (numbers, signed) =>
  write(
    numbers
      .map((n, i) => n - (numbers[i - 1] ?? 0))
      .map((n) => (!signed ? n : n < 0 ? -2 * n - 1 : 2 * n)),
  );

export function makePart(kind, chunks, texts, more = {}) {
  return {
    kind,
    choice: 0,
    chunks: writeSteps(chunks),
    lengths: write(texts.map((text) => text.length)),
    text: texts.join(""),
    ...more,
  };
}

// {"a": [1, {"b": "x"}]} with the marks that Python's scanner makes of it.
const TEXTS = ['{"a"', ": [1", ", ", '{"b":', ' "x', '"}]', "", "}"];
const CALL = makePart("call", [2, 3, 4, 5, 6, 7, 8, 9], TEXTS, {
  position: 0,
  name: "add",
  id: "call_1",
  from: 2,
  streamed: true,
  runnable: 7,
  fault: null,
  check: { wrong: [[4, "$.a[1].b", "wrong type", "'x' is not of type 'integer'"]], notes: [] },
  marks: {
    starts: writeSteps([0, 6, 7, 10, 16]),
    lengths: write([22, 15, 1, 10, 3]),
    parents: write([1, 1, 1, 2, 1]),
    steps: write([0, 5, 0, 1, 5]),
    kinds: "01302",
  },
});

export const makeUsage = (chunk, more) => ({
  chunk,
  input: 9,
  output: 4,
  cached: null,
  reasoning: null,
  total: 13,
  USD: "0.1",
  ...more,
});
export const makeFinding = (severity, message, chunk, last_chunk) => ({
  severity,
  code: "odd",
  message,
  chunk,
  last_chunk,
  count: 1,
});

export function makeRun(more = {}) {
  return {
    place: "step 1",
    is_read: true,
    asked: [],
    followed: [],
    sum: null,
    provider: "P",
    model: "m",
    status: 200,
    ending: "stop",
    sent: "stop",
    error: null,
    clock: "measured",
    step_s: null,
    headers_s: 0.1,
    headers_by: "measured",
    first_chunk_s: 0.2,
    first_token_s: 0.3,
    duration_s: 1,
    framing: "sse",
    events: {
      kinds: write([2, 1, 0, 12, 1, 1]),
      sizes: writeSteps([5, ...Array(12).fill(10), 14], true),
      times: writeSteps([1, ...Array.from({ length: 12 }, (_, n) => 2 + n), 14], true),
      unit_s: 0.1,
    },
    parts: [makePart("text", [1, 10], ["He", "llo"]), CALL],
    usage: [makeUsage(11)],
    finish: [[10, "stop"]],
    errors: [],
    unread: write([]),
    findings: [makeFinding("info", "The role …", 0, 11), makeFinding("warning", "Odd.", 7, 7)],
    ...more,
  };
}

export const makeData = (runs = [makeRun(), makeRun({ place: "step 2", findings: [] })]) => ({
  runs,
  talks: [{ findings: [] }],
  left_out: [],
});

export const makeFilm = (runs) => openFilm(makeData(runs));
