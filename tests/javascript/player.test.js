// The player.

import assert from "node:assert/strict";
import { test } from "node:test";
import { makeFilm } from "./columns.js";
import { load } from "./load.js";

const { layTimes } = await load("views/js/panes/player.js");

test("answers are played one behind the other", () => {
  const times = layTimes(makeFilm());
  assert.ok(Math.abs(times[11] - 1.3) < 1e-9 && Math.abs(times[12] - 1.5) < 1e-9);
});
