// Prompt caches: what is chosen first, how wide the parts are, and what a click shows.

import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./load.js";
import { findAll, findWords, openPage } from "./page.js";

const { showPanes } = await load("views/js/frame.js");
const { openRoot } = await load("views/js/dom.js");
const { cachePane, firstOfUse, sharesOf } = await load("views/js/panes/cache.js");

openPage();

const FIRST = {
  place: "step 1",
  parts: [0, 0, 100],
  regions: [["tools", 60], ["messages", 40]],
  tokens: [0, 0, 30],
  verdict: "the first request",
  notes: ["100 bytes"],
  options: [],
  difference: null,
};
const SAME = { ...FIRST, place: "step 2", parts: [100, 0, 20], tokens: null, notes: ["2 notes"] };
const CHANGED = {
  ...SAME,
  place: "step 3",
  verdict: "changed here: system",
  options: ["temperature"],
  difference: ["It is ", "noon", "<b>one</b>", "."],
};

async function show(requests) {
  const [, root] = openRoot();
  const model = { get: (name) => ({ data: { left_out: [], requests }, css: "" })[name] };
  const app = showPanes(root, model, [cachePane]);
  await Promise.resolve();
  return { app, root };
}

test("the first request that changed is chosen, else the last", () => {
  assert.equal(firstOfUse([FIRST, SAME, CHANGED, CHANGED]), 2);
  assert.equal(firstOfUse([FIRST, SAME]), 1);
});

test("parts are as wide as they are large, and none that is there is lost", () => {
  assert.deepEqual(sharesOf([50, 0, 50]), [50, 0, 50]);
  assert.deepEqual(sharesOf([1, 0, 9999]), [0.5, 0, 99.99]);
  assert.deepEqual(sharesOf([0, 0, 0]), [0, 0, 0]);
});

test("what changed is shown as text, its own part marked", async () => {
  const { root } = await show([FIRST, SAME, CHANGED]);
  assert.deepEqual(
    findAll(root, "pre").map((one) => one.textContent),
    ["It is noon.", "It is <b>one</b>."],
  );
  const marks = findAll(root, "mark").map((one) => one.textContent);
  assert.deepEqual(marks, ["noon", "<b>one</b>"]);
  assert.ok(findWords(root, "li", "outside the prompt: temperature"));
});

test("a click, or a key, shows another request", async () => {
  const { app, root } = await show([FIRST, SAME, CHANGED]);
  const shown = () => findAll(root, "li").map((one) => one.textContent);
  const [first, second, third] = findAll(root, "button");
  first.acts.click();
  assert.deepEqual([shown(), first.attributes["aria-expanded"]], [["100 bytes"], "true"]);
  const [, , acts] = app.made.cache.keys[0];
  acts.ArrowDown();
  assert.deepEqual([shown(), second.attributes["aria-expanded"]], [["2 notes"], "true"]);
  acts.ArrowDown();
  acts.ArrowDown();
  assert.equal(third.attributes["aria-expanded"], "true");
  acts.ArrowUp();
  assert.equal(third.attributes["aria-expanded"], "false");
});

test("a side without the value says so", async () => {
  const { root } = await show([{ ...CHANGED, difference: ["", null, "auto", ""] }]);
  const sides = findAll(root, "pre").map((one) => one.textContent);
  assert.deepEqual(sides, ["not there", "auto"]);
});

test("where nothing was asked it says so", async () => {
  const { app, root } = await show([]);
  assert.ok(findWords(root, "p", "no requests"));
  assert.deepEqual(app.made.cache.keys, []);
});
