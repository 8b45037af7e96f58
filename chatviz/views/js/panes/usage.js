// Usage: what was counted and charged, as far as it was known at the cursor.

import { followFilm } from "../film/cursor.js";
import { foldable, fill, h } from "../dom.js";
import { sayValue } from "../words.js";

export const usagePane = { name: "usage", column: "right", make: makeUsage };

function makeUsage(app) {
  const { film } = followFilm(app);
  const table = h("table");
  const update = () => {
    const { index, chunk } = film.count ? app.here() : { index: film.runs.length, chunk: 0 };
    const known = film.runs.map((run, n) => knownAt(run, n - index, chunk));
    const names = countedNames(film.runs);
    const heads = ["", ...names].map((name) => h("th", { scope: "col" }, name));
    heads.push(h("th.since", { scope: "col" }, "known since"));
    const rows = film.runs.map((run, n) => {
      const isNow = n === index ? ".now" : "";
      const since = known[n] ? `chunk ${known[n].chunk}` : sayWhyNot(run, n - index);
      return h(`tr${isNow}`, rowHead(run.place), cellsOf(names, known[n]), h("td.since", since));
    });
    const isSummed = film.isLong && film.talks.length === 1;
    const sum = cellsOf(names, sumSoFar(film.runs, known));
    const total = h("tr.sum", rowHead("so far"), sum, h("td.since"));
    fill(table, h("thead", h("tr", heads)), h("tbody", rows, isSummed ? total : null));
  };
  return { node: foldable("usage", "Usage", "at the cursor", h("div.scroll", table)), update };
}

/** What is counted, by the names that the data has; input and output in any case. */
export function countedNames(runs) {
  const rows = runs.flatMap((run) => [...run.usage, run.sum ?? {}]);
  const names = new Set(["input", "output", ...rows.flatMap((row) => Object.keys(row))]);
  names.delete("chunk");
  return [...names];
}

/** The usage of an answer that is so many behind (or before) the one at the cursor. */
const knownAt = (run, ahead, chunk) =>
  ahead > 0 ? undefined : run.usage.findLast((row) => ahead < 0 || row.chunk <= chunk);

function sayWhyNot(run, ahead) {
  if (ahead > 0 || run.usage.length || run.ending === undefined) return "not yet";
  return run.is_read ? "never sent" : "not read";
}

/** The sum of the last answer up to which all is known; one that failed is not charged. */
function sumSoFar(runs, known) {
  const unknown = known.findIndex((row, n) => !row && runs[n].status < 400);
  return runs[(unknown < 0 ? runs.length : unknown) - 1]?.sum;
}

const rowHead = (name) => h("th", { scope: "row" }, name);
const cellsOf = (names, row) => names.map((name) => h("td", row ? sayValue(row[name]) : "·"));
