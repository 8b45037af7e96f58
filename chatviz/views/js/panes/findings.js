// Findings: what was odd on the wire, the chunks where it was, and what it means for a client.

import { followFilm } from "../film/cursor.js";
import { foldable, h, press } from "../dom.js";
import { findingsOf } from "../film/film.js";
import { sayCount } from "../words.js";

export const findingsPane = {
  name: "findings",
  column: "right",
  make: makeFindings,
  grow: (_, { isNew, remake }) => isNew && remake(),
};

const SEVERITY_SIGNS = { error: "✕", warning: "▲", info: "i" };
const MAX_ROWS = 300;
const MAX_OPEN = 3; // errors whose explanation is open at first

function makeFindings(app) {
  const { film } = followFilm(app);
  const rows = findingsOf(film);
  const items = rows.slice(0, MAX_ROWS).map(([run, row], n) => makeItem(app, run, row, n));
  const listOf = (kept) => h("ul", kept.map(({ node }) => node));
  const loud = items.filter(({ isLoud }) => isLoud);
  const quiet = items.filter(({ isLoud }) => !isLoud);
  const head = h("summary", `${sayCount(quiet.length, "note")}: unusual, but read without doubt`);
  const notes = quiet.length ? h("details.quiet", head, listOf(quiet)) : null;
  const more = rows.length - items.length;
  const rest = more ? `… ${more} more: cv.finding_table(runs)` : "";
  const note = h("p.note", [rest, saySilence(film.runs, rows.length)].filter(Boolean).join(" "));
  const node = foldable("findings", "Findings", rows.length, listOf(loud), notes, note);
  const update = () => {
    const isNow = ({ from, to }) => from <= app.at && app.at <= to;
    items.forEach((item) => item.node.classList.toggle("now", isNow(item)));
  };
  const show = () => {
    node.open = true;
    if (notes) notes.open = true;
    node.scrollIntoView({ block: "nearest" });
    node.firstChild.focus();
  };
  return { node, update, show };
}

/** What it means that nothing was found: of what is not read, or not ended, it says nothing. */
function saySilence(runs, count) {
  if (runs.some((run) => run.ending === undefined)) return "An answer is judged when it has ended.";
  if (count) return "";
  const isRead = runs.every((run) => run.is_read);
  return `Nothing odd on the wire${isRead ? "" : ", as far as it was read"}.`;
}

function makeItem(app, run, { severity, code, message, chunk, last_chunk: last }, position) {
  const isThere = run && chunk !== null && chunk < run.count;
  const where = run && app.film.isLong ? run.place : "";
  const chunks = isThere ? `chunk ${chunk}${last > chunk ? "–" + last : ""}` : "";
  const label = [where, chunks].filter(Boolean).join(", ");
  const go = () => app.go(run.first + chunk);
  const isOpen = severity === "error" && position < MAX_OPEN;
  const node = h(
    `li.${severity}`,
    h("span.sign", { role: "img", aria: severity }, SEVERITY_SIGNS[severity]),
    h(
      "div",
      message,
      " ",
      isThere ? press(label, go) : h("small", label),
      foldExplanation(code, app.film.explained[code], isOpen),
    ),
  );
  const span = isThere ? { from: run.first + chunk, to: run.first + last } : { from: 0, to: -1 };
  return { node, isLoud: severity !== "info", ...span };
}

/** A finding's explanation, folded: Markdown's fences part words from code. */
function foldExplanation(code, text, isOpen) {
  const head = h("summary", code, text ? ": the bytes, and what breaks on them" : "");
  if (!text) return h("small", code);
  const parts = text.split(/^```\w*\n/m);
  const show = (part, n) => h(n % 2 ? "pre" : "p", n % 2 ? { tabindex: 0 } : {}, part.trim());
  return h("details.why", { open: isOpen ? "" : null }, head, parts.map(show));
}
