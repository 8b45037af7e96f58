// The list of conversations: sorted by its headings, searched as one types, a row opens.
//
// Rows come with the data, or grow by messages; of many only those in sight are in the page.

import { fill, h, press } from "../../dom.js";
import { arrange } from "../../listing/arranging.js";
import { filterRows, nextOrder, orderRows } from "../../listing/ordering.js";
import { hasValue, knownColumns, readRows } from "../../listing/rows.js";
import { sayFindings, sayFileState, signsOf } from "../../listing/rows.js";
import { isInSpan, scrollToRow, visibleSpan } from "../../listing/span.js";
import { sayCount } from "../../words.js";

export const conversationsPane = { name: "conversations", column: "left", make: makeRowList };

const ROW_HEIGHT = 40; // pixels; two lines of a name
const PICK_WIDTH = 34;
const MAX_PRINTED = 500;
const LEVELS = [
  ["all", "all findings"],
  ["loud", "errors or warnings"],
  ["errors", "errors"],
  ["unreadable", "not readable"],
];
const LIST_KEYS = [["↑ ↓", "from row to row (a name has the focus)", {}]];

function makeRowList(app) {
  const list = {
    app,
    picks: app.data.can_pick ? new Set() : null,
    rows: readRows(app.data.conversations),
    shown: [],
    order: { sort: "", descending: false },
    opened: null,
    drawn: new Map(), // rows that stay the same while one scrolls
    spacers: [makeSpacer(), makeSpacer()],
    span: { first: 0, last: 0 },
    frame: 0,
  };
  list.parts = makeListParts(list);
  const { tools, scroll, note } = list.parts;
  list.node = h("section.list", { aria: "Conversations" }, tools, scroll, note);
  const hear = (message) => hearList(list, message);
  app.model.on?.("msg:custom", hear);
  app.cleanups.push(() => app.model.off?.("msg:custom", hear));
  watchList(list);
  applyOrder(list);
  return {
    node: list.node,
    keys: LIST_KEYS,
    search: (words) => searchFor(list, words),
    update: () => drawRows(list),
  };
}

function makeListParts(list) {
  const search = h("input.search", {
    type: "search",
    placeholder: "Search names, models, providers, questions, findings",
    aria: "Search conversations",
    input: () => applyOrder(list),
  });
  const least = h("select", { aria: "Findings", change: () => applyOrder(list) });
  fill(
    least,
    LEVELS.map(([value, label]) => h("option", { value }, label)),
  );
  search.value = "";
  least.value = "all";
  const count = h("output.count", { role: "status" });
  const clear = press("Show all", () => searchFor(list, ""));
  const head = h("thead"),
    body = h("tbody"),
    columns = h("colgroup");
  const table = h("table.rows", columns, head, body);
  const named = { tabindex: 0, role: "region", aria: "Rows", scroll: () => planRows(list) };
  return {
    search,
    least,
    count,
    clear,
    head,
    body,
    columns,
    table,
    tools: h("div.bar.tools", search, least, count, clear),
    scroll: h("div.window", named, table),
    note: h("p.note", list.app.data.inspector_note),
  };
}

/** Take what is told: more rows of files, or another row that is open. */
function hearList(list, message) {
  if (message.kind === "rows") {
    list.rows = readRows(message.conversations);
    applyOrder(list, true);
  }
  if (message.kind === "opened") list.opened = message.key;
  if (message.kind === "picks" && list.picks) list.picks = new Set(message.keys);
  if (["opened", "picks"].includes(message.kind)) redrawRows(list);
}

function searchFor(list, words) {
  list.parts.search.value = words;
  list.parts.least.value = "all";
  applyOrder(list);
  list.node.scrollIntoView({ block: "nearest" });
  list.parts.search.focus();
}

/** Filter and sort the rows, say how many there are, and draw them. */
function applyOrder(list, isGrowing = false) {
  const { search, least, count, clear, scroll } = list.parts;
  list.shown = orderRows(filterRows(list.rows, search.value, least.value), list.order);
  const all = sayCount(list.rows.length, "row");
  const isWhole = list.shown.length === list.rows.length;
  fill(count, isWhole ? all : `${list.shown.length.toLocaleString("en")} of ${all} match`);
  list.node?.classList.toggle("filtered", !isWhole);
  clear.style.display = isWhole ? "none" : "";
  if (!isGrowing) scroll.scrollTop = 0;
  list.columns = knownColumns(list.rows);
  drawHead(list);
  redrawRows(list);
}

/** Draw the rows anew; `drawRows` keeps those that are drawn already. */
function redrawRows(list) {
  list.drawn.clear();
  drawRows(list);
}

function drawHead(list) {
  const { head, columns, table } = list.parts;
  const focused = list.app.root.activeElement?.dataset?.column;
  const widths = [...(list.picks ? [PICK_WIDTH] : []), ...list.columns.map(({ width }) => width)];
  table.style.minWidth = `${widths.reduce((sum, width) => sum + width, 0)}px`;
  fill(
    columns,
    widths.map((width) => h("col", { style: `width:${width}px` })),
  );
  const pick = list.picks ? h("th.pick", { scope: "col" }, h("span.away", "chosen")) : null;
  const heads = list.columns.map((column) => headCell(list, column));
  fill(head, h("tr", pick, heads));
  if (focused) head.querySelector?.(`[data-column="${focused}"]`)?.focus();
}

function headCell(list, { key, title, say }) {
  const { sort, descending } = list.order;
  const order = sort !== key ? "none" : descending ? "descending" : "ascending";
  const sign = { none: "", ascending: " ▲", descending: " ▼" }[order];
  const click = () => {
    list.order = nextOrder(list.order, key, Boolean(say));
    applyOrder(list);
  };
  const given = { type: "button", "data-column": key, title: `Sort by ${title}`, click };
  const button = h("button", given, title, sign);
  const kind = say && key !== "findings" ? "th.number" : "th";
  return h(kind, { scope: "col", "aria-sort": order }, button);
}

function planRows(list) {
  if (isInSpan(scrollPlace(list.parts.scroll, list.shown.length), list.span)) return;
  list.frame ||= requestAnimationFrame(() => drawRows(list));
}

/** Draw the rows that can be seen; above and below them is as much room as the others take. */
function drawRows(list) {
  list.frame = 0;
  const { body, table, scroll } = list.parts;
  const place = scrollPlace(scroll, list.shown.length);
  const { first, last } = list.isPrinting
    ? { first: 0, last: Math.min(list.shown.length, MAX_PRINTED) }
    : visibleSpan(place);
  list.span = { first, last };
  const focused = list.app.root.activeElement?.dataset?.key;
  table.setAttribute("aria-rowcount", list.shown.length + 1);
  const draw = (row, n) => list.drawn.get(row.key) ?? rowNode(list, row, first + n);
  const rows = list.shown.slice(first, last).map(draw);
  list.drawn = new Map(rows.map((node, n) => [list.shown[first + n].key, node]));
  const none = list.shown.length ? null : h("tr", h("td.none", { colspan: 99 }, sayNone(list)));
  const [above, below] = list.spacers;
  above.style.height = `${first * ROW_HEIGHT}px`;
  below.style.height = `${(list.shown.length - last) * ROW_HEIGHT}px`;
  arrange(body, [above, ...rows, ...(none ? [none] : []), below]);
  if (focused) body.querySelector?.(`[data-key="${focused}"]`)?.focus({ preventScroll: true });
}

const scrollPlace = ({ scrollTop, clientHeight }, count) => ({
  top: scrollTop ?? 0,
  height: clientHeight || 600,
  rowHeight: ROW_HEIGHT,
  count,
});

function sayNone({ rows, parts }) {
  if (!rows.length) return "There are no conversations to show.";
  const words = parts.search.value;
  return words ? `No row matches “${words}”.` : "No row matches.";
}

const makeSpacer = () => h("tr", { "aria-hidden": "true" }, h("td.spacer"));

function rowNode(list, row, place) {
  const name = h("th", { scope: "row" }, nameCell(list, row, place));
  const told = sayFileState(row);
  const rest = list.columns.length - 1;
  const cells = told
    ? h("td.excuse", { colspan: rest, title: told }, h("div.two", told))
    : list.columns.slice(1).map((column) => valueCell(row, column));
  const isOpen = row.key === list.opened;
  const kind = ["tr", row.state, isOpen ? "opened" : ""].filter(Boolean).join(".");
  return h(kind, { "aria-rowindex": place + 2 }, pickCell(list, row), name, cells);
}

/** A conversation's name: a button, or a link where it has a page of its own. */
function nameCell(list, row, place) {
  const given = {
    "data-key": row.key,
    title: row.name,
    keydown: (event) => walkRows(list, event, place),
  };
  const label = h("span.two", row.name);
  if (row.link) return h("a.name", { ...given, href: row.link }, label);
  const open = () => openRow(list, row);
  const off = canOpen(row) ? null : "";
  return h("button.name", { ...given, type: "button", disabled: off, click: open }, label);
}

function openRow(list, row) {
  const { app } = list;
  if (app.openTalk) app.openTalk(row);
  else app.model.send?.({ kind: "open", file: row.file, number: row.number });
  list.opened = row.key;
  redrawRows(list);
}

const canOpen = (row) => Boolean(row.link) || row.steps !== undefined;

function walkRows(list, event, place) {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!by) return;
  let at = place + by;
  while (list.shown[at] && !canOpen(list.shown[at])) at += by; // such a name takes no focus
  const next = list.shown[at];
  if (!next) return;
  event.preventDefault();
  const { scroll, body } = list.parts;
  scroll.scrollTop = scrollToRow(scrollPlace(scroll, list.shown.length), at);
  drawRows(list);
  body.querySelector?.(`[data-key="${next.key}"]`)?.focus({ preventScroll: true });
}

function pickCell({ picks, app }, row) {
  if (!picks) return null;
  const off = row.steps === undefined ? "" : null;
  const box = h("input", { type: "checkbox", aria: `Choose ${row.name}`, disabled: off });
  box.checked = picks.has(row.key);
  box.addEventListener("change", () => {
    if (box.checked) picks.add(row.key);
    else picks.delete(row.key);
    app.model.send?.({ kind: "picked", keys: [...picks] });
  });
  return h("td.pick", box);
}

function valueCell(row, { key, say }) {
  if (key === "findings") {
    const signs = signsOf(row).map(([kind, sign, n]) => h(`span.sign.${kind}`, `${sign} ${n}`));
    return h("td.signs", { title: sayFindings(row), aria: sayFindings(row) }, signs);
  }
  const value = hasValue(row, key) ? row[key] : null;
  if (say) return h("td.number", { title: value }, value === null ? "" : say(value));
  return h("td", { title: value }, h("div.two", value));
}

/** Follow the page: its size, and paper, on which all rows stand. */
function watchList(list) {
  const { app } = list;
  const print = (isPrinting) => () => {
    list.isPrinting = isPrinting;
    drawRows(list);
  };
  const [before, after] = [print(true), print(false)];
  globalThis.addEventListener?.("beforeprint", before);
  globalThis.addEventListener?.("afterprint", after);
  app.cleanups.push(() => {
    globalThis.removeEventListener?.("beforeprint", before);
    globalThis.removeEventListener?.("afterprint", after);
    if (list.frame) cancelAnimationFrame(list.frame);
  });
}
