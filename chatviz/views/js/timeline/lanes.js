// The lanes of the timeline: what came, by kind; and one bar for each pixel in which it stands.

import { upTo } from "../numbers.js";
import { callColour } from "../palette.js";
import { isUnread } from "../said.js";

const SPOKEN = {
  reasoning: "reasoning",
  signed: "signed details",
  text: "text",
  citation: "sources",
  refusal: "refusal",
  server_call: "calls (server)",
  server_result: "results (server)",
  media: "media",
};
const ENDS = [
  ["finish", "▼"],
  ["usage", "◆"],
  ["errors", "✕"],
];
const MAX_CALLS = 12;

/** The key of a call's lane; the last one has all that are more. */
export const laneOf = (position) => `call${Math.min(position, MAX_CALLS - 1)}`;

/** The lanes: what came, by kind; places are chunks of the film. */
export function makeLanes(film) {
  const lanes = {};
  const add = (key, label, colour, at, size = 0) => {
    const empty = { key, label, colour, at: [], sizes: [], names: new Set(), marks: [] };
    const lane = (lanes[key] ??= empty);
    lane.at.push(at);
    lane.sizes.push(size);
    return lane;
  };
  for (const run of film.runs)
    for (const n of run.comments) add("alive", "keep-alive", "grey", run.first + n - 0.5);
  for (const run of film.runs) addSilent(run, add);
  for (const kind in SPOKEN) for (const run of film.runs) addSpoken(run, kind, add);
  for (const run of film.runs) for (const call of run.calls) addCall(run, call, add);
  for (const [key, mark] of ENDS) for (const run of film.runs) addEnds(run, key, mark, add);
  return Object.values(lanes).map(sortLane);
}

function addSilent(run, add) {
  run.speaking.forEach((speaks, n) => {
    if (speaks) return;
    if (isUnread(run, n)) add("unread", "not read", "muted", run.first + n);
    else add("silent", "role, empty", "grey", run.first + n);
  });
}

function addSpoken(run, kind, add) {
  for (const part of run.parts)
    if (part.kind === kind)
      part.chunks.forEach((n, i) => add(kind, SPOKEN[kind], kind, run.first + n, part.lengths[i]));
}

function addCall(run, call, add) {
  const number = Math.min(call.position, MAX_CALLS - 1);
  const lane = [laneOf(number), `call ${number}`, callColour(number)];
  if (call.chunks[0] !== call.from) add(...lane, run.first + call.from).names.add(call.name);
  call.chunks.forEach((n, i) => add(...lane, run.first + n, call.lengths[i]).names.add(call.name));
}

function addEnds(run, key, mark, add) {
  for (const row of run[key]) {
    const at = run.first + (row.chunk ?? row[0]);
    add("ends", "▼ finish ◆ usage ✕ error", "ink", at).marks.push([at, mark]);
  }
}

function sortLane(lane) {
  const names = [...lane.names];
  const only = names.length === 1 ? names[0] : `${names.length} names`;
  const order = lane.at.map((_, i) => i).sort((a, b) => lane.at[a] - lane.at[b]);
  return {
    ...lane,
    label: names.length ? `${lane.label}: ${only}` : lane.label,
    sizes: Float64Array.from(order, (i) => lane.sizes[i]),
    at: Float64Array.from(order, (i) => lane.at[i]),
  };
}

/** One bar for each pixel in which anything of a lane stands, from what is visible only. */
export function binLane(lane, axis, view, toX) {
  const xs = [];
  const sizes = [];
  const counts = [];
  const end = axis.x.length - 1;
  const to = upTo(lane.at, upTo(axis.x, view.b));
  let last = null;
  for (let i = Math.max(0, upTo(lane.at, upTo(axis.x, view.a) - 2) - 1); i < to; i++) {
    const at = lane.at[i];
    const whole = Math.min(end, Math.ceil(at));
    const x = Math.round(toX(axis.x[whole] - (whole > at && axis.mode === "chunk" ? 0.5 : 0)));
    if (x === last) {
      sizes[xs.length - 1] += lane.sizes[i];
      counts[xs.length - 1]++;
    } else {
      xs.push((last = x));
      sizes.push(lane.sizes[i]);
      counts.push(1);
    }
  }
  return { xs, sizes, counts };
}
