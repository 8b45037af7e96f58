// What a chunk said: its pieces, the part that it grew, and the next one of a kind.

import { locate } from "./film/film.js";
import { upTo } from "./numbers.js";
import { sayCount, saySeconds } from "./words.js";

const MAX_QUOTE = 60;

/** The part that a chunk grew, else the one that grew last before it. */
export function partAt(run, chunk) {
  let best = null;
  let newest = -1;
  for (const part of run.parts) {
    const last = part.chunks[upTo(part.chunks, chunk) - 1] ?? -1;
    if (last >= newest && last >= 0) [best, newest] = [part, last];
  }
  return best;
}

const LABELS = {
  signed: "signed",
  citation: "source",
  server_call: "server’s call",
  server_result: "server’s result",
};

/** What a part is called where a chunk is described. */
const nameOf = ({ kind, name }) =>
  [LABELS[kind] ?? kind, name].filter(Boolean).join(" ");

/** What a chunk said: a list of [label, text]. */
export function saidBy(run, chunk) {
  const said = [];
  for (const part of run.parts) {
    const from = upTo(part.chunks, chunk - 1);
    const to = upTo(part.chunks, chunk);
    const label = nameOf(part);
    const start = from ? part.ends[from - 1] : 0;
    if (from < to) said.push([label, (part.text ?? "").slice(start, part.ends[to - 1])]);
    else if (part.from === chunk) said.push([`${label} begins`, ""]);
  }
  for (const [at, reason] of run.finish) if (at === chunk) said.push(["finish", reason]);
  for (const row of run.usage)
    if (row.chunk === chunk)
      said.push(["usage", `${row.input ?? "?"} in, ${row.output ?? "?"} out`]);
  for (const [at, message] of run.errors) if (at === chunk) said.push(["error", message]);
  if (!said.length) said.push([isUnread(run, chunk) ? "not read" : "role only, or empty", ""]);
  return said;
}

/** Whether anything of a chunk is not modelled. */
export const isUnread = (run, chunk) => run.unread[upTo(run.unread, chunk) - 1] === chunk;

/** A chunk of the film in one line: when it came, its size, and what it said. */
export function describe(film, at) {
  const { run, chunk } = locate(film, at);
  const facts = [];
  if (run.times) {
    const gap = chunk ? ` (gap ${saySeconds(run.times[chunk] - run.times[chunk - 1])})` : "";
    facts.push(saySeconds(run.times[chunk]) + gap);
  }
  if (run.ends) facts.push(sayCount(run.ends[chunk] - run.begins[chunk], "byte"));
  for (const [label, text] of saidBy(run, chunk)) {
    const quote = text.length > MAX_QUOTE ? text.slice(0, MAX_QUOTE) + "…" : text;
    facts.push(text ? `${label} “${quote}”` : label);
  }
  return facts.join(" · ");
}

/** The next (or the previous) chunk with the same "part", a new "call" or a "finding"; or null. */
export function findNext(film, at, what, forward = true) {
  const here = locate(film, at);
  const grown = partAt(here.run, here.chunk);
  const isThere = {
    part: (run, chunk) =>
      run === here.run && grown?.chunks[upTo(grown.chunks, chunk) - 1] === chunk,
    call: (run, chunk) => run.calls.some((call) => call.from === chunk),
    finding: (run, chunk) => run.findings.some((row) => row.chunk === chunk),
  }[what];
  for (let n = at; (n += forward ? 1 : -1) >= 0 && n < film.count;) {
    const { run, chunk } = locate(film, n);
    if (isThere(run, chunk)) return n;
  }
  return null;
}
