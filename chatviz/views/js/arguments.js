// The growth of arguments: what was known of a call follows from where its values begin and end.

import { clamp, readNumbers, readSteps, upTo } from "./numbers.js";

// A mark's kind is a digit: object, array, string, number, boolean, null.
const ARRAY = "1";
const NUMBER = "3";

/** Open the marks of a call that came whole; one that grows has them opened. */
export function openMarks(call) {
  if (!call.starts) addMarks(clearMarks(call), call.marks);
  return call;
}

/** Forget the marks of a call. */
export const clearMarks = (call) =>
  Object.assign(call, { starts: [], stops: [], parents: [], steps: [], kinds: "", depths: [] });

/** Add marks to those that a call has: where values begin and end, and what they stand in. */
export function addMarks(call, marks) {
  const starts = readSteps(marks.starts);
  const base = call.starts.length;
  const stops = readNumbers(marks.lengths).map((size, i) => (size ? starts[i] + size : -1));
  call.stops = call.stops.concat(stops);
  for (const [i, stop] of marks.closed ?? []) call.stops[i] = stop;
  call.starts = call.starts.concat(starts);
  call.parents = call.parents.concat(readNumbers(marks.parents).map((up, i) => base + i - up));
  call.steps = call.steps.concat(readNumbers(marks.steps));
  call.kinds += marks.kinds;
  for (let i = base; i < call.starts.length; i++)
    call.depths[i] = call.parents[i] < 0 ? 0 : call.depths[call.parents[i]] + 1;
}

/** What was known of a call after a chunk. */
export function callAt(call, chunk) {
  const count = upTo(call.chunks, chunk);
  return {
    begun: chunk >= call.from,
    count,
    cut: count ? call.ends[count - 1] : 0,
    all: count === call.chunks.length,
    runnable: call.runnable !== null && count > call.runnable,
    fresh: upTo(call.chunks, chunk - 1),
  };
}

/** "absent", "open" or "complete": a number is complete when something follows it. */
export function pathState(call, index, state) {
  if (call.starts[index] >= state.cut) return "absent";
  const stop = call.stops[index];
  const closes = stop < 0 ? Infinity : stop + (call.kinds[index] === NUMBER ? 1 : 0);
  return closes > state.cut + (state.all ? 1 : 0) ? "open" : "complete";
}

/** A path's own name: its key, [2], or $. */
export function pathName(call, index) {
  const parent = call.parents[index];
  if (parent < 0) return "$";
  if (call.kinds[parent] === ARRAY) return `[${call.steps[index]}]`;
  const literal = /"(?:[^"\\]|\\.)*"/y;
  literal.lastIndex = call.starts[index] - call.steps[index];
  const key = literal.exec(call.text)?.[0];
  try {
    return key === undefined ? "…" : JSON.parse(key);
  } catch {
    return key;
  }
}

/** The rows of the tree after a chunk, at most a number of them around the newest. */
export function treeRows(call, state, limit = 120) {
  const size = call.starts.length;
  const begun = upTo(call.starts, state.cut - 1);
  const before = clamp(begun - limit / 2, 0, Math.max(0, size - limit));
  const to = Math.min(size, before + limit);
  const rows = [];
  for (let index = before; index < to; index++) rows.push(treeRow(call, index, state));
  return { rows, before, after: size - to };
}

function treeRow(call, index, state) {
  const verdict = call.check?.wrong.find((row) => row[0] === index);
  const form = pathState(call, index, state);
  const early = verdict && verdict[2] !== "wrong value" && verdict[2] !== "missing";
  const wrong = verdict && (form === "complete" || (form === "open" && early)) ? verdict : null;
  const stop = call.stops[index] < 0 ? call.text.length : call.stops[index];
  const value = call.text.slice(call.starts[index], Math.min(stop, state.cut));
  const name = pathName(call, index);
  const kind = call.kinds[index];
  return { index, depth: call.depths[index], name, kind, form, wrong, value, stop };
}
