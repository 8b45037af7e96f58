// The lanes of the timeline: what came, by kind; and one bar for each pixel in which it stands.

import { upTo } from "../numbers.js";
import { callColour } from "../palette.js";
import { isUnread } from "../said.js";
import { inChoice } from "../words.js";

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

/** The key of a call's lane, which is its label, too; the last one of a choice has all others. */
export const laneOf = (position, choice) =>
  `${inChoice(choice)}call ${Math.min(position, MAX_CALLS - 1)}`;

/** The lanes: what came, by kind; places are chunks of the film. */
export function makeLanes({ runs }) {
  const lanes = {};
  const add = (run, n, key, colour, size = 0) => {
    lanes[key] ??= { key, colour, at: [], sizes: [], names: new Set(), marks: [] };
    const lane = lanes[key];
    lane.at.push(run.first + n);
    lane.sizes.push(size);
    return lane;
  };
  const all = (take, ...kind) => runs.forEach((run) => take(run, add, ...kind));
  all(addKeepAlives);
  all(addSilent);
  for (const kind in SPOKEN) all(addSpoken, kind);
  all(addCalls);
  all(addHeadStarts);
  for (const kind of ENDS) all(addEnds, ...kind);
  return Object.values(lanes).map(sortLane);
}

function addKeepAlives(run, add) {
  for (const n of run.comments) add(run, n - 0.5, "keep-alive", "grey");
}

function addSilent(run, add) {
  run.speaking.forEach((speaks, n) => {
    if (speaks) return;
    if (isUnread(run, n)) add(run, n, "not read", "muted");
    else add(run, n, "role, empty", "grey");
  });
}

function addSpoken(run, add, kind) {
  for (const part of run.parts)
    if (part.kind === kind)
      part.chunks.forEach((n, i) => add(run, n, SPOKEN[kind], kind, part.lengths[i]));
}

function addCalls(run, add) {
  for (const { position, choice, name, from, chunks, lengths } of run.calls) {
    const put = (n, size) =>
      add(run, n, laneOf(position, choice), callColour(position), size).names.add(name);
    if (chunks[0] !== from) put(from);
    chunks.forEach((n, i) => put(n, lengths[i]));
  }
}

/** Where a tool could have started, and a line from there to the answer's end. */
function addHeadStarts(run, add) {
  const end = run.count - 1;
  for (const { startable: n } of run.calls)
    if (n < end) add(run, n, "▶ tool could run").marks.push([run.first + n, "▶", run.first + end]);
}

function addEnds(run, add, key, mark) {
  for (const row of run[key]) {
    const n = row.chunk ?? row[0];
    add(run, n, "▼ finish ◆ usage ✕ error").marks.push([run.first + n, mark]);
  }
}

function sortLane(lane) {
  const names = [...lane.names];
  const only = names.length === 1 ? names[0] : `${names.length} names`;
  const order = lane.at.map((_, i) => i).sort((a, b) => lane.at[a] - lane.at[b]);
  return {
    ...lane,
    label: names.length ? `${lane.key}: ${only}` : lane.key,
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
