// Small charts of many conversations: bars on one scale each, and findings by kind and provider.

import { foldable, h } from "../../dom.js";
import { sayCount } from "../../words.js";

export const chartsPane = { name: "charts", column: "top", make: makeCharts };

const CHARTED = "cost, tokens, findings and times of all conversations";
const NARROW_PAGE = 600; // pixels
const SEVERITY_WORDS = { error: "✕", warning: "▲", info: "i" };

function makeCharts(app) {
  const place = h("div.charts");
  const draw = ({ bars, grid }) => {
    const cards = [...bars.map((chart) => chartOf(app, chart)), gridOf(app, grid)].filter(Boolean);
    place.replaceChildren(...cards);
    node.style.display = cards.length ? "" : "none";
  };
  const node = foldable("summed", "Charts", CHARTED, place);
  const hear = (message) => message.kind === "charts" && draw(message.charts);
  app.model.on?.("msg:custom", hear);
  app.cleanups.push(() => app.model.off?.("msg:custom", hear));
  draw(app.data.charts);
  const isSmall = globalThis.innerWidth < NARROW_PAGE;
  if (isSmall || app.data.has_list_first) node.removeAttribute("open");
  return { node };
}

/** A label that shows its own conversations in the list. */
const finder = (app, words) =>
  h(
    "button.find",
    {
      type: "button",
      title: `Show those of ${words} in the list`,
      click: () => app.made.conversations?.search(words),
    },
    words,
  );

function chartOf(app, { title, parts, bars, more, hue }) {
  const most = Math.max(...bars.map(([, edges]) => edges.at(-1)), 0) || 1;
  const key = parts.map((part, n) => h("span", h(kindOf(hue, n, part === "estimated")), part));
  const laneOf = ([, edges, , isEst]) => h("div.track", partedBar(edges, most, hue, isEst));
  const rows = groupBars(bars).map((own) => {
    const lanes = h("div.tracks", { "aria-hidden": "true" }, own.map(laneOf));
    const numbers = h("div.numbers", own.map(([, , text]) => text).join(" · "));
    return h("li", h("div.whose", finder(app, own[0][0])), lanes, numbers);
  });
  const rest = more ? h("p.note", `${more} more in cv.scorecard_table.`) : null;
  return h("figure", h("figcaption", h("b", title), h("span.series", key)), h("ul", rows), rest);
}

/** Bars by whose they are: one without a label is that of the one before it. */
function groupBars(bars) {
  const groups = [];
  for (const bar of bars) {
    if (bar[0] || !groups.length) groups.push([bar]);
    else groups.at(-1).push(bar);
  }
  return groups;
}

const kindOf = (hue, n, isEstimate) => (isEstimate ? "i.estimate" : `i.${hue}${n}`);

/** The parts of a bar, each from the end of the one before it. */
function partedBar(edges, most, hue, isEstimate) {
  return edges.map((edge, n) => {
    const width = (100 * Math.max(edge - (edges[n - 1] ?? 0), 0)) / most;
    return h(kindOf(hue, n, isEstimate), { style: `width:${width}%` });
  });
}

function gridOf(app, { providers, rows, more }) {
  if (!rows.length) return null;
  const most = Math.max(...rows.flatMap(([, , counts]) => counts), 1);
  const headOfProvider = (name) => h("th", { scope: "col" }, h("span", { title: name }, name));
  const heads = providers.map(headOfProvider);
  const lines = rows.map(([severity, code, counts]) =>
    h(
      `tr.${severity}`,
      h("th", { scope: "row" }, `${SEVERITY_WORDS[severity]} `, finder(app, code)),
      counts.map((count) => h("td", shade(count / most), count || "")),
    ),
  );
  const rest = more ? h("p.note", `${sayCount(more, "more kind")} in cv.finding_table.`) : null;
  return h(
    "figure.found",
    h("figcaption", h("b", "Findings, by kind and provider"), h("small", "answers that show it")),
    h("div.scroll", h("table", h("thead", h("tr", h("th"), heads)), h("tbody", lines))),
    rest,
  );
}

const shade = (share) => (share ? { style: `--share:${(8 + 32 * share).toFixed(0)}%` } : {});
