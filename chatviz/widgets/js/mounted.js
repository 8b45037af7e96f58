// What the workbench mounts: the inspector of the chosen conversation, and the comparison.

import { fill, h } from "../../views/js/dom.js";
import { mountPanes } from "../../views/js/mounting.js";

const NONE_TICKED =
  "Tick two conversations or more in the overview, and see here where they differ.";

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

/** The comparison of the ticked conversations, asked for when it is looked at. */
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
    const isAsked = model.get("_state").sides.length > 1;
    fill(note, data ? saySides(model.get("_state")) : isAsked ? "Comparing …" : NONE_TICKED);
    if (data) mounted.show(data);
  };
  const open = () => {
    const wanted = model.get("_state").sides.join("\n");
    show();
    const isThere = wanted === shown && model.get("_comparison");
    if (bench.tab !== "Compare" || !wanted || isThere) return;
    shown = wanted;
    bench.ask("compare");
  };
  bench.listen("_comparison", show);
  bench.listen("_state", open);
  return { node, open, stop: mounted.stop };
}

/** Which conversations are compared, by their letters; and how many of the ticked are not. */
function saySides({ sides, picks }) {
  const named = sides.map((name, n) => `${String.fromCharCode(65 + n)}: ${name}`).join(" · ");
  const left = picks.length - sides.length;
  return left > 0 ? `${named} · ${left} more are ticked` : named;
}
