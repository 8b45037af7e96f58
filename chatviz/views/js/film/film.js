// The film: all chunks of all answers in one row, opened from the columns that Python writes.

import { readNumbers, readSteps, sumUp, upTo } from "../numbers.js";

/** Open the data of Python's inspector_data; answers that grow are handed over opened. */
export function openFilm(data) {
  const { talks, explained = {} } = data;
  const film = { runs: data.opened ?? data.runs.map(openRun), talks, explained };
  measureFilm(film);
  return film;
}

/** Put the chunks of all answers in one row. */
export function measureFilm(film) {
  const { runs } = film;
  film.count = 0;
  film.starts = runs.map((run) => (run.first = (film.count += run.count) - run.count));
  film.hasTimes = runs.every((run) => run.times || !run.count);
  film.hasSizes = runs.every((run) => run.ends);
  film.isLong = runs.length > 1;
}

const SEVERITIES = ["error", "warning", "info"];

/** All findings, the worst first, then in the order of the answers: [answer or null, finding]. */
export function findingsOf({ talks, runs }) {
  const ofTalks = talks.flatMap((talk) => talk.findings.map((row) => [null, row]));
  const ofRuns = runs.flatMap((run) => run.findings.map((row) => [run, row]));
  const rank = ([, row]) => SEVERITIES.indexOf(row.severity);
  return [...ofTalks, ...ofRuns].sort((a, b) => rank(a) - rank(b));
}

/** Open the columns of one answer. */
export function openRun(columns) {
  const { kinds, sizes, times, unit_s } = columns.events;
  const { events, comments } = openEvents(kinds);
  const parts = columns.parts.map(openPart).sort(compareParts);
  const run = { tools: [], ...columns, count: events.length, comments, parts };
  if (times !== undefined) {
    const all = readSteps(times, true);
    run.times = events.map((event) => all[event] * unit_s);
  }
  if (sizes !== undefined) {
    const ends = sumUp(readSteps(sizes, true));
    run.begins = events.map((event) => (event ? ends[event - 1] : 0));
    run.ends = events.map((event) => ends[event]);
  }
  run.unread = readSteps(columns.unread);
  run.calls = parts.filter((part) => part.kind === "call");
  run.speaking = findSpeaking(run);
  return run;
}

/** Which events are chunks, and the chunks that comments stand before. */
function openEvents(kinds) {
  const events = [];
  const comments = [];
  const pairs = readNumbers(kinds);
  let event = 0;
  for (let i = 0; i < pairs.length; i += 2)
    for (let n = 0; n < pairs[i + 1]; n++, event++)
      if (pairs[i] === 0) events.push(event);
      else if (pairs[i] === 2) comments.push(events.length);
  return { events, comments };
}

const BEHIND = ["signed", "citation"]; // what belongs to the part at its place

/** The order of the parts of an answer: that of its message. */
export const compareParts = (a, b) =>
  a.choice - b.choice || a.place - b.place || BEHIND.indexOf(a.kind) - BEHIND.indexOf(b.kind);

function openPart(columns) {
  const lengths = readNumbers(columns.lengths);
  return { ...columns, lengths, chunks: readSteps(columns.chunks), ends: sumUp(lengths) };
}

/** Which chunks say anything but a role. */
export function findSpeaking(run) {
  const speaking = new Uint8Array(run.count);
  const mark = (chunk) => (speaking[chunk] = 1);
  run.parts.forEach((part) => part.chunks.forEach(mark));
  run.calls.forEach((call) => mark(call.from));
  run.usage.forEach((row) => mark(row.chunk));
  for (const rows of [run.finish, run.errors]) rows.forEach((row) => mark(row[0]));
  return speaking;
}

/** The answer of a chunk of the film, and its number there. */
export function locate(film, at) {
  let index = Math.max(0, upTo(film.starts, at) - 1);
  while (index > 0 && !film.runs[index].count) index--;
  return { index, run: film.runs[index], chunk: at - film.starts[index] };
}

/** When the last tool of an answer had ended, in seconds since the first began. */
export const toolsEnd = (run) =>
  Math.max(0, ...run.tools.map(([, , , start, took]) => start + took));
