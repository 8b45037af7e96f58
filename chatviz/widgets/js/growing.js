// The inspector of answers that grow: it is made when the first chunk has come.

import { h, openRoot } from "../../views/js/dom.js";
import { showPanes } from "../../views/js/frame.js";
import { growRuns, growShown } from "../../views/js/film/growth.js";
import { drawTools } from "./tool_bars.js";

const FRAMELESS = ".app{border:0;border-radius:0}";

const SHARE = 3;
const LEAST_MS = 16;

/**
 * Draw what has come of a talk, now or as soon as there is time for it.
 *
 * That takes at most a part of the time, so that the page hears its user.
 */
export function drawTalks(talk, growing) {
  let timer = 0;
  const draw = () => {
    const began = performance.now();
    growing.grow(talk.rows.splice(0), talk.findings);
    talk.findings = null;
    const rest = Math.max(LEAST_MS, SHARE * (performance.now() - began));
    timer = setTimeout(() => {
      timer = 0;
      if (talk.rows.length || talk.findings) draw();
    }, rest);
  };
  const ask = () => timer || draw();
  const stop = () => clearTimeout(timer);
  return { ask, stop };
}

/**
 * Make the element that it grows in; `grow` takes rows of columns and the findings of all.
 *
 * Explanations of findings may come later, into `explained`, by their codes.
 */
export function makeGrowing(panes, css, explained = {}) {
  const node = h("div.growing"),
    runs = [],
    talks = [{ findings: [] }];
  const data = { runs: [], talks, explained, left_out: [], opened: runs };
  const model = { get: (name) => ({ data, css: css + FRAMELESS })[name] };
  let app = null,
    hadTimes = false;
  const drop = () => app?.cleanups.forEach((clean) => clean());
  const make = () => {
    drop();
    const [host, root] = openRoot();
    app = Object.assign(showPanes(root, model, panes), { drawTools });
    hadTimes = app.film.hasTimes;
    node.replaceChildren(host);
  };
  const grow = (rows, findings) => {
    if (findings) talks[0].findings = findings;
    const isNew = growRuns(runs, rows);
    if (!runs.some((run) => run.count)) return;
    const hasTimes = runs.every((run) => run.times || !run.count);
    if (!app || hasTimes !== hadTimes) make();
    else growShown(app, isNew || findings);
  };
  return { node, grow, drop };
}
