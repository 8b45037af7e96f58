// The axis: where each chunk stands by its number, its time or its bytes, and what is seen of it.

import { followFilm } from "./cursor.js";
import { toolsEnd } from "./film.js";
import { clamp } from "../numbers.js";

/** Give an app its axis, the view of it and a marked range, once. */
export function followAxis(app) {
  if (app.axis) return app;
  const { film } = followFilm(app);
  app.setAxis = (mode) => {
    app.axis = layAxis(film, mode);
    app.view = { a: app.axis.start, b: app.axis.end };
    app.brush = app.mark = null;
  };
  app.setAxis(film.hasTimes && film.count ? "time" : "chunk");
  return app;
}

/** Where each chunk stands on an axis: "chunk", "time" or "bytes"; answers stand apart. */
export function layAxis(film, mode) {
  const x = new Float64Array(film.count);
  const spans = [];
  const total = film.runs.reduce((sum, run) => sum + extentOf(run, mode), 0) || 1;
  const gap = total * Math.min(0.04, 0.3 / film.runs.length);
  let base = 0;
  for (const run of film.runs) {
    const from = base;
    const to = from + extentOf(run, mode);
    for (let n = 0; n < run.count; n++) x[run.first + n] = from + placeOf(run, mode, n);
    const isLast = run === film.runs.at(-1) && !run.tools.length;
    base = isLast ? to : to + Math.max(gap, mode === "time" ? toolsEnd(run) : 0);
    spans.push({ from, to, next: base });
  }
  const pad = mode === "chunk" ? 0 : base * 0.01 || 1;
  return { mode, x, spans, start: -pad, end: base + pad };
}

function extentOf(run, mode) {
  if (mode === "chunk") return run.count;
  if (mode === "bytes") return run.ends.at(-1) ?? 0;
  return Math.max(run.times?.at(-1) ?? 0, run.clock === "measured" ? (run.headers_s ?? 0) : 0);
}

const placeOf = (run, mode, n) =>
  mode === "chunk" ? n + 0.5 : mode === "bytes" ? run.ends[n] : run.times[n];

/** A view zoomed around a place, and kept inside the axis. */
export function zoomView(axis, view, factor, around) {
  const whole = axis.end - axis.start;
  const width = clamp((view.b - view.a) * factor, whole / 1e6, whole);
  const share = (around - view.a) / (view.b - view.a);
  return moveView(axis, { a: around - share * width, b: around + (1 - share) * width }, 0);
}

/** A view moved, and kept inside the axis. */
export function moveView(axis, view, by) {
  const width = view.b - view.a;
  const a = clamp(view.a + by, axis.start, axis.end - width);
  return { a, b: a + width };
}

/** Whether a view shows the whole axis. */
export const isWhole = (axis, view) => view.b - view.a > (axis.end - axis.start) * 0.999;
