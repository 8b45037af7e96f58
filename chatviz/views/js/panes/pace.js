// Pace: how much had come by when; a line for each answer, its pauses as bands, the cursor across.

import { followFilm } from "../film/cursor.js";
import { h } from "../dom.js";
import { clamp, niceStep, sumUp, upTo } from "../numbers.js";
import { readColours } from "../palette.js";
import { watchPage } from "../redrawing.js";
import { walkKeys } from "../film/walking.js";
import { sayCount, saySeconds, showText } from "../words.js";

export const pacePane = { name: "pace", column: "top", make: makePace };

const HEIGHT = 260;
const LEFT = 64;
const RIGHT = 14;
const TOP = 24;
const FLOOR = HEIGHT - 34;
const LINES = ["text", "call0", "call1", "reasoning", "call2", "call3", "ink", "muted"];

function makePace(app) {
  const { film } = followFilm(app);
  if (!film.count) return null;
  const canvas = h("canvas.pace", { tabindex: 0, role: "img" });
  const told = h("span.told");
  const lines = film.runs.map(lineOf(!app.data.pace.note && film.hasTimes));
  const pace = { app, canvas, lines, colours: null, frame: 0, width: 0 };
  pace.draw = pace.redraw = () => draw(pace);
  watchPage(pace);
  canvas.addEventListener("pointerdown", (event) => app.go(nearest(pace, event)));
  const update = () => {
    told.textContent = showText(sayPace(pace));
    canvas.setAttribute("aria-label", told.textContent);
    pace.draw();
  };
  const { note, captions } = app.data.pace;
  const named = captions.slice(0, lines.length).map((caption, n) => {
    const swatch = h("i.swatch", { style: `background: var(--${colourOf(n)})` });
    return h("p.legend", swatch, h("b", lines[n].run.place), " ", caption);
  });
  const why = note && h("p.legend", note);
  const keys = walkKeys(app);
  return { node: h("section.pacing", canvas, h("p.legend", told), named, why), update, keys };
}

const colourOf = (n) => LINES[n % LINES.length];

/** Where each chunk of an answer stands, and what had come with it. */
const lineOf = (isTimed) => (run) => {
  const sizes = new Array(run.count).fill(0);
  for (const part of run.parts) part.chunks.forEach((at, n) => (sizes[at] += part.lengths[n]));
  const x = isTimed ? run.times : sizes.map((_, n) => n);
  return { run, isTimed, x, y: sumUp(sizes) };
};

function sayPace({ app, lines }) {
  const { index, chunk } = app.here();
  const { run, isTimed, x, y } = lines[index];
  const pause = app.data.pauses.find(([of, after]) => of === index && after === chunk);
  const at = isTimed ? ` at ${saySeconds(x[chunk])}` : "";
  const since = isTimed && chunk ? saySeconds(x[chunk] - x[chunk - 1]) : "";
  const gap = since && `, ${since} after the one before`;
  const where = app.film.isLong ? `${run.place}, ` : "";
  const stood = pause ? `; a pause of ${saySeconds(pause[3])}` : "";
  const grown = sayCount(y[chunk] ?? 0, "character");
  return `${where}chunk ${chunk}${at}${gap}${stood}: ${grown} so far`;
}

/** The chunk of the answer at the cursor that is nearest to a place on the canvas. */
function nearest({ app, canvas, lines, scale }, event) {
  const { index } = app.here();
  const { run, x } = lines[index];
  const value = (event.clientX - canvas.getBoundingClientRect().left - LEFT) / scale.x;
  const after = clamp(upTo(x, value), 0, run.count - 1);
  const isBefore = after > 0 && value - x[after - 1] < x[after] - value;
  return run.first + (isBefore ? after - 1 : after);
}

function draw(pace) {
  const { app, canvas, lines } = pace;
  const width = canvas.clientWidth;
  if (!width) return;
  const ctx = canvas.getContext("2d");
  const ratio = devicePixelRatio || 1;
  canvas.width = width * ratio;
  canvas.height = HEIGHT * ratio;
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  const colours = (pace.colours ??= readColours(canvas));
  const most = (key) => Math.max(...lines.map((line) => line[key].at(-1) ?? 0)) || 1;
  const room = width - LEFT - RIGHT;
  const scale = (pace.scale = { x: room / most("x"), y: (FLOOR - TOP) / most("y") });
  const toX = (value) => LEFT + value * scale.x;
  const toY = (value) => FLOOR - value * scale.y;
  ctx.font = `11px ${colours.font}`;
  drawPauses(ctx, app.data.pauses, toX, colours);
  const axis = lines[0].isTimed ? app.data.pace.axis : "chunk number";
  drawAxes(ctx, { width, toX, toY, colours, axis, lines, ends: [most("x"), most("y")] });
  lines.forEach((line, n) => drawGrowth(ctx, line, colours[colourOf(n)], toX, toY));
  const { index, chunk } = app.here();
  ctx.fillStyle = colours.accent;
  ctx.fillRect(toX(lines[index].x[chunk] ?? 0) - 0.75, TOP, 1.5, FLOOR - TOP);
}

function drawPauses(ctx, pauses, toX, colours) {
  for (const [, , begin, seconds] of pauses) {
    const x = toX(begin);
    const end = toX(begin + seconds);
    ctx.fillStyle = colours.soft;
    ctx.fillRect(x, TOP, Math.max(end - x, 1), FLOOR - TOP);
    ctx.fillStyle = colours.muted;
    ctx.textAlign = "center";
    if (end - x > 34) ctx.fillText(saySeconds(seconds), (x + end) / 2, TOP + 12);
  }
}

function drawAxes(ctx, { width, toX, toY, colours, axis, lines, ends }) {
  ctx.fillStyle = colours.muted;
  ctx.textAlign = "left";
  ctx.fillText("characters so far", 10, 14);
  ctx.textAlign = "right";
  ctx.fillText(axis, width - RIGHT, HEIGHT - 4);
  for (const value of ticksTo(ends[1], 4, 1)) {
    ctx.fillText(value.toLocaleString("en"), LEFT - 6, toY(value) + 4);
    ctx.fillRect(LEFT, Math.round(toY(value)), width - LEFT - RIGHT, value ? 0.25 : 1);
  }
  ctx.textAlign = "center";
  for (const value of ticksTo(ends[0], Math.max(2, width / 110), lines[0].isTimed ? 0 : 1)) {
    ctx.fillText(value.toLocaleString("en"), toX(value), FLOOR + 15);
    ctx.fillRect(toX(value), FLOOR, 1, 4);
  }
}

/** Numbers that are easy to read, from 0 to an end; `least` is the smallest step. */
function ticksTo(end, about, least) {
  const step = Math.max(niceStep(end / about), least);
  const count = Math.floor(end / step) + 1;
  return Array.from({ length: count }, (_, n) => Number((n * step).toFixed(9)));
}

/** Draw a line that is flat until the next chunk comes. */
function drawGrowth(ctx, { x, y }, colour, toX, toY) {
  if (!x.length) return;
  ctx.strokeStyle = colour;
  ctx.lineWidth = 2;
  ctx.beginPath();
  ctx.moveTo(toX(x[0]), FLOOR);
  x.forEach((value, n) => {
    ctx.lineTo(toX(value), toY(y[n - 1] ?? 0));
    ctx.lineTo(toX(value), toY(y[n]));
  });
  ctx.stroke();
}
