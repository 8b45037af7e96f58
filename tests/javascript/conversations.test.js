// The list of many conversations and its charts: what is read, filtered, sorted, drawn and told.

import assert from "node:assert/strict";
import test from "node:test";
import { findAll, findWords, openPage } from "./page.js";
import { load } from "./load.js";

const { addBatch, readRows, knownColumns, sayFindings, sayFileState, sayMoney } = await load(
  "views/js/listing/rows.js",
);
const { filterRows, nextOrder, orderRows } = await load("views/js/listing/ordering.js");
const { isInSpan, scrollToRow, visibleSpan } = await load("views/js/listing/span.js");
const { conversationsPane } = await load("views/js/panes/many/conversations.js");
const { chartsPane } = await load("views/js/panes/many/charts.js");
const { openRoot } = await load("views/js/dom.js");
const { showPanes } = await load("views/js/frame.js");
const { makeOverview } = await load("views/js/overview.js");

openPage();

const WORDS = ["Groq", "llama", "openai-chat", "stop", "", "stall done_missing", "Novita", "kimi"];
const FILES = [
  ["a10.yaml", "read", "", ""],
  ["a9.yaml", "read", "", "7"],
  ["bad.yaml", "unreadable", "line 3: no recording", ""],
  ["later.yaml", "waiting", "", ""],
  ["none.yaml", "read", "", ""],
];
// file, number, asked, provider … codes, steps, calls, tokens, costs, times, findings
const CELLS = [
  [0, 0, "How warm?", 0, 1, 2, 3, 4, 2, 1, 1200, 34, 0.0012, null, null, null, 0, 0, 3],
  [0, 1, "And now?", 0, 1, 2, 3, 5, 1, 0, 12, 3, null, null, null, null, 1, 2, 0],
  [1, 0, "<b>Hi</b>", 6, 7, 2, 3, 4, 5, 9, 90, 9, 0.5, null, null, null, 0, 1, 0],
];
const makeList = () => ({ files: FILES, words: WORDS, rows: CELLS });
const names = (rows) => rows.map(({ name }) => name);

function show(data, model = {}) {
  const [, root] = openRoot();
  const given = { left_out: [], charts: { bars: [], grid: { rows: [] } }, ...data };
  const get = (name) => ({ data: given, css: "" })[name];
  const app = showPanes(root, { get, ...model }, [chartsPane, conversationsPane]);
  return { app, root };
}

test("rows have their file's name, a number where a file holds several, and its state", () => {
  const rows = readRows(makeList());
  const [bad, later, none] = names(rows).slice(-3);
  assert.deepEqual(names(rows).slice(0, 3), ["a10.yaml #0", "a10.yaml #1", "a9.yaml"]);
  assert.deepEqual([bad, later, none], ["bad.yaml", "later.yaml", "none.yaml"]);
  assert.deepEqual(rows.map(sayFileState), [
    ...["", "", "", "cannot be read: line 3: no recording"],
    ...["not read yet", "holds no chat"],
  ]);
  assert.deepEqual([rows[1].provider, rows[1].codes, rows[2].link], ["Groq", WORDS[5], "7"]);
});

test("conversations that come from no file are told apart by their numbers", () => {
  const files = [
    ["", "read", "", ""],
    ["", "read", "", ""],
  ];
  const rows = [CELLS[0], [1, 1, ...CELLS[1].slice(2)]];
  assert.deepEqual(names(readRows({ files, words: WORDS, rows })), [
    "conversation #0",
    "conversation #1",
  ]);
});

test("a search finds words anywhere in a row, all of them, in any case", () => {
  const rows = readRows(makeList());
  assert.deepEqual(names(filterRows(rows, "GROQ now")), ["a10.yaml #1"]);
  assert.deepEqual(names(filterRows(rows, "stall")), ["a10.yaml #1"]);
  assert.deepEqual(names(filterRows(rows, "no recording")), ["bad.yaml"]);
  assert.equal(filterRows(rows, " ").length, 6);
  assert.deepEqual(names(filterRows(rows, "", "errors")), ["a10.yaml #1", "bad.yaml"]);
  assert.deepEqual(names(filterRows(rows, "", "loud")), ["a10.yaml #1", "a9.yaml", "bad.yaml"]);
});

test("rows are sorted by a column, and what is not known is last either way", () => {
  const rows = readRows(makeList());
  const by = (sort, descending) => names(orderRows(rows, { sort, descending }));
  assert.deepEqual(by("cost", false).slice(0, 3), ["a10.yaml #0", "a9.yaml", "a10.yaml #1"]);
  assert.deepEqual(by("cost", true).slice(0, 3), ["a9.yaml", "a10.yaml #0", "a10.yaml #1"]);
  assert.deepEqual(by("findings", true).slice(0, 3), ["a10.yaml #1", "a9.yaml", "a10.yaml #0"]);
  assert.deepEqual(by("name", false).slice(0, 2), ["a9.yaml", "a10.yaml #0"]); // 9 before 10
  assert.deepEqual(by("", false), names(rows));
  assert.equal(by("provider", true).at(-1), "none.yaml");
});

test("a heading sorts one way, the other way, and no more", () => {
  let order = { sort: "", descending: false };
  const seen = [1, 2, 3].map(() => (order = nextOrder(order, "cost", true)));
  assert.deepEqual(
    seen.map(({ sort, descending }) => [sort, descending]),
    [
      ["cost", true],
      ["cost", false],
      ["", false],
    ],
  );
});

test("only the rows in sight are drawn, and some around them", () => {
  const span = (top, count = 10000) =>
    visibleSpan({ top, height: 400, rowHeight: 40, count });
  assert.deepEqual(span(0), { first: 0, last: 30 });
  assert.deepEqual(span(40000), { first: 980, last: 1030 });
  assert.deepEqual(span(399600), { first: 9970, last: 10000 });
  const isIn = (top) => isInSpan({ top, height: 400, rowHeight: 40, count: 10000 }, span(40000));
  assert.deepEqual([40000, 40500, 39500, 41000, 0].map(isIn), [true, true, true, false, false]);
  assert.deepEqual(span(40000, 5), { first: 5, last: 5 });
  const place = { top: 100, height: 400, rowHeight: 40 };
  assert.deepEqual([1, 5, 20].map((row) => scrollToRow(place, row)), [40, 100, 440]);
});

test("columns of which nothing is known are left out, numbers are said for readers", () => {
  const keys = knownColumns(readRows(makeList())).map(({ key }) => key);
  assert.ok(keys.includes("cost") && !keys.includes("estimated") && !keys.includes("duration"));
  assert.deepEqual([0, 0.000506, 12.345, 12345.6].map(sayMoney), [
    ...["$0", "$0.000506", "$12.3", "$12,346"],
  ]);
  const [, row] = readRows(makeList());
  assert.equal(sayFindings(row), "1 error, 2 warnings: stall, done_missing");
});

test("the list says how many rows there are, and which match", () => {
  const { app, root } = show({ conversations: makeList() });
  assert.equal(findAll(root, "output")[0].textContent, "6 rows");
  app.made.conversations.search("kimi");
  assert.equal(findAll(root, "output")[0].textContent, "1 of 6 rows match");
  assert.ok(findWords(root, "a", "a9.yaml") && !findWords(root, "button", "a10.yaml"));
  app.made.conversations.search("nothing of it");
  assert.ok(findWords(root, "td", "No row matches “nothing of it”."));
});

test("headings are buttons that say how the rows are sorted", () => {
  const { root } = show({ conversations: makeList() });
  const heads = () => findAll(root, "th").filter((one) => one.attributes.scope === "col");
  const cost = () => heads().find((one) => one.textContent.startsWith("cost"));
  assert.ok(heads().every((one) => one.attributes["aria-sort"] === "none"));
  findAll(cost(), "button")[0].acts.click();
  assert.equal(cost().attributes["aria-sort"], "descending");
  const first = findAll(findAll(root, "tbody")[0], "tr")[1];
  assert.match(first.textContent, /^a9\.yaml/);
});

test("a row opens: by a link where it has a page, else by what listens", () => {
  const sent = [];
  const { app, root } = show({ conversations: makeList() }, { send: (one) => sent.push(one) });
  assert.equal(findWords(root, "a", "a9.yaml").attributes.href, "7");
  findWords(root, "button", "a10.yaml #1").acts.click();
  assert.deepEqual(sent.at(-1), { kind: "open", file: 0, number: 1 });
  app.openTalk = (row) => sent.push(row.place);
  findWords(root, "button", "a10.yaml #0").acts.click();
  assert.equal(sent.at(-1), 0);
  assert.equal(findWords(root, "button", "bad.yaml").attributes.disabled, "");
});

test("rows grow by messages, and what was chosen stays chosen", () => {
  const sent = [],
    acts = [];
  const model = { send: (one) => sent.push(one), on: (_, act) => acts.push(act) };
  const few = { files: FILES.slice(0, 1), words: WORDS, rows: CELLS.slice(0, 2) };
  const { root } = show({ conversations: few, can_pick: true }, model);
  const boxes = () => findAll(root, "input").filter((one) => one.attributes.type === "checkbox");
  const [box] = boxes();
  box.checked = true;
  box.acts.change();
  assert.deepEqual(sent.at(-1), { kind: "picked", keys: ["0:0"] });
  acts.forEach((act) => act({ kind: "rows", conversations: makeList() }));
  assert.deepEqual(boxes().map((one) => one.checked), [true, false, false, false, false, false]);
});

test("a batch of files that were read joins a list, whose words it does not know", () => {
  const list = { files: FILES.map(([name]) => [name, "waiting", "", ""]), words: [], rows: [] };
  addBatch(list, { files: [[1, "read", ""]], words: WORDS, rows: CELLS.slice(2) });
  const files = [
    [0, "read", ""],
    [2, "unreadable", "line 3: no recording"],
  ];
  addBatch(list, { files, words: WORDS, rows: CELLS.slice(0, 2) });
  const rows = readRows(list);
  assert.deepEqual(
    rows.map(({ name, model, state }) => [name, model, state]),
    [
      ["a10.yaml #0", "llama", "read"],
      ["a10.yaml #1", "llama", "read"],
      ["a9.yaml", "kimi", "read"],
      ["bad.yaml", undefined, "unreadable"],
      ["later.yaml", undefined, "waiting"],
      ["none.yaml", undefined, "waiting"],
    ],
  );
});

test("charts have bars in parts, and a label finds its conversations", () => {
  const bars = [
    ["Groq", [1, 3], "1 in · 2 out", 0],
    ["Novita", [2], "$2", 0],
    ["", [6], "estimated $6", 1],
  ];
  const charts = {
    bars: [{ title: "Tokens", parts: ["input", "estimated"], bars, more: 2, hue: "kind" }],
    grid: { providers: ["Groq"], rows: [["error", "stall", [3]]], more: 0 },
  };
  const { root } = show({ conversations: makeList(), charts });
  const widths = findAll(root, "i").flatMap((one) => one.attributes.style ?? []);
  assert.deepEqual(widths.map((style) => Math.round(Number.parseFloat(style.slice(6)))), [
    ...[17, 33, 33, 100],
  ]);
  assert.ok(findWords(root, "div", "$2 · estimated $6"));
  assert.ok(findWords(root, "p", "2 more in cv.scorecard_table."));
  findWords(root, "button", "stall").acts.click();
  assert.equal(findAll(root, "output")[0].textContent, "1 of 6 rows match");
});

test("an overview says where the inspector of a row is that is not in the page", () => {
  const data = { conversations: makeList(), left_out: [], inspectors: {}, explained: {} };
  data.charts = { bars: [], grid: { rows: [] } };
  const page = makeOverview([chartsPane, conversationsPane], []);
  const el = document.createElement("div");
  page.render({ model: { get: (name) => ({ data, css: "" })[name] }, el });
  const { root } = el.children[0];
  findWords(root, "button", "a10.yaml #0").acts.click();
  assert.ok(findWords(root, "p", "The inspector of a10.yaml #0 is not in this page"));
  findWords(root, "button", "Close").acts.click();
});
