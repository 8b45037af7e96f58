// The timeline on its canvas: lanes of bars, the axis of each answer, and the cursor.

import { niceStep } from "../numbers.js";
import { readColours } from "../palette.js";
import { showText } from "../words.js";
import { binLane, makeLanes } from "./lanes.js";

export const LANE = 22;
export const STRIP = 20; // the height of a lane, and of what stands above them
const NARROW = 560;
const MARGIN = 6;
const BRUSH = 0.18;

/** What stands above an answer: its place, and where no header tells more, whose it is. */
function headingOf(run, { film, made }) {
  if (made.header) return film.isLong ? run.place : "";
  const ending = run.status >= 400 ? `HTTP ${run.status}` : (run.ending ?? "");
  return [run.provider, run.model, run.place, ending].filter(Boolean).join(" · ");
}

/** Draws an app's film on a canvas, as wide as the canvas is shown. */
export class Drawing {
  width = 0;
  frame = 0;
  left = 0;
  right = 0;
  scale = 1;
  colours = null;
  hover = null;

  constructor(app, canvas) {
    Object.assign(this, { app, canvas, ctx: canvas.getContext("2d") });
    this.layLanes();
  }

  layLanes() {
    this.lanes = makeLanes(this.app.film);
    this.floor = STRIP + this.lanes.length * LANE;
    this.height = this.floor + 24;
    this.canvas.style.height = `${this.height}px`;
  }

  /** Where a value of the axis stands on the canvas, and the value at a place. */
  toX = (value) => this.left + (value - this.app.view.a) * this.scale;
  toValue = (x) => this.app.view.a + (x - this.left) / this.scale;

  redraw() {
    this.frame ||= requestAnimationFrame(() => this.draw());
  }

  draw() {
    this.frame = 0;
    if (!this.width) return;
    this.measure();
    const { ctx, left, height, hover, toX, app } = this,
      { axis, brush, mark } = app;
    const { accent, muted } = this.colours,
      cursor = toX(axis.x[app.at]);
    this.drawGround();
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, 0, this.right - left + 8, height);
    ctx.clip();
    axis.spans.forEach((span, index) => this.drawSpan(span, app.film.runs[index]));
    this.drawLanes(cursor);
    if (brush) this.drawBrush(brush);
    if (mark !== null) this.drawLine(toX(mark), accent, 1);
    if (hover !== null) this.drawLine(toX(axis.x[hover]), muted, 1);
    this.drawLine(cursor, accent, 2);
    this.write("▼", cursor, STRIP - 5, 99, accent, "center");
    ctx.restore();
    this.sayLegend();
  }

  measure() {
    const { app, canvas, ctx, width } = this,
      ratio = devicePixelRatio || 1;
    for (const side of ["width", "height"]) {
      const pixels = Math.round(this[side] * ratio);
      if (canvas[side] !== pixels) canvas[side] = pixels;
    }
    this.colours ??= readColours(canvas);
    this.left = width < NARROW ? 78 : 160;
    this.right = width - 10;
    this.scale = (this.right - this.left) / (app.view.b - app.view.a);
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    ctx.font = `11px ${this.colours.font}`;
    ctx.textBaseline = "middle";
  }

  // ---- what is drawn with

  write(text, x, y, room, colour, align) {
    const { ctx } = this;
    ctx.fillStyle = colour;
    ctx.textAlign = align;
    let shown = showText(text.slice(0, 200));
    const cut = () => shown.slice(0, Math.floor(shown.length * 0.9) - 1);
    while (shown.length > 1 && ctx.measureText(shown).width > room) shown = cut() + "…";
    ctx.fillText(shown, x, y);
  }

  drawBox(colour, x, y, wide, tall) {
    this.ctx.fillStyle = colour;
    this.ctx.fillRect(x, y, wide, tall);
  }

  drawLine(x, colour, wide) {
    this.drawBox(colour, x - wide / 2, STRIP - 4, wide, this.floor - STRIP + 4);
  }

  drawBrush({ a, b }) {
    this.ctx.globalAlpha = BRUSH;
    this.drawBox(this.colours.accent, this.toX(a), STRIP, (b - a) * this.scale, this.floor - STRIP);
    this.ctx.globalAlpha = 1;
  }

  drawGround() {
    const { colours, left, width } = this;
    this.drawBox(colours.ground, 0, 0, width, this.height);
    this.lanes.forEach((lane, i) => {
      const top = STRIP + i * LANE;
      if (i % 2 === 0) this.drawBox(colours.soft, 0, top, width, LANE);
      this.write(lane.label, left - 8, top + LANE / 2, left - 14, colours.ink, "right");
    });
  }

  // ---- lanes

  /** Bars as high as their texts are long; what has not come yet is grey. */
  drawLanes(cursor) {
    const { axis, view } = this.app,
      margin = MARGIN / this.scale;
    const seen = { a: view.a - margin, b: view.b + margin };
    const drawn = this.lanes.map((lane) => binLane(lane, axis, seen, this.toX));
    let most = 1;
    for (const { sizes } of drawn) for (const size of sizes) most = Math.max(most, size);
    this.tallest = most;
    // In steps, so that bars keep their height while one pans.
    most = 2 ** (Math.ceil(2 * Math.log2(most)) / 2);
    drawn.forEach((bars, i) => {
      const lane = this.lanes[i],
        base = STRIP + (i + 1) * LANE - 2;
      if (lane.marks.length) this.drawMarks(lane, base, cursor);
      else this.drawBars(lane, bars, base, most, cursor);
    });
  }

  /** Take a colour for what had come at the cursor, and grey for what had not. */
  paint(x, cursor, colour) {
    this.ctx.fillStyle = x <= cursor + 0.5 ? colour : this.colours.grey;
  }

  drawMarks(lane, base, cursor) {
    const { ctx, app, colours } = this;
    ctx.textAlign = "center";
    for (const [at, mark, to] of lane.marks) {
      const x = this.toX(app.axis.x[at]);
      this.paint(x, cursor, colours.ink);
      if (to) ctx.fillRect(x, base - 5, this.toX(app.axis.x[to]) - x, 1);
      ctx.fillText(mark, x, base - (mark === "▼" ? 12 : 5));
    }
  }

  /** Bars; on a time axis one on a wide foot is of several chunks that came together. */
  drawBars(lane, { xs, sizes, counts }, base, most, cursor) {
    const { ctx, app, colours, scale } = this,
      isByChunk = app.axis.mode === "chunk";
    const thick = isByChunk ? Math.max(1, Math.min(9, scale * 0.7)) : 3;
    const short = lane.key.startsWith("call") ? 2 : 6;
    const colour = colours[lane.colour] ?? colours.grey;
    xs.forEach((x, n) => {
      const tall = sizes[n] ? Math.max(2.5, ((LANE - 4) * sizes[n]) / most) : short;
      this.paint(x, cursor, colour);
      ctx.fillRect(x - thick / 2, base - tall, thick, tall);
      if (counts[n] > 1 && !isByChunk) ctx.fillRect(x - 4.5, base - 2, 9, 2);
    });
  }

  // ---- answers, and the tools between them

  /** The band of one answer with its axis, and the tools' run behind it. */
  drawSpan(span, run) {
    const { left, right } = this,
      [a, b, next] = [span.from, span.to, span.next].map(this.toX);
    if (b >= left && a <= right && b - a > 3) this.drawAxis(span, run, a, b);
    if (next === b || b > right || next < left) return;
    this.hatch(b, next);
    this.app.drawTools?.(this, run, b, next);
  }

  drawAxis({ from, to }, run, a, b) {
    const { app, floor, left, right, scale } = this,
      { muted } = this.colours,
      { mode } = app.axis;
    const step = Math.max(niceStep(70 / scale), mode === "time" ? 0 : 1),
      begin = Math.max(a, left);
    const minimumFractionDigits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    const room = Math.min(b, right) - begin;
    this.write(headingOf(run, app), begin + 2, 8, room, muted, "left");
    this.drawBox(muted, a, floor, b - a, 1);
    const [start, long] = run.line_at ?? [];
    if (mode === "time" && long) this.drawBox(muted, a + start * scale, floor - 1, long * scale, 3);
    for (let n = Math.max(0, Math.floor((left - a) / scale / step)); n * step <= to - from; n++) {
      const x = a + (n * step + (mode === "chunk" ? 0.5 : 0)) * scale;
      if (x > right) break;
      const words = (n * step).toLocaleString("en", { minimumFractionDigits });
      this.drawBox(muted, x, floor, 1, 4);
      this.write(words, x, floor + 13, 99, muted, n ? "center" : "left");
    }
  }

  hatch(from, to) {
    const { ctx } = this;
    ctx.strokeStyle = this.colours.line;
    ctx.beginPath();
    for (let y = STRIP - 6; y < this.floor; y += 6) {
      ctx.moveTo(from + 1, y + 6);
      ctx.lineTo(to - 1, y);
    }
    ctx.stroke();
  }
}
