// What the workbench mounts: the inspector of the chosen conversation, and the comparison.

import { fill, h } from "../../views/js/dom.js";
import { mountPanes } from "../../views/js/mounting.js";

const NONE_KEPT = "Keep a conversation as A, choose another, and see here where they differ.";

/** The inspector: it goes where Python goes, and tells Python where its reader goes. */
export function makeFilms(bench, panes) {
  const { model } = bench,
    node = h("div");
  let number = null,
    move = null;
  const film = mountPanes(bench.model.get("css"), panes, node, (message) => {
    if (message.kind !== "select" || number === null) return;
    bench.ask("select", { run: message.run, chunk: message.chunk, film: number });
    bench.showRun(message.run);
  });
  const follow = () => {
    const cursor = model.get("_cursor");
    if (cursor.film !== number || cursor.move === move) return;
    move = cursor.move;
    if (cursor.run === null || cursor.chunk === null) return;
    film.tell({ kind: "select", run: cursor.run, chunk: cursor.chunk });
  };
  const show = () => {
    const { number: newest, data } = model.get("_film");
    if (newest === number) return;
    number = null; // what it sends while it is drawn is no choice
    film.show(data);
    number = newest;
    move = null;
    follow();
  };
  bench.seek = (run) => film.tell({ kind: "select", run, chunk: Infinity });
  bench.listen("_film", show);
  bench.listen("_cursor", follow);
  show();
  return { node, open: () => {}, stop: film.stop };
}

/** The comparison of the kept conversation with the chosen one, asked for when it is looked at. */
export function makeComparisons(bench, panes) {
  const { model } = bench,
    place = h("div"),
    note = h("p.note"),
    node = h("div", note, place);
  let shown = null;
  const mounted = mountPanes(model.get("css"), panes, place, () => {});
  const show = () => {
    const data = model.get("_comparison");
    place.style.display = data ? "" : "none";
    fill(note, data ? "" : model.get("_state").pinned ? "Comparing …" : NONE_KEPT);
    if (data) mounted.show(data);
  };
  const open = () => {
    const { pinned } = model.get("_state"),
      wanted = `${pinned} ${model.get("_film").number}`;
    show();
    const isThere = wanted === shown && model.get("_comparison");
    if (bench.tab !== "Compare" || !pinned || isThere) return;
    shown = wanted;
    bench.ask("compare");
  };
  bench.listen("_comparison", show);
  bench.listen("_state", open);
  return { node, open, stop: mounted.stop };
}
