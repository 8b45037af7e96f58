// The workbench: tabs with the overview, the inspector, tables and the comparison, and exports.
//
// Python's traits come here and never go back; what a reader does goes to Python as messages.

import { fill, fillRoot, h, openRoot } from "../../views/js/dom.js";
import { sayCount } from "../../views/js/words.js";
import { makeChooser } from "./chooser.js";
import { makeComparisons, makeFilms } from "./mounted.js";
import { makeOverviewTab } from "./overview_tab.js";
import { fillPlaces, keepKey } from "./places.js";
import { makeTable } from "./tables.js";

const TABLES = ["runs", "chunks", "deltas", "tool calls", "arguments", "usage", "findings"];
const TABS = ["Overview", "Inspector", ...TABLES, "Compare"];
const EXPORTS = [
  ["html", "HTML page"],
  ["csv", "tables as CSV"],
  ["cassette", "cassette, redacted"],
  ["list", "the list as CSV"],
];

/** What the module is to anywidget; the panes are those of what its tabs mount. */
export function makeWorkbench(...panes) {
  const render = ({ model, el }) => build(model, el, ...panes);
  const initialize = ({ model }) => fillPlaces(model.get("_key"), (el) => render({ model, el }));
  return { initialize, render };
}

/** Build the application in an element; return the clean-up. */
function build(model, el, inspectorPanes, comparePanes, overviewPanes) {
  const [host, root] = openRoot(),
    bench = makeBench(model);
  const status = h("span.status", { role: "status" });
  bench.wait = (words) => fill(status, words);
  const chooser = makeChooser(bench),
    table = makeTable(bench);
  const films = makeFilms(bench, inspectorPanes),
    comparison = makeComparisons(bench, comparePanes),
    overview = makeOverviewTab(bench, overviewPanes);
  const panels = { Overview: overview, Inspector: films, Compare: comparison };
  for (const name of TABLES) panels[name] = table;
  const { tabs, panel } = makeTabs(bench, panels);
  const named = { role: "group", aria: "Workbench", keydown: keepKey };
  const foot = h("div.bar.foot", makeExports(bench), status);
  const body = h("div.app.bench", named, chooser.node, tabs, panel, foot, makeNotice(bench));
  fillRoot(root, model.get("css"), body);
  el.replaceChildren(host);
  bench.ask("ready");
  return () => {
    bench.stops.forEach((stop) => stop());
    [films, comparison, overview].forEach((one) => one.stop());
    host.remove();
  };
}

/** What the parts share: the model, the open tab, and how they hear of it and ask it. */
function makeBench(model) {
  const stops = [];
  const listen = (name, act) => {
    model.on(`change:${name}`, act);
    stops.push(() => model.off(`change:${name}`, act));
  };
  const ask = (kind, content) => model.send({ kind, ...content });
  return { model, tab: "Overview", stops, listen, ask };
}

function makeTabs(bench, panels) {
  const nodes = [...new Set(Object.values(panels))].map(({ node }) => node);
  const panel = h("div.panel", { role: "tabpanel" }, nodes);
  const open = (name) => {
    bench.tab = name;
    tabs.forEach((tab, n) => {
      tab.setAttribute("aria-selected", TABS[n] === name);
      tab.tabIndex = TABS[n] === name ? 0 : -1;
    });
    panel.setAttribute("aria-label", name);
    for (const node of nodes) node.style.display = node === panels[name].node ? "" : "none";
    panels[name].open(name);
  };
  const walk = (event, name) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    const next = (TABS.indexOf(name) + by + TABS.length) % TABS.length;
    open(TABS[next]);
    tabs[next].focus();
  };
  const tabs = TABS.map((name) => {
    const acts = { click: () => open(name), keydown: (event) => walk(event, name) };
    return h("button", { type: "button", role: "tab", ...acts }, name);
  });
  bench.open = open;
  open(bench.tab);
  return { tabs: h("div.bar.tabs", { role: "tablist" }, tabs), panel };
}

/** The exports: of what is ticked, else of what is chosen; and of the whole list. */
function makeExports(bench) {
  const act = (what) => () => {
    bench.wait("Writing …");
    bench.ask("export", { what });
  };
  const button = ([what, label]) => h("button", { type: "button", click: act(what) }, label);
  const what = h("span");
  const show = () => {
    const { picks } = bench.model.get("_state");
    const many = `the ${sayCount(picks.length, "ticked conversation")}`;
    fill(what, `Export ${picks.length ? many : "the conversation"}:`);
  };
  bench.listen("_state", show);
  show();
  return [what, EXPORTS.map(button)];
}

function makeNotice(bench) {
  const notice = h("p.notice", { role: "alert" });
  const show = () => {
    const { words = "", is_error } = bench.model.get("_notice");
    notice.classList.toggle("error", Boolean(is_error));
    fill(notice, is_error ? "✕ " : "", words);
    bench.wait("");
  };
  bench.listen("_notice", show);
  bench.listen("_state", () => bench.wait(""));
  show();
  return notice;
}
