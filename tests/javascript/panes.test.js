// Panes in their frame: what they show at the cursor, and what happens when data grows.

import assert from "node:assert/strict";
import { test } from "node:test";
import { makeData, makeFinding, makeRun, makeUsage } from "./columns.js";
import { load } from "./load.js";
import { findAll, findWords, openPage } from "./page.js";

const { showPanes } = await load("views/js/frame.js");
const { growShown } = await load("views/js/film/growth.js");
const { h, openRoot } = await load("views/js/dom.js");
const { headerPane } = await load("views/js/panes/header.js");
const { playerPane } = await load("views/js/panes/player.js");
const { transcriptPane } = await load("views/js/panes/transcript.js");
const { callsPane } = await load("views/js/panes/calls.js");
const { rawPane } = await load("views/js/panes/raw.js");
const { usagePane } = await load("views/js/panes/usage.js");
const { findingsPane } = await load("views/js/panes/findings.js");
const { cachePane } = await load("views/js/panes/cache.js");
const { comparePane } = await load("views/js/panes/compare.js");
const { shrunkPane } = await load("views/js/panes/shrunk.js");
const { pacePane } = await load("views/js/panes/pace.js");
const { timelinePane } = await load("views/js/panes/timeline.js");

openPage();

/** Show panes over data; return the app, its root and what it sent. */
async function show(data, ...panes) {
  const [, root] = openRoot(),
    sent = [];
  const model = {
    get: (name) => ({ data, css: ".a{}" })[name],
    send: (message) => sent.push(message),
  };
  const app = showPanes(root, model, panes);
  await Promise.resolve();
  return { app, root, sent };
}

test("each pane says its name, its column, and how it is made", () => {
  const panes = { headerPane, playerPane, timelinePane, transcriptPane, callsPane, rawPane };
  Object.assign(panes, { usagePane, findingsPane, comparePane, pacePane, cachePane, shrunkPane });
  for (const [name, pane] of Object.entries(panes)) {
    assert.equal(`${pane.name}Pane`, name);
    assert.ok(["top", "left", "right"].includes(pane.column), name);
    assert.equal(typeof pane.make, "function", name);
    assert.ok(["undefined", "function"].includes(typeof pane.grow), name);
  }
});

test("text becomes text, attributes and listeners are set, what is empty is left out", () => {
  const click = () => {};
  const node = h("button.a.b", { click, title: null, aria: "Name" }, "<b>", null, ["", 7, h("i")]);
  assert.equal(node.className, "a b");
  assert.deepEqual(node.attributes, { "data-lm-suppress-shortcuts": "", "aria-label": "Name" });
  assert.deepEqual([node.acts.click, node.textContent, node.children.length], [click, "<b>7", 3]);
});

test("the panes that are listed stand in their columns, a note above them", async () => {
  const data = { ...makeData(), left_out: ["Raw bytes are left out."] };
  const { app, root } = await show(data, headerPane, usagePane, transcriptPane);
  assert.deepEqual(Object.keys(app.made), ["header", "usage", "transcript"]);
  assert.equal(findAll(root, "div").filter((one) => one.className === "column").length, 2);
  assert.ok(findWords(root, "p", "Raw bytes are left out."));
  assert.equal(findAll(root, "style")[0].textContent, ".a{}");
});

test("the usage is what was known at the cursor, in the columns that the data names", async () => {
  const usage = [makeUsage(3, { images: 1 }), makeUsage(11, { input: 20, images: 2 })];
  const { app, root } = await show(makeData([makeRun({ usage })]), headerPane, usagePane);
  const heads = findAll(root, "th").map((one) => one.textContent);
  assert.deepEqual(heads.slice(1, 9), [
    "input",
    "output",
    "cached",
    "reasoning",
    "total",
    "USD",
    "images",
    "known since",
  ]);
  const row = () => findAll(root, "tr")[1].textContent;
  assert.equal(row(), "step 1204??130.12chunk 11");
  app.go(4);
  assert.equal(row(), "step 194??130.11chunk 3");
  app.go(0);
  assert.equal(row(), "step 1·······not yet");
});

test("what was not counted has its columns, too", async () => {
  const { root } = await show(makeData([makeRun({ usage: [] })]), headerPane, usagePane);
  assert.equal(findAll(root, "tr")[1].textContent, "step 1··never sent");
});

test("the header follows the answer; a step goes to its last chunk where none play", async () => {
  const { app, root, sent } = await show(makeData(), headerPane, usagePane);
  findWords(root, "button", "step 1").acts.click();
  assert.deepEqual([app.at, sent.at(-1)], [11, { kind: "select", run: 0, chunk: 11 }]);
  const playing = await show(makeData(), headerPane, transcriptPane);
  playing.app.made.player = { seek() {} };
  findWords(playing.root, "button", "step 2").acts.click();
  assert.equal(playing.app.at, 12);
});

test("nothing to show is said", async () => {
  const none = await show(
    makeData([]),
    headerPane,
    usagePane,
    transcriptPane,
    findingsPane,
    callsPane,
  );
  assert.match(none.root.textContent, /There are no answers to show\./);
  const events = { kinds: "", sizes: "" };
  const empty = makeRun({ events, parts: [], usage: [], finish: [], findings: [] });
  const { root } = await show(makeData([empty]), headerPane, playerPane, timelinePane, callsPane);
  assert.match(root.textContent, /No chunk came\..*No tool calls\./s);
});

test("the transcript shows what had come, its newest piece marked", async () => {
  const { app, root } = await show(makeData([makeRun()]), headerPane, transcriptPane);
  app.go(10);
  assert.equal(findAll(root, "mark").at(-1).textContent, "llo");
  app.go(0);
  assert.ok(!root.textContent.includes("He"));
});

test("tool calls show each path with its state and its verdict", async () => {
  const { app, root } = await show(makeData([makeRun()]), headerPane, callsPane);
  app.go(6);
  const rows = findAll(root, "div").filter((one) => one.className.startsWith("row"));
  assert.deepEqual(
    rows.map((one) => one.className),
    ["row open", "row open", "row complete", "row open", "row open wrong"],
  );
  app.go(11);
  assert.ok(findWords(root, "span", "✓ runnable since chunk 9, 2 chunks (0.200 s) before the end"));
});

test("a call that asks with a free text shows that, and no arguments", async () => {
  const [said, other] = makeRun().parts;
  const call = { ...other, free: true, runnable: null };
  const run = makeRun({ parts: [said, call] });
  const { app, root } = await show(makeData([run]), headerPane, callsPane);
  app.go(3);
  assert.deepEqual([findAll(root, "pre")[0].textContent], ['{"a": [1']);
  app.go(11);
  assert.ok(findWords(root, "span", "free text"));
  assert.equal(findAll(root, "pre")[0].textContent, call.text);
  assert.doesNotMatch(root.textContent, /no arguments|no schema/);
});

test("each choice of an answer is named where there are several", async () => {
  const [said, call] = makeRun().parts;
  const other = [said, call].map((part) => ({ ...part, choice: 1 }));
  const run = makeRun({ parts: [said, ...other] });
  const { app, root } = await show(makeData([run]), headerPane, transcriptPane, callsPane);
  app.go(11);
  const heads = findAll(root, "i").map((one) => one.textContent);
  assert.deepEqual(
    heads.filter((text) => text.startsWith("assistant")),
    ["assistant · step 1", "assistant · step 1 · choice 1"],
  );
  assert.ok(findWords(root, "span", "choice 1"));
});

test("findings name their chunks, and go there", async () => {
  const { app, root } = await show(makeData([makeRun()]), headerPane, findingsPane);
  findWords(root, "button", "chunk 7").acts.click();
  assert.equal(app.at, 7);
  assert.ok(findWords(root, "button", "chunk 0–11"));
});

test("findings stand the worst first, with what they mean; the badge opens them", async () => {
  const run = makeRun({
    findings: [
      makeFinding("info", "Odd.", 1, 1),
      makeFinding("error", "Broke.", 2, 2),
      makeFinding("warning", "Doubtful.", 3, 3),
    ],
  });
  const explained = { odd: "Words.\n```text\ndata: 1\n```\nMore." };
  const data = { ...makeData([run, makeRun({ findings: [] })]), explained };
  const { app, root } = await show(data, headerPane, findingsPane);
  const items = findAll(root, "li").map((one) => one.className);
  assert.deepEqual(items, ["error", "warning", "info"]);
  const quiet = findAll(root, "details").find((one) => one.className === "quiet");
  assert.match(quiet.textContent, /^1 note: .*Odd\./s);
  const [why] = findAll(root, "details").filter((one) => one.className === "why");
  assert.equal(why.attributes.open, ""); // of the error
  assert.deepEqual(findAll(why, "pre").map((one) => one.textContent), ["data: 1"]);
  findWords(root, "button", "▲ 3 findings").acts.click();
  assert.ok(quiet.open && app.made.findings.node.open);
});

test("an answer that has not ended is not called good", async () => {
  const open = makeRun({ findings: [] });
  delete open.ending;
  const { root } = await show(makeData([open]), headerPane, findingsPane);
  assert.match(root.textContent, /An answer is judged when it has ended\./);
  assert.doesNotMatch(root.textContent, /Nothing odd/);
});

test("keys do what the panes that are there say, and are named to who has the focus", async () => {
  const { app, root } = await show(makeData([makeRun()]), headerPane, playerPane, findingsPane);
  const press = (key, shiftKey = false) => {
    const event = { key, shiftKey, composedPath: () => [{ tagName: "DIV" }] };
    let kept = 0;
    const keep = () => (kept += 1);
    findAll(root, "div")[0].acts.keydown({ ...event, stopPropagation: keep, preventDefault: keep });
    return kept;
  };
  assert.equal(press("Home"), 2);
  assert.equal(app.at, 0);
  press("f");
  assert.equal(app.at, 7);
  assert.equal(press("x"), 1); // no key of ours, but the notebook must not hear it
  assert.equal(press("Escape"), 0);
  const help = findAll(root, "div").find((one) => one.className === "help");
  assert.match(help.textContent, /Keys work once the view is clicked.*chunk.*restart/s);
  assert.doesNotMatch(help.textContent, /zoom/);
});

test("what is sent to a view moves its cursor", async () => {
  const [, root] = openRoot(),
    acts = {};
  const on = (name, act) => (acts[name] = act),
    off = (name) => delete acts[name];
  const model = { get: (name) => ({ data: makeData() })[name], on, off };
  const app = showPanes(root, model, [headerPane, usagePane]);
  acts["msg:custom"]({ kind: "select", run: 1, chunk: Infinity });
  assert.equal(app.at, 23);
  acts["msg:custom"]({ kind: "select", run: 9 });
  assert.equal(app.at, 23);
  app.cleanups.forEach((clean) => clean());
  assert.deepEqual(acts, {});
});

test("findings grow with the film, and a cursor at the end follows", async () => {
  const data = { ...makeData([]), opened: makeData([makeRun()]).runs.map(openedRun) };
  const { app, root } = await show(data, headerPane, callsPane, findingsPane);
  const [run] = app.film.runs;
  run.count += 1;
  run.times.push(99);
  run.ends.push(999);
  run.begins.push(990);
  run.findings = [makeFinding("error", "Broke.", 12, 12)];
  const before = app.made.findings;
  growShown(app, true);
  assert.notEqual(app.made.findings, before);
  assert.equal(app.at, 12);
  assert.ok(findWords(root, "button", "1 finding"));
});

const { openRun } = await load("views/js/film/film.js");
const openedRun = (columns) => openRun(columns);

test("the comparison shows what had come at the slider's place", async () => {
  const side = { chunks: "!#", lengths: "$%", text: "Hello" };
  const strands = ["text", "reasoning", "call 5: add"].map((label) => ({
    step: 1,
    label,
    offset: 3,
    sides: [side, null],
  }));
  const rows = [
    ["model", "a", "b"],
    ["steps", "1", "1"],
  ];
  const { root } = await show({ labels: ["A", "B"], rows, strands, left_out: [] }, comparePane);
  assert.ok(findWords(root, "tr", "≠ model"));
  assert.ok(findWords(root, "tr", "= steps"));
  assert.ok(findWords(root, "small", "on one side only"));
  assert.ok(findWords(root, "option", "not recorded"));
  assert.deepEqual(
    findAll(root, "section").map((one) => one.className),
    ["strand text", "strand think", "strand c1"],
  );
});
