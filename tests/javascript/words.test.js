// Words: what hides in text is shown.

import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./load.js";

const { sayCount, saySeconds, sayValue, showText } = await load("views/js/words.js");

test("numbers are said with their nouns, and what is not known is a question", () => {
  assert.deepEqual(
    [0, 1, 2000].map((n) => sayCount(n, "chunk")),
    ["0 chunks", "1 chunk", "2,000 chunks"],
  );
  assert.deepEqual([0.0421, 1.5, 250].map(saySeconds), ["0.042 s", "1.50 s", "250 s"]);
  assert.deepEqual([1000, "0.10", null, undefined].map(sayValue), ["1,000", "0.10", "?", "?"]);
});

test("what hides in text is shown", () => {
  assert.equal(showText("a\u0000b\u202ec\ud800d\te\nf"), "a\\u0000b\\u202ec\ufffdd\te\nf");
});
