// The frame: panes in columns, and how they get into a page.
//
// A pane is { name, column, make, grow }. `make(app)` returns { node, update, keys }, or null where
// there is nothing to show; `update()` follows the cursor; `keys` are rows of [keys, what they do,
// { key: act }], of which each act is told whether Shift is held.
// `column` is "top", "left" or "right". `grow(made, { app, isNew, remake })` is called when live
// data has grown. An app is { data, model, root, made, cleanups, update }, and what panes have
// added to it: see film/cursor.js and film/axis.js.

import { fillRoot, h, openRoot } from "./dom.js";
import { helpOf, pressKey } from "./keys.js";

/** Show a model's data inside a root, in panes; return the app. */
export function showPanes(root, model, panes) {
  const app = {
    data: model.get("data"),
    model,
    root,
    panes,
    made: {},
    cleanups: [],
  };
  app.update = () => {
    const made = Object.values(app.made);
    made.forEach((one) => one.update?.());
    made.forEach((one) => one.node?.settle?.());
  };
  watchPrinting(app);
  for (const pane of panes) {
    const made = pane.make(app);
    if (made) app.made[pane.name] = made;
  }
  fillRoot(root, model.get("css"), layPanes(app));
  queueMicrotask(app.update);
  return app;
}

/** Paper has no folds: what is folded is opened before the page is printed. */
function watchPrinting({ root, cleanups }) {
  const open = () => root.querySelectorAll(".pane, .quiet").forEach((one) => (one.open = true));
  globalThis.addEventListener?.("beforeprint", open);
  cleanups.push(() => globalThis.removeEventListener?.("beforeprint", open));
}

function layPanes(app) {
  const { data, panes, made } = app;
  const inColumn = (name) => panes.filter(({ column }) => column === name);
  const nodesIn = (name) =>
    inColumn(name)
      .map((pane) => made[pane.name]?.node)
      .filter(Boolean);
  const columns = ["left", "right"].map(nodesIn).filter((nodes) => nodes.length);
  const help = helpOf(app);
  const named = help && { tabindex: 0, role: "group", aria: "chatviz view, with keys" };
  return h(
    "div.app",
    { ...named, keydown: (event) => pressKey(event, app) },
    nodesIn("top"),
    data.left_out.map((note) => h("p.note", note)),
    h(
      `div.grid.of${columns.length}`,
      columns.map((nodes) => h("div.column", nodes)),
    ),
    help,
  );
}

/** anywidget's render: draws the model's data, and returns the clean-up. */
export function renderPanes({ model, el }, panes) {
  const [host, root] = openRoot();
  let app = null;
  const stop = () => app?.cleanups.forEach((clean) => clean());
  const draw = () => {
    stop();
    app = showPanes(root, model, panes);
  };
  draw();
  model.on?.("change:data", draw);
  el.replaceChildren(host);
  model.send?.({ kind: "ready" });
  return () => {
    model.off?.("change:data", draw);
    stop();
    host.remove();
  };
}

/** What a page of panes is to anywidget, and to a script in a page. */
export function makePage(panes) {
  const render = (given) => renderPanes(given, panes);
  return { initialize: () => () => {}, render, mountAt: (...given) => mountAt(render, ...given) };
}

/** Make the element before a mark interactive; the mark is found by its id, once for each copy. */
function mountAt(render, mark, data, css) {
  const model = { get: (name) => ({ data, css })[name] };
  for (const node of document.querySelectorAll(`[id="${mark}"]:not([data-mounted])`)) {
    node.dataset.mounted = "";
    render({ model, el: node.previousElementSibling ?? node });
  }
}
