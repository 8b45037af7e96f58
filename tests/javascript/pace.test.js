// The pace: where the cursor stands, what had come with it, and what is written on the canvas.

import assert from "node:assert/strict";
import { test } from "node:test";
import { makeData, makeRun } from "./columns.js";
import { load } from "./load.js";
import { findAll, openPage } from "./page.js";

const { showPanes } = await load("views/js/frame.js");
const { openRoot } = await load("views/js/dom.js");
const { pacePane } = await load("views/js/panes/pace.js");

openPage();
const written = [];
const context = {
  fillText: (words) => written.push(words),
  ...Object.fromEntries(
    ["setTransform", "fillRect", "beginPath", "moveTo", "lineTo", "stroke"].map((name) => [
      name,
      () => {},
    ]),
  ),
};
Object.assign(Node.prototype, {
  clientWidth: 600,
  getContext: () => context,
  getBoundingClientRect: () => ({ left: 0 }),
});
const watcher = class {
  observe() {}
  disconnect() {}
};
Object.assign(globalThis, { ResizeObserver: watcher, MutationObserver: watcher });
globalThis.matchMedia = () => ({ addEventListener() {}, removeEventListener() {} });
globalThis.getComputedStyle = () => ({ fontFamily: "sans", getPropertyValue: () => "#000" });
globalThis.devicePixelRatio = 1;
document.body = new Node("body");

/** Show the pace of answers; `pace` is what Python says of it. */
async function show(data, pace, pauses = []) {
  const [, root] = openRoot();
  const said = { axis: "seconds since the request", note: "", captions: ["fast."], ...pace };
  const whole = { ...data, pace: said, pauses };
  const app = showPanes(root, { get: () => whole, send() {} }, [pacePane]);
  await Promise.resolve();
  written.length = 0;
  app.update();
  return { app, root };
}

const told = (root) => findAll(root, "span").find((one) => one.className === "told").textContent;

test("by number it says the chunk and the characters, and why there are no seconds", async () => {
  const data = makeData();
  const { app, root } = await show(data, { note: "By chunk number." });
  app.go(0);
  assert.match(told(root), /chunk 0: \d+ characters? so far$/);
  assert.ok(written.includes("chunk number") && written.includes("characters so far"));
  assert.ok(findAll(root, "p").some((one) => one.textContent === "By chunk number."));
  app.go(Infinity);
  const all = app.film.runs.at(-1).parts.flatMap((part) => part.lengths);
  const sum = all.reduce((a, b) => a + b, 0);
  assert.ok(told(root).endsWith(`${sum.toLocaleString("en")} characters so far`));
});

test("every answer has its line named, with what Python says of it", async () => {
  const { root } = await show({ ...makeData(), runs: [makeRun()] }, {});
  const legends = findAll(root, "p").filter((one) => one.className === "legend");
  assert.ok(legends.some((one) => one.textContent.endsWith(" fast.")));
  assert.equal(findAll(root, "i").filter((one) => one.className === "swatch").length, 1);
});

test("where nothing came there is no pane", async () => {
  const { app } = await show({ ...makeData(), runs: [] }, {});
  assert.deepEqual(Object.keys(app.made), []);
});
