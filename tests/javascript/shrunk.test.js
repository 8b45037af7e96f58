// A shrunk recording: what is shown as text, and what the three buttons copy.

import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./load.js";
import { findAll, findWords, openPage } from "./page.js";

const { shrunkPane } = await load("views/js/panes/shrunk.js");

openPage();

const DATA = {
  sentence: "chatviz finds x: 9 chunks became 1.",
  sizes: [["chunks", 1234, 1], ["tries", null, 40]],
  bytes: "data: <b>\n\n",
  texts: [["<i>name</i>", "chunk 0: a"]],
  made: [
    { name: "recording", text: "version: 2", note: "" },
    { name: "test", text: null, note: "a lambda has none" },
    { name: "issue", text: "# x", note: "" },
  ],
};

test("sizes, bytes and texts stand there as text", () => {
  const { node } = shrunkPane.make({ data: DATA });
  assert.ok(node.textContent.includes("1,234"));
  assert.deepEqual(
    findAll(node, "td").map((one) => one.textContent),
    ["1,234", "1", "", "40"],
  );
  assert.equal(findAll(node, "pre")[0].textContent, "data: <b>\n\n");
  assert.equal(findAll(node, "dd")[0].textContent, "<i>name</i>");
  assert.ok(findWords(node, "p", "look at them before you post"));
  const none = shrunkPane.make({ data: { ...DATA, texts: [] } }).node;
  assert.ok(findWords(none, "p", "No text is in it"));
});

test("a button copies what it names and shows it; what cannot be made says why", async () => {
  const copied = [];
  const clipboard = { writeText: (text) => Promise.resolve(copied.push(text)) };
  Object.defineProperty(globalThis, "navigator", { value: { clipboard }, configurable: true });
  const { node } = shrunkPane.make({ data: DATA });
  const [recording, made, issue] = findAll(node, "button");
  assert.deepEqual([recording.disabled, made.disabled, issue.disabled], [false, true, false]);
  assert.equal(made.attributes.title, "a lambda has none");
  const shown = findAll(node, "pre")[1];
  assert.equal(shown.hidden, true);
  await issue.acts.click();
  assert.deepEqual(copied, ["# x"]);
  assert.equal(issue.textContent, "Copied the issue");
  assert.deepEqual([shown.hidden, shown.textContent], [false, "# x"]);
});

test("where nothing can be copied by a script it is shown, to be selected", async () => {
  Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true });
  const { node } = shrunkPane.make({ data: DATA });
  const [recording] = findAll(node, "button");
  await recording.acts.click();
  assert.equal(recording.textContent, "Select and copy the recording");
  assert.equal(findAll(node, "pre")[1].textContent, "version: 2");
});
