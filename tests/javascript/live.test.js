// The pure functions of the live view. $CHATVIZ_MODULE names another copy of the module to test.

import assert from "node:assert/strict";
import { test } from "node:test";

const module = process.env.CHATVIZ_MODULE ?? "../../chatviz/views/static/live.js";
const { emptyTalk, runMessage, showText, takeBatch, tellSums } = await import(module);

const FIRST = [["turn", "Hi", "Be brief", "m"], ["ask", 0], ["part", 0, "text", "", 0.1], ["grow", 0, "a", 0.1]];

test("a batch that was taken is not taken again, and a gap is noticed", () => {
  const talk = emptyTalk();
  assert.equal(takeBatch(talk, 0, FIRST), true);
  assert.equal(takeBatch(talk, 2, [...FIRST.slice(2), ["grow", 0, "b", 0.2]]), true);
  assert.deepEqual([talk.have, talk.turns[0].items.at(-1).text], [5, "ab"]);
  assert.equal(takeBatch(talk, 9, [["grow", 0, "z", 1]]), false);
  assert.equal(talk.have, 5);
});

test("the turn begins with what was asked", () => {
  const talk = emptyTalk();
  takeBatch(talk, 0, FIRST);
  assert.deepEqual(talk.turns[0].items.map((item) => [item.kind, item.text]), [["system", "Be brief"], ["user", "Hi"], ["text", "a"]]);
});

test("marks that follow soon are one, and a pause makes another", () => {
  const talk = emptyTalk();
  takeBatch(talk, 0, [...FIRST, ["grow", 0, "b", 0.3], ["grow", 0, "c", 0.5], ["grow", 0, "d", 2]]);
  const [requests, text] = talk.turns[0].rows;
  assert.deepEqual([requests.marks, text.marks, talk.turns[0].ends], [[[0, 0]], [[0.1, 0.5], [2, 2]], 2]);
});

test("a tool that ran has its span, and one that did not has none", () => {
  const talk = emptyTalk();
  takeBatch(talk, 0, [...FIRST, ["tool", "add", "returned", "5", 1, 0.5], ["tool", "mul", "invalid", "no", null, null]]);
  assert.deepEqual(talk.turns[0].rows.at(-1).marks, [[1, 1.5]]);
  assert.deepEqual(talk.turns[0].items.slice(-2).map((item) => item.title), ["add returned, 0.5 s", "mul invalid"]);
});

test("sums are those of all answers, and what is not known is not said", () => {
  const talk = emptyTalk();
  takeBatch(talk, 0, [...FIRST, ["count", 1000, 9], ["answer", 200, "stop", [], 1], ["ask", 1], ["count", 5, 1]]);
  assert.equal(tellSums(talk), "1 answer · 1,005 chunks · 10 bytes");
  takeBatch(talk, talk.have, [["sums", 0, "0.00"]]);
  assert.match(tellSums(talk), / · 0 tokens · 0.00 USD$/);
});

test("failures stand in the conversation", () => {
  const talk = emptyTalk();
  takeBatch(talk, 0, [...FIRST, ["answer", 429, "slow down", [["error", "bad"]], 1], ["end", "error", "gave up", 1], ["state", "failed", "gave up"]]);
  assert.deepEqual(talk.turns[0].items.slice(-3).map((item) => [item.title, item.text]), [["HTTP 429", "slow down"], ["error", "bad"], ["ended: error", "gave up"]]);
  assert.deepEqual([talk.state, talk.words], ["failed", "gave up"]);
});

test("an entry that is not known is passed over", () => {
  const talk = emptyTalk();
  assert.equal(takeBatch(talk, 0, [["news"], ...FIRST, ["grow", 77, "x", 1]]), true);
});

test("the message of Run holds a limit only where there is one", () => {
  assert.deepEqual(["", "0", "12", "x"].map((limit) => runMessage("p", "s", "m", limit).max_tokens), [null, null, 12, null]);
});

test("what hides in text is shown", () => {
  assert.equal(showText("a\u0007\u202e"), "a\\u0007\\u202e");
});
