// The timeline: when each chunk came and what it said, a lane for each kind; zoomed and panned.

import { followAxis, moveView, zoomView } from "../film/axis.js";
import { fill, h, press } from "../dom.js";
import { locate } from "../film/film.js";
import { clamp, upTo } from "../numbers.js";
import { watchPage } from "../redrawing.js";
import { describe } from "../said.js";
import { Drawing } from "../timeline/drawing.js";
import { watchPointers } from "../timeline/watching.js";
import { walkKeys } from "../film/walking.js";
import { sayCount, saySeconds } from "../words.js";

export const timelinePane = {
  name: "timeline",
  column: "top",
  make: makeTimeline,
  grow: (timeline) => timeline.layLanes(),
};

const MAX_NAMED = 20; // lanes that are named to a screen reader

function makeTimeline(app) {
  if (!followAxis(app).film.count) return null;
  const timeline = new Timeline(app, h("canvas", { tabindex: 0, role: "application" }));
  watchPointers(timeline);
  watchPage(timeline);
  return timeline;
}

class Timeline extends Drawing {
  info = h("span.told");
  legend = h("p.legend");
  modes = this.modeChoice();
  node = h(
    "section.timeline",
    this.canvas,
    this.legend,
    h("div.bar", this.zoomButtons(), this.modes, this.info),
  );
  keys = [
    ...walkKeys(this.app),
    [
      "+ − 0",
      "zoom",
      { "+": () => this.zoom(0.6), "-": () => this.zoom(1 / 0.6), 0: () => this.zoom(Infinity) },
    ],
    ["[ ]", "pan", { "[": () => this.pan(-0.2), "]": () => this.pan(0.2) }],
    ["B", "range: start, end", { b: () => this.markRange() }],
    ["A", "axis", { a: () => this.nextAxis() }],
    ["wheel", "zooms with Ctrl, or when the timeline is focused", {}],
    ["drag", "pans, with Shift selects", {}],
  ];

  layLanes() {
    super.layLanes();
    const labels = this.lanes.slice(0, MAX_NAMED).map((lane) => lane.label);
    const count = sayCount(this.app.film.count, "chunk");
    this.canvas.setAttribute("aria-label", `Timeline of ${count}: ${labels.join(", ")}`);
  }

  zoomButtons() {
    return h(
      "span.group",
      press("+", () => this.zoom(0.6), "Zoom in (+)"),
      press("−", () => this.zoom(1 / 0.6), "Zoom out (−)"),
      press("↔", () => this.zoom(Infinity), "Show all (0)"),
    );
  }

  modeChoice() {
    const { film, axis } = this.app;
    const option = (value, label, can, why) =>
      h("option", { value, disabled: can ? null : "" }, `axis: ${label}`, can ? "" : ` (${why})`);
    const modes = h(
      "select",
      { aria: "Axis", change: () => this.setMode(modes.value) },
      option("time", "seconds", film.hasTimes, "not recorded"),
      option("chunk", "chunk number", true),
      option("bytes", "bytes", film.hasSizes, "left out"),
    );
    modes.value = axis.mode;
    return modes;
  }

  setMode(mode) {
    this.app.setAxis(mode);
    this.modes.value = mode;
    this.app.update();
  }

  nextAxis() {
    const can = [...this.modes.options].filter((option) => !option.disabled);
    const at = can.findIndex((option) => option.value === this.modes.value);
    this.setMode(can[(at + 1) % can.length].value);
  }

  /** Say what the axis and the marks mean. */
  sayLegend() {
    const { app, legend, tallest } = this;
    const words = describeAxis(app, tallest).join(" · ");
    if (legend.textContent !== words) fill(legend, words);
  }

  // ---- what is seen of it

  look(view) {
    this.app.view = view;
    this.redraw();
  }

  zoom(factor, around) {
    const { axis, view, at } = this.app,
      place = around ?? clamp(axis.x[at], view.a, view.b);
    this.look(zoomView(axis, view, factor, place));
  }

  pan(share) {
    const { axis, view } = this.app;
    this.look(moveView(axis, view, share * (view.b - view.a)));
  }

  update() {
    const { axis, view, at, isPlaying } = this.app,
      { a, b } = view,
      x = axis.x[at];
    const room = (b - a) * (isPlaying ? 0.1 : 0.5);
    if (x < a || x > b) this.app.view = moveView(axis, view, x - a - room);
    this.explain();
  }

  // ---- a marked range

  setBrush(a, b) {
    this.app.brush = b === undefined ? null : { a: Math.min(a, b), b: Math.max(a, b, a + 1e-6) };
    this.explain();
  }

  /** Begin a range at the cursor, or end the one that was begun. */
  markRange() {
    const { app } = this,
      { mark } = app,
      x = app.axis.x[app.at];
    app.mark = mark === null ? x : null;
    if (mark !== null) this.setBrush(mark, x);
    this.redraw();
  }

  /** Say what is under the pointer or the cursor, or what is in the marked range. */
  explain() {
    const { app, info, hover } = this,
      { film, axis, brush } = app,
      at = hover ?? app.at;
    this.redraw();
    if (brush) {
      const zoom = press("Zoom to it", () => this.look(moveView(axis, brush, 0)));
      const clear = press("Clear", () => this.setBrush());
      return fill(info, zoom, clear, h("b", describeRange(app)));
    }
    const mark = hover === null ? "" : "▸ ";
    fill(info, h("b", `${mark}chunk ${locate(film, at).chunk}`), ` · ${describe(film, at)}`);
  }
}

const AXES = { chunk: "chunk number", bytes: "bytes of the body" };
const TIME_AXES = {
  measured: "seconds since the request was sent (measured)",
  provider_clock: "seconds since the provider’s first stamp (its clock)",
};

/** What the axis counts, and what bars, feet and the line on the axis mean. */
export function describeAxis({ axis, film }, tallest) {
  const clocks = new Set(film.runs.filter((run) => run.count).map((run) => run.clock));
  const words = [AXES[axis.mode] ?? [...clocks].map((clock) => TIME_AXES[clock]).join(" or ")];
  words.push(`height: size of text, up to ${sayCount(tallest, "character")}`);
  if (axis.mode === "chunk") return words;
  words.push("wide foot: chunks that came together");
  const line = clocks.has("measured") ? "wait for headers" : "server’s total";
  if (axis.mode === "time" && film.runs.some((run) => run.line_at))
    words.push(`dark line: the ${line}`);
  return words;
}

/** A range in words: its chunks, and where all of it is of one answer its size and its time. */
export function describeRange({ axis, brush, film }) {
  const from = upTo(axis.x, brush.a - 1e-9),
    to = upTo(axis.x, brush.b) - 1;
  if (to < from) return "no chunk";
  const a = locate(film, from),
    b = locate(film, to),
    { run } = a;
  const facts = [`${sayCount(to - from + 1, "chunk")}, ${a.chunk} to ${b.chunk}`];
  if (run !== b.run) return facts[0];
  if (run.ends) facts.push(sayCount(run.ends[b.chunk] - run.begins[a.chunk], "byte"));
  if (run.times) facts.push(saySeconds(run.times[b.chunk] - run.times[a.chunk]));
  const sizeOf = (part, chunk) => part.ends[upTo(part.chunks, chunk) - 1] ?? 0;
  const sizeAt = (chunk) => run.parts.reduce((sum, part) => sum + sizeOf(part, chunk), 0);
  facts.push(sayCount(sizeAt(b.chunk) - sizeAt(a.chunk - 1), "character"));
  return facts.join(" · ");
}
