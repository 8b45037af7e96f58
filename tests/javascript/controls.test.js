// The controls of a live chat: what was written is sent, and comes back where nothing answered.

import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./load.js";
import { findAll, findWords, openPage } from "./page.js";

const { makeControls } = await load("widgets/js/controls.js");

openPage();

/** Make controls and write words into them; return what is needed to ask. */
function write(words) {
  const sent = [];
  const controls = makeControls({ asks: true }, (message, heard) => sent.push([message, heard]));
  const prompt = findAll(controls.node, "textarea")[0];
  prompt.value = words;
  const run = findWords(controls.node, "button", "Run");
  controls.follow({ state: "idle", answers: 0 });
  return { controls, prompt, sent, run };
}

test("what was written comes back where nothing answered", () => {
  const { controls, prompt, sent, run } = write("Hello?");
  run.acts.click();
  const [[message, heard]] = sent;
  assert.equal(message.prompt, "Hello?");
  heard();
  assert.equal(prompt.value, "");
  controls.follow({ state: "failed", answers: 0 }); // an older failure
  assert.equal(prompt.value, "");
  controls.follow({ state: "waiting for headers", answers: 0 });
  controls.follow({ state: "failed", answers: 0 });
  assert.equal(prompt.value, "Hello?");
});

test("what was answered, or written meanwhile, stays as it is", () => {
  for (const [answers, typed, left] of [
    [1, "", ""],
    [0, "more", "more"],
  ]) {
    const { controls, prompt, sent, run } = write("Hello?");
    run.acts.click();
    sent[0][1]();
    controls.follow({ state: "streaming", answers: 0 });
    prompt.value = typed;
    controls.follow({ state: "failed", answers });
    assert.equal(prompt.value, left);
  }
});
