// Tool calls: fragments as they came, and the tree of arguments with the state of each path.

import { callAt, openMarks, treeRows } from "../arguments.js";
import { followAxis } from "../film/axis.js";
import { fill, foldable, h } from "../dom.js";
import { clamp, upTo } from "../numbers.js";
import { callClass } from "../palette.js";
import { sayCount, saySeconds } from "../words.js";

export const callsPane = {
  name: "calls",
  column: "right",
  make: makeCalls,
  grow: (calls, { remake }) => calls.isOutdated() && remake(),
};

const FORMS = {
  absent: ["○", "not there yet"],
  open: ["◐", "being written"],
  complete: ["●", "complete"],
};
const CHIPS = 60; // fragments that are shown, the newest
const SIGN_OF_KIND = { 0: "{ }", 1: "[ ]" };
const MAX_DEPTH = 12;
const MAX_VALUE = 200;
const MAX_CHIP = 80;

function makeCalls(app) {
  const { film } = followAxis(app);
  const list = h("div");
  const note = h("span");
  let shown = null;
  let cards = [];
  const update = () => {
    let { index, chunk } = film.count ? app.here() : { index: -1 };
    while (index > 0 && !film.runs[index].calls.length) chunk = film.runs[--index].count;
    const run = film.runs[index];
    if (run !== shown || !run) {
      shown = run;
      cards = run ? run.calls.map((call) => makeCard(openMarks(call), run, app)) : [];
      fill(note, run && film.isLong ? `of ${run.place}, at the cursor` : "at the cursor");
      const none = h("p.note", run?.is_read === false ? "Not read." : "No tool calls.");
      fill(list, cards.length ? cards.map((card) => card.node) : none);
    }
    for (const card of cards) showCard(card, chunk);
  };
  const isOutdated = () => (shown?.calls ?? []).length !== cards.length;
  return { node: foldable("calls", "Tool calls", note, list), update, isOutdated };
}

function makeCard(call, run, app) {
  const head = h("div.head");
  const chips = h("div.chips");
  const tree = h("div.tree", { role: "group", aria: `Arguments of ${call.name}` });
  const node = h(`div.card.${callClass(call.position)}`, head, chips, tree);
  return { call, run, app, head, chips, tree, node };
}

/** Show a call after a chunk. */
function showCard(card, chunk) {
  const { call } = card;
  const state = callAt(call, chunk);
  card.last = call.chunks.at(-1) ?? call.from;
  card.ready = call.runnable === null ? null : (call.chunks[call.runnable] ?? call.from);
  const words = h(`span${state.runnable ? ".ready" : ""}`, sayState(card, state));
  const choice = call.choice ? h("span", `choice ${call.choice}`) : "";
  fill(card.head, h("b", call.name || "(no name)"), h("code", call.id), choice, words);
  fill(card.chips, chipsAt(call, state));
  fill(card.tree, treeAt(card, chunk, state));
}

function sayState({ call, run, ready }, state) {
  if (!state.begun) return "not there yet";
  if (state.runnable) {
    const left = sayCount(run.count - 1 - ready, "chunk");
    const time = run.times ? ` (${saySeconds(run.times.at(-1) - run.times[ready])})` : "";
    return `✓ runnable since chunk ${ready}, ${left}${time} before the end`;
  }
  if (call.free && state.all) return "free text";
  return call.fault && state.all ? `✕ ${call.fault[1]}` : "being written";
}

function chipsAt(call, { count, fresh, all }) {
  const from = Math.max(0, count - CHIPS);
  const chips = Array.from({ length: count - from }, (_, n) => makeChip(call, from + n, fresh));
  return [from ? `… ${from} before ` : "", chips, all ? "" : `+${call.chunks.length - count}`];
}

function makeChip(call, n, fresh) {
  const text = call.text.slice(n ? call.ends[n - 1] : 0, call.ends[n]);
  const classes = (n >= fresh ? ".fresh" : "") + (text ? "" : ".empty");
  const title = `fragment ${n}, chunk ${call.chunks[n]}`;
  return h(`span.chip${classes}`, { title }, text.slice(0, MAX_CHIP) || "empty");
}

function treeAt(card, chunk, state) {
  const { call } = card;
  if (call.free) return h("pre", call.text.slice(0, state.cut));
  const { rows, before, after } = treeRows(call, state);
  const cursor = placeOn(card, Math.max(chunk, call.from));
  const missing = (call.check?.wrong ?? []).filter(([index]) => index === null);
  return [
    before ? `… ${before} values before` : "",
    state.begun ? rows.map((row) => treeLine(card, row, cursor)) : "",
    after ? `… ${after} values more` : "",
    rows.length || !state.all ? "" : "no arguments: {}",
    state.all ? missing.map((row) => h("div.row.wrong", h("span.path", "✕ ", row[1]), row[3])) : "",
    h("small", call.check === null ? "no schema known" : call.check?.notes.join(" ")),
  ];
}

function treeLine(card, { form, wrong, name, depth, kind, value, ...row }, cursor) {
  const [sign, word] = wrong ? ["✕", wrong[2]] : FORMS[form];
  const path = h("span.path", name);
  path.style.paddingLeft = `${Math.min(depth, MAX_DEPTH) * 12}px`;
  const shown = form === "absent" ? "" : (SIGN_OF_KIND[kind] ?? value.slice(0, MAX_VALUE));
  return h(
    `div.row.${form}${wrong ? ".wrong" : ""}`,
    { title: wrong?.[3] },
    path,
    h("span.value", shown, wrong ? h("em", " ", wrong[3]) : null),
    h("span.state", h("span", sign), ` ${word}`),
    ganttOf(card, row, cursor),
  );
}

/** When a value was written, among all fragments of its call; what is ready, and the cursor. */
function ganttOf(card, { index, stop }, cursor) {
  const { call, ready } = card;
  const isWhole = call.from === card.last; // all of it in one chunk
  const from = isWhole ? 0 : placeOn(card, chunkOf(call, call.starts[index]));
  const bar = markAt("i", from);
  bar.style.width = `max(3px,${placeOn(card, chunkOf(call, stop - 1)) - from}%)`;
  const dotted = ready === null ? null : markAt("s", placeOn(card, ready));
  return h("span.gantt", { "aria-hidden": "true" }, bar, dotted, markAt("u", cursor));
}

const chunkOf = (call, offset) =>
  call.chunks[Math.min(call.chunks.length - 1, upTo(call.ends, offset))] ?? call.from;

function placeOn({ app, run, call, last }, chunk) {
  const { x } = app.axis;
  const a = x[run.first + call.from];
  const b = x[run.first + last];
  const at = x[run.first + Math.min(chunk, last)];
  return b > a ? clamp((100 * (at - a)) / (b - a), 0, 100) : 100;
}

function markAt(tag, offset) {
  const node = h(tag);
  node.style.left = `${offset}%`;
  return node;
}
