// Findings: what was odd on the wire, and the chunks where it was.

import { followFilm } from "../cursor.js";
import { foldable, h, press } from "../dom.js";

export const findingsPane = {
  name: "findings",
  column: "right",
  make: makeFindings,
  grow: (_, { isNew, remake }) => isNew && remake(),
};

const SEVERITY_SIGNS = { error: "✕", warning: "▲", info: "i" };
const MAX_ROWS = 300;

function makeFindings(app) {
  const { film } = followFilm(app);
  const ofTalks = film.talks.flatMap((talk) => talk.findings);
  const ofRuns = film.runs.flatMap((run) => run.findings.map((row) => [run, row]));
  const rows = [...ofTalks.map((row) => [null, row]), ...ofRuns];
  const items = rows.slice(0, MAX_ROWS).map(([run, row]) => makeItem(app, run, row));
  const more = rows.length - items.length;
  const rest = more ? `… ${more} more: cv.finding_table(runs)` : "";
  const note = rows.length ? rest : sayNothing(film.runs);
  const update = () => {
    const isNow = ({ from, to }) => from <= app.at && app.at <= to;
    items.forEach((item) => item.node.classList.toggle("now", isNow(item)));
  };
  const list = h(
    "ul",
    items.map((item) => item.node),
  );
  return { node: foldable("findings", "Findings", rows.length, list, note), update };
}

/** What it means that nothing was found: of what was not read it says nothing. */
const sayNothing = (runs) =>
  runs.every((run) => run.is_read)
    ? "Nothing odd on the wire."
    : "Nothing odd on the wire, as far as it was read.";

function makeItem(app, run, { severity, code, message, chunk, last_chunk: last }) {
  const isThere = run && chunk !== null && chunk < run.count;
  const where = run && app.film.isLong ? run.place : "";
  const chunks = isThere ? `chunk ${chunk}${last > chunk ? "–" + last : ""}` : "";
  const label = [where, chunks].filter(Boolean).join(", ");
  const go = () => app.go(run.first + chunk);
  const node = h(
    `li.${severity}`,
    { title: code },
    h("span.sign", { role: "img", aria: severity }, SEVERITY_SIGNS[severity]),
    h("span", message, " ", isThere ? press(label, go) : h("small", label)),
  );
  return { node, from: isThere ? run.first + chunk : 0, to: isThere ? run.first + last : -1 };
}
