// The tables of the workbench: Python sends the first rows, sorted as the reader asks.

import { fill, h } from "../../views/js/dom.js";
import { nextOrder } from "../../views/js/listing/ordering.js";
import { sayCell } from "./listing.js";

const UNSORTED = { sort: "", descending: false };

/** Make the element of all tables; the one of the open tab is asked for. */
export function makeTable(bench) {
  const { model } = bench,
    node = h("div.table");
  let order = UNSORTED,
    name = "";
  const ask = () => {
    bench.wait("Reading …");
    bench.ask("table", { name, ...order });
  };
  const sort = (column) => {
    order = nextOrder(order, column);
    ask();
  };
  const show = () => {
    const page = model.get("_table");
    bench.wait("");
    if (page.name !== name) return fill(node, "");
    const focused = node.getRootNode().activeElement?.dataset?.column;
    fill(node, tableOf(page, sort), h("p.note", sayRows(page)));
    const buttons = [...node.querySelectorAll("button")];
    if (focused) buttons.find((one) => one.dataset.column === focused)?.focus();
  };
  bench.listen("_table", show);
  bench.listen("_film", () => name === bench.tab && ask());
  const open = (tab) => {
    if (tab !== name) order = UNSORTED;
    name = tab;
    ask();
  };
  return { node, open };
}

function sayRows({ rows, total }) {
  if (!total) return "No rows.";
  const isWhole = total === rows.length;
  return isWhole ? "" : `The first ${rows.length} of ${total} rows; the export has all.`;
}

function tableOf(page, sort) {
  const heads = page.columns.map((column) => headOf(page, column, sort));
  const cell = (value, n) => h(page.numeric[n] ? "td.number" : "td", sayCell(value));
  const rows = page.rows.map((row) => h("tr", row.map(cell)));
  return h("div.scroll", h("table", h("thead", h("tr", heads)), h("tbody", rows)));
}

function headOf({ sort: sorted, descending }, column, sort) {
  const order = sorted !== column ? "none" : descending ? "descending" : "ascending";
  const sign = { none: "", ascending: " ▲", descending: " ▼" }[order];
  const click = () => sort(column),
    title = `Sort by ${column}`;
  const button = h("button", { type: "button", "data-column": column, title, click }, column, sign);
  return h("th", { scope: "col", "aria-sort": order }, button);
}
