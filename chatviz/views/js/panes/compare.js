// The comparison: the same parts of several answers, aligned by content, by chunk or by time.

import { fill, h } from "../dom.js";
import { clamp, readNumbers, readSteps, sumUp, upTo } from "../numbers.js";
import { callClass } from "../palette.js";
import { sayCount, showText } from "../words.js";

export const comparePane = { name: "compare", column: "left", make: makeComparison };

const STEPS = 1000;
const MODES = {
  content: "what is said",
  chunk: "chunk number",
  time: "seconds since the request (measured)",
};
const COMPARE_KEYS = [
  ["← →", "back and forth (the slider has the focus)", {}],
  ["Home End", "nothing, all", {}],
];
const HINT = "each step begins at its own start; marked: words that the others do not have";
const MAX_PIECES = 1500;
const MAX_TEXT = 4000;
const TICKS_PER_S = 1e4;

// ---- one side of a part

/** Open one side of a part: its pieces' ends, chunks and times. */
export function openSide(columns) {
  if (!columns) return null;
  return {
    text: columns.text,
    ends: sumUp(readNumbers(columns.lengths)),
    chunks: readSteps(columns.chunks),
    marks: columns.marks ?? [],
    times: columns.ticks && readSteps(columns.ticks, true).map((tick) => tick / TICKS_PER_S),
  };
}

/** Where a side's pieces end on an axis: "content", "chunk" or "time". */
export const placesOf = (side, mode) =>
  mode === "content" ? side.ends : mode === "chunk" ? side.chunks : side.times;

/** How many characters of a side had come at a place of an axis. */
export function cutAt(side, mode, at) {
  if (mode === "content") return Math.min(Math.floor(at), side.ends.at(-1) ?? 0);
  return side.ends[upTo(placesOf(side, mode), at) - 1] ?? 0;
}

/** A text up to a cut: by turns what is the same everywhere, and the words that are not. */
export function splitText(side, cut, limit = MAX_TEXT) {
  const skipped = Math.max(0, cut - limit);
  const edges = [0, ...side.marks, cut].map((edge) => clamp(edge, skipped, cut));
  const parts = edges.slice(1).map((edge, n) => side.text.slice(edges[n], edge));
  return { skipped, parts, rest: (side.ends.at(-1) ?? 0) - cut };
}

/** Whether any word that is marked stands in a piece of a text. */
const isMarked = ({ marks }, start, stop) =>
  upTo(marks, start) % 2 === 1 || (marks[upTo(marks, start)] ?? Infinity) < stop;

/** How far an axis reaches over some sides. */
const reachOf = (sides, mode) =>
  Math.max(1e-9, ...sides.filter(Boolean).map((side) => placesOf(side, mode).at(-1) ?? 0));

// ---- the whole

function makeComparison(app) {
  const { labels, rows, strands } = app.data;
  const opened = strands.map((one) => ({ ...one, sides: one.sides.map(openSide) }));
  const sides = opened.flatMap((strand) => strand.sides).filter(Boolean);
  const view = { mode: "content", share: 1, labels, sides };
  view.cards = opened.map((strand) => makeStrand(strand, view));
  view.place = h("output.place");
  view.range = h("input", { type: "range", min: 0, max: STEPS, aria: "How far" });
  view.range.value = STEPS;
  view.modes = modeChoice(sides);
  const take = () => {
    view.share = view.range.value / STEPS;
    view.mode = view.modes.value;
    showShare(view);
  };
  view.range.addEventListener("input", take);
  view.modes.addEventListener("change", take);
  const bar = h("div.bar", view.modes, view.place);
  const player = h("div.player", { role: "group", aria: "Alignment" }, bar, view.range);
  const node = h(
    "div.compare",
    numberTable(labels, rows),
    player,
    view.cards.map((one) => one.node),
    h("p.note", HINT),
  );
  return { node, update: () => showShare(view), keys: COMPARE_KEYS };
}

function modeChoice(sides) {
  const hasTimes = sides.length > 0 && sides.every((side) => side.times);
  const option = ([mode, label]) => {
    const can = mode !== "time" || hasTimes;
    const words = `align by ${label}`;
    const given = { value: mode, disabled: can ? null : "" };
    return h("option", given, can ? words : `${words}: not recorded`);
  };
  return h("select", { aria: "Align by" }, Object.entries(MODES).map(option));
}

function numberTable(labels, rows) {
  const heads = labels.map((label) => h("th", { scope: "col" }, label));
  const line = ([name, ...cells]) => {
    const differs = new Set(cells).size > 1;
    const head = h("th", { scope: "row" }, differs ? "≠ " : "= ", name);
    return h(
      `tr${differs ? ".differs" : ""}`,
      head,
      cells.map((cell) => h("td", cell)),
    );
  };
  const head = h("thead", h("tr", h("th"), heads));
  return h("div.scroll", h("table", head, h("tbody", rows.map(line))));
}

/** Show what had come at the slider's place. */
function showShare({ mode, share, sides, cards, place, range }) {
  const all = reachOf(sides, mode);
  const at = share * all;
  const percent = `${Math.round(100 * share)} % of each part`;
  const reached = mode === "chunk" ? `chunk ${Math.floor(at)}` : `${at.toFixed(3)} s`;
  fill(place, mode === "content" ? percent : reached);
  range.setAttribute("aria-valuetext", place.textContent);
  for (const card of cards) {
    const end = mode === "content" ? reachOf(card.strand.sides, mode) : all;
    showStrand(card, mode, share * end, end);
  }
}

// ---- one part

/** A part's name without the choice that it belongs to. */
export const partOf = (label) => label.replace(/^choice \d+: /, "");

function makeStrand(strand, { labels }) {
  const { label, step, sides } = strand;
  const rows = sides.map((side, n) => {
    const bar = h("div.pieces");
    const cursor = h("u");
    const text = h("div.words");
    const lane = h("div.lane", { "aria-hidden": "true" }, bar, cursor);
    const count = h("small", side ? sayCount(side.ends.length, "piece") : "not there");
    return { side, bar, text, cursor, node: h("div.side", h("b", labels[n]), lane, count, text) };
  });
  const part = partOf(label);
  const ofPart = part.startsWith("reasoning") ? "think" : "text";
  const colour = part.startsWith("call ") ? callClass(Number.parseInt(part.slice(5), 10)) : ofPart;
  const title = h("strong", `Step ${step}, ${label}`);
  const note = h("small", sayStrand(strand));
  const lanes = h(
    "div.sides",
    rows.map((row) => row.node),
  );
  const node = h(`section.strand.${colour}`, h("div.title", title, note), lanes);
  return { strand, rows, node, drawn: "" };
}

function sayStrand({ sides, offset, is_respelt: isRespelt }) {
  if (sides.filter(Boolean).length < 2) return "on one side only";
  if (isRespelt) return "= the same JSON, spelled otherwise";
  if (offset === null) return "= word for word the same";
  const same = offset ? `the same for ${offset} characters` : "different from the first on";
  return `≠ ${same}; words that differ are marked`;
}

function showStrand(card, mode, at, end) {
  const { rows, drawn } = card;
  card.drawn = mode;
  for (const { side, bar, text, cursor } of rows) {
    if (!side) continue;
    if (drawn !== mode) drawPieces(bar, side, mode, end);
    cursor.style.left = `${(100 * at) / end}%`;
    const cut = cutAt(side, mode, at);
    const { skipped, parts, rest } = splitText(side, cut);
    const before = skipped ? `… ${skipped} before ` : "";
    fill(
      text,
      before,
      parts.map((part, n) => (n % 2 && part ? h("mark", part) : part)),
      rest ? h("small", ` … ${rest} more`) : null,
    );
  }
}

/** One box for each piece; very many are drawn as one. */
function drawPieces(bar, side, mode, end) {
  const places = placesOf(side, mode);
  const { ends, chunks, text } = side;
  if (ends.length > MAX_PIECES) {
    const from = mode === "content" ? 0 : places[0];
    return fill(bar, makeBox(from, places.at(-1), end, `${ends.length} pieces`));
  }
  const boxes = ends.map((stop, n) => {
    const start = n ? ends[n - 1] : 0;
    const isOther = isMarked(side, start, stop);
    const from = { content: start, chunk: places[n] - 0.9, time: places[n] }[mode];
    const title = `chunk ${chunks[n]}: ${showText(text.slice(start, stop))}`;
    return makeBox(from, places[n], end, title, isOther);
  });
  fill(bar, boxes);
}

function makeBox(from, to, end, title, isOther = false) {
  const node = h(isOther ? "i.other" : "i", { title });
  node.style.left = `${(100 * from) / end}%`;
  node.style.width = `max(2px,${(100 * (to - from)) / end}% - 1px)`;
  return node;
}
