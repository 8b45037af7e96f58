// The transcript.

import assert from "node:assert/strict";
import { test } from "node:test";
import { makeFilm } from "./columns.js";
import { load } from "./load.js";

const { textAt } = await load("views/js/panes/transcript.js");

test("text at a chunk is what had come, its newest piece apart", () => {
  const part = makeFilm().runs[0].parts[0];
  assert.deepEqual(textAt(part, 0, 99), { count: 0, skipped: 0, old: "", fresh: "", missing: 0 });
  assert.deepEqual(textAt(part, 10, 99), {
    count: 2,
    skipped: 0,
    old: "He",
    fresh: "llo",
    missing: 0,
  });
  assert.deepEqual(textAt(part, 11, 99), {
    count: 2,
    skipped: 0,
    old: "Hello",
    fresh: "",
    missing: 0,
  });
  assert.deepEqual(textAt(part, 11, 2), { count: 2, skipped: 3, old: "lo", fresh: "", missing: 0 });
  assert.equal(textAt({ ...part, text: "Hel" }, 11, 99).missing, 2);
});
