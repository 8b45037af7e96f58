// The talk: batches, sums and messages.

import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./load.js";

const { emptyTalk, runMessage, saySums, takeBatch } = await load("widgets/js/talk.js");

const pack = (entries, ...buffers) =>
  [new TextEncoder().encode(JSON.stringify(entries)), ...buffers].map(
    (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  );
const FIRST = [
  ["ask", 1],
  ["state", 1, "streaming", ""],
  ["count", 1, 7, 70],
];

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
  takeBatch(
    talk,
    0,
    pack(
      [
        ["run", 1, { index: 0, bytes: 1 }],
        ["run", 3, { index: 1, bytes: 0 }],
      ],
      ...["aa", "b", "cc"].map((text) => new TextEncoder().encode(text)),
    ),
  );
  const read = ([{ bytes }, bufferOf]) => new TextDecoder().decode(bufferOf(bytes));
  assert.deepEqual(talk.rows.map(read), ["b", "cc"]);
});

test("sums are those of all answers, and what is not known is not said", () => {
  const talk = emptyTalk();
  takeBatch(
    talk,
    0,
    pack([
      ["ask", 1],
      ["count", 1, 1000, 9],
      ["sums", 1, 1, null, null],
      ["ask", 1],
      ["count", 1, 5, 1],
    ]),
  );
  assert.equal(saySums(talk), "1 answer · 1,005 chunks · 10 bytes");
  takeBatch(talk, talk.have, pack([["sums", 1, 2, 0, "0.00"]]));
  assert.match(saySums(talk), /^2 answers .* · 0 tokens · 0.00 USD$/);
});

test("an entry that is not known is passed over, and words are kept", () => {
  const talk = emptyTalk();
  assert.equal(
    takeBatch(
      talk,
      0,
      pack([
        ["news", 1],
        ["state", 1, "failed", "gave up"],
        ["findings", 1, [["info"]]],
      ]),
    ),
    true,
  );
  assert.deepEqual([talk.state, talk.words, talk.findings], ["failed", "gave up", [["info"]]]);
});

test("the message of Run holds a limit only where there is one", () => {
  assert.deepEqual(
    ["", "0", "12", "x"].map((limit) => runMessage("p", "s", "m", limit).max_tokens),
    [null, null, 12, null],
  );
});
