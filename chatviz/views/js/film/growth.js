// Growth: answers that go on by the columns that Python's RunGrowth sends, and the film with them.

import { isWhole, layAxis, moveView } from "./axis.js";
import { addMarks, clearMarks } from "../arguments.js";
import { compareParts, findSpeaking, measureFilm, openRun } from "./film.js";

const DATA = 0;
const COMMENT = 2;

const newRun = () => ({
  count: 0,
  size: 0,
  begins: [],
  ends: [],
  comments: [],
  times: [],
  parts: [],
  calls: [],
  unread: [],
  asked: [],
  followed: [],
  tools: [],
  usage: [],
  finish: [],
  errors: [],
  findings: [],
  speaking: [],
  status: 200,
  framing: "unknown",
  is_read: true,
});

/** Let the answers grow by rows of columns; returns whether an answer began or ended. */
export function growRuns(runs, rows) {
  const grown = new Set();
  let isNew = false;
  for (const [columns, bufferOf] of rows) {
    const { index, ...rest } = columns;
    isNew ||= !runs[index] || "provider" in rest || "place" in rest;
    growRun((runs[index] ??= newRun()), rest, bufferOf);
    grown.add(runs[index]);
  }
  for (const run of grown) {
    run.parts.sort(compareParts);
    run.calls = run.parts.filter((part) => part.kind === "call");
    run.speaking = findSpeaking(run);
  }
  return isNew;
}

/** A buffer's numbers; it may lie anywhere in its message. */
function numbersOf(Kind, view) {
  if (view === undefined) return [];
  const { buffer, byteOffset, byteLength } = view;
  return Array.from(new Kind(buffer.slice(byteOffset, byteOffset + byteLength)));
}

/** Let one answer go on; what came whole is opened like what was stored. */
function growRun(run, columns, bufferOf) {
  const { events, kinds, bytes, clock_times: clock, parts = [], unread = [], ...known } = columns;
  if (events) {
    const size = bytes === undefined ? Infinity : 0;
    Object.assign(run, { times: null, ends: null, size }, openRun(columns));
  }
  if (known.until) run.ends[run.count - 1] = known.until;
  if (kinds !== undefined) growEvents(run, columns, bufferOf);
  if (clock !== undefined) run.times = numbersOf(Float64Array, bufferOf(clock));
  if (bytes !== undefined) growBody(run, bytesOf(bufferOf(bytes)));
  if (events) return;
  for (const part of parts) growPart(run, part, bufferOf);
  run.unread = run.unread.concat(unread);
  for (const name of ["starts", "times", "until", "end"]) delete known[name];
  Object.assign(run, known);
}

function growEvents(run, { kinds, starts, times, end }, bufferOf) {
  const begins = numbersOf(Float64Array, bufferOf(starts));
  const at = times === undefined ? null : numbersOf(Float64Array, bufferOf(times));
  numbersOf(Uint8Array, bufferOf(kinds)).forEach((kind, n) => {
    if (kind === COMMENT) run.comments.push(run.count);
    if (kind !== DATA) return;
    run.begins.push(begins[n]);
    run.ends.push(begins[n + 1] ?? end);
    if (at) run.times?.push(at[n]);
    run.count++;
  });
  if (run.times?.length !== run.count) run.times = null;
}

const bytesOf = (view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

/** Keep more bytes, in a buffer that doubles when it is full. */
function growBody(run, bytes) {
  const before = run.size;
  const old = run.body;
  run.size += bytes.length;
  if (!old || old.length < run.size) {
    run.body = new Uint8Array(2 * run.size);
    if (old) run.body.set(old);
  }
  run.body.set(bytes, before);
}

/** Let a part begin or go on; what is sent of a call at its end has all of its marks again. */
function growPart(run, columns, bufferOf) {
  const { chunks, lengths, text = "", marks, goes_on, ...known } = columns;
  const isSame = (part) =>
    ["kind", "choice", "place"].every((name) => part[name] === known[name]);
  let part = run.parts.find(isSame);
  if (!part) run.parts.push((part = { chunks: [], lengths: [], ends: [], text: "" }));
  Object.assign(part, known);
  if (chunks !== undefined) {
    const sizes = numbersOf(Uint32Array, bufferOf(lengths));
    let end = part.ends.at(-1) ?? 0;
    part.chunks = part.chunks.concat(numbersOf(Uint32Array, bufferOf(chunks)));
    part.lengths = part.lengths.concat(sizes);
    part.ends = part.ends.concat(sizes.map((size) => (end += size)));
    part.text += text;
  }
  if (!marks) return;
  addMarks(goes_on ? part : clearMarks(part), marks);
}

/** Let a shown film grow; a cursor at the end follows, and a whole view stays whole. */
export function growShown(app, isNew) {
  const { at, axis, film, view } = app;
  const follows = at >= film.count - 1 && !app.isPlaying;
  const wasWhole = isWhole(axis, view);
  measureFilm(film);
  app.axis = layAxis(film, axis.mode);
  const { start, end } = app.axis;
  app.view = wasWhole ? { a: start, b: end } : moveView(app.axis, view, 0);
  if (follows) app.at = film.count - 1;
  for (const pane of app.panes) {
    const remake = () => remakePane(app, pane);
    pane.grow?.(app.made[pane.name], { app, isNew, remake });
  }
  app.update();
}

/** Make a pane again, because what it shows is no longer what there is. */
function remakePane(app, pane) {
  const before = app.made[pane.name];
  const after = pane.make(app);
  after.node.open = before.node.open;
  before.node.replaceWith(after.node);
  app.made[pane.name] = after;
}
