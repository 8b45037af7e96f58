// The first tab of the workbench: all conversations, which grow while recordings are read.

import { fill, h, press } from "../../views/js/dom.js";
import { addBatch } from "../../views/js/listing/rows.js";
import { mountPanes } from "../../views/js/mounting.js";
import { sayCount } from "../../views/js/words.js";
import { sayProgress } from "./listing.js";

/** Make the tab: what is opened and ticked goes to Python, and rows are asked for as they come. */
export function makeOverviewTab(bench, panes) {
  const { model } = bench,
    place = h("div");
  const list = { files: filesOf(model.get("_names")), words: [], rows: [] };
  const mounted = mountPanes(model.get("css"), panes, place, (message) => {
    if (message.kind === "open") {
      bench.wait("Reading …");
      bench.ask("open", { file: message.file, number: message.number });
      bench.open("Inspector");
    }
    if (message.kind === "picked") bench.ask("picked", { keys: message.keys });
  });
  const rows = followRows(bench, list, mounted);
  mounted.show({
    conversations: list,
    charts: { bars: [], grid: { providers: [], rows: [], more: 0 } },
    left_out: [],
    can_pick: true,
    has_list_first: true,
  });
  const { bar, show } = makePickBar(bench, mounted);
  bench.listen("_state", show);
  bench.listen("_progress", rows.ask);
  rows.ask();
  show();
  return { node: h("div.overview", rows.progress, bar, place), open: () => {}, stop: mounted.stop };
}

const filesOf = (names) => names.map((name) => [name, "waiting", "", ""]);

/** Ask for the rows that are not here yet, batch by batch, and say how far Python is. */
function followRows(bench, list, mounted) {
  const { model } = bench,
    progress = h("p.progress", { role: "status" });
  let count = 0,
    asked = -1;
  const ask = () => {
    const known = model.get("_progress");
    fill(progress, sayProgress(known));
    if (known.read > count && asked !== count) {
      asked = count;
      bench.ask("rows", { from: count });
    }
  };
  const take = () => {
    const batch = model.get("_rows");
    if (batch.from === count && batch.to > count) {
      addBatch(list, batch);
      count = batch.to;
      mounted.tell({ kind: "rows", conversations: list });
      mounted.tell({ kind: "charts", charts: model.get("_charts") });
    } else asked = -1; // another browser's answer: ask again
    ask();
  };
  bench.listen("_rows", take);
  return { progress, ask };
}

/** What can be done with the rows that are ticked. */
function makePickBar(bench, mounted) {
  const count = h("span");
  const compare = press("Compare them", () => bench.open("Compare"));
  const clear = press("Untick all", () => bench.ask("picked", { keys: [] }));
  const bar = h("div.bar.picks", count, compare, clear);
  const show = () => {
    const { picks, sides, key } = bench.model.get("_state");
    mounted.tell({ kind: "opened", key });
    mounted.tell({ kind: "picks", keys: picks });
    fill(count, picks.length ? `${sayCount(picks.length, "conversation")} ticked` : HOW_TO_TICK);
    compare.style.display = clear.style.display = picks.length ? "" : "none";
    compare.disabled = sides.length < 2;
  };
  return { bar, show };
}

const HOW_TO_TICK = "A name opens a conversation; tick several to compare or export them.";
