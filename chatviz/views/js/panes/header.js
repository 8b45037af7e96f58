// The header: whose answer it is, how it ended, its numbers, and the answers to choose from.

import { followFilm } from "../film/cursor.js";
import { fill, h, press } from "../dom.js";
import { findingsOf } from "../film/film.js";
import { sayCount, saySeconds, sayValue } from "../words.js";

export const headerPane = {
  name: "header",
  column: "top",
  make: makeHeader,
  grow: (header, { isNew }) => isNew && header.forget(),
};

const CLOCKS = {
  measured: "measured clock",
  provider_clock: "provider’s clock",
  none: "no clock: by number",
};
const sayKnown = (s) => ((s ?? null) === null ? "" : saySeconds(s));
const sayServerTime = ([what, s]) => `${what} ${saySeconds(s)}`;
const isOpen = (run) => run.ending === undefined;

function makeHeader(app) {
  const { film } = followFilm(app);
  const node = h("header");
  let shown = null;
  let wasCounted = false;
  const update = () => {
    const run = film.count ? app.here().run : film.runs[0];
    if (!run) return fill(node, h("p.note", "There are no answers to show."));
    const isCounted = knowsUsage(run, film.count ? app.here().chunk : 0);
    if (run === shown && isCounted === wasCounted) return;
    [shown, wasCounted] = [run, isCounted];
    const isFocused = node.contains(app.root.activeElement);
    fill(
      node,
      h("div.title", titleOf(app, run)),
      h(
        "dl",
        factsOf(run, isCounted).map(([name, value]) => h("div", h("dt", name), h("dd", value))),
      ),
      run.error ? h("p.error", "✕ ", run.error) : null,
      film.isLong
        ? h(
            "div.steps",
            film.runs.map((other) => stepButton(app, other, run)),
          )
        : null,
      film.count ? null : h("p.note", "No chunk came."),
    );
    if (isFocused) node.querySelector("[aria-pressed=true]")?.focus();
  };
  return { node, update, forget: () => (shown = null) };
}

function titleOf(app, run) {
  const step = run.step_s ? `, steps of ${run.step_s} s` : "";
  const clock = isOpen(run) ? "streaming" : CLOCKS[run.clock] + step;
  const heading = { role: "heading", "aria-level": 3 };
  return [
    h("strong", heading, run.provider, " · ", run.model),
    h(`span.badge.${run.clock}`, run.headers_by === "simulated" ? "simulated clock" : clock),
    findingsBadge(app),
  ];
}

/** How many findings there are, of all answers; it opens their list where there is one. */
function findingsBadge({ film, made }) {
  const rows = findingsOf(film);
  if (!rows.length) return null;
  const isLoud = rows[0][1].severity !== "info";
  const words = `${isLoud ? "▲ " : ""}${sayCount(rows.length, "finding")}`;
  const badge = made.findings ? press(words, () => made.findings.show()) : h("span", words);
  badge.className = `badge${isLoud ? " loud" : ""}`;
  return badge;
}

/** Whether an answer's last usage had come with a chunk. */
const knowsUsage = (run, chunk) => chunk >= (run.usage.at(-1)?.chunk ?? 0);

/** What is known of an answer, as names and values; what had not come yet is marked. */
export function factsOf(run, isCounted = true) {
  const used = run.usage.at(-1);
  const when = isCounted ? "" : " (at the end)";
  const whose = (run.headers_s ?? null) === null || run.headers_by === "measured";
  return Object.entries({
    finish: isOpen(run) ? "" : sayEnding(run),
    tokens: used && `${sayValue(used.input)} in · ${sayValue(used.output)} out${when}`,
    cost: used?.USD && `${used.USD} USD${when}`,
    headers: sayKnown(run.headers_s) + (whose ? "" : ` (${run.headers_by}’s clock)`),
    "first chunk": sayKnown(run.first_chunk_s),
    "first token": sayKnown(run.first_token_s),
    duration: sayKnown(run.duration_s),
    "by the server": (run.server_s ?? []).map(sayServerTime).join(" · "),
    chunks: isOpen(run) ? "" : sayValue(run.count),
  }).filter(([, value]) => value);
}

function sayEnding(run) {
  const none = run.is_read ? "none came" : "not read";
  const ending = run.status >= 400 ? `HTTP ${run.status}` : (run.ending ?? none);
  return run.sent && run.sent !== run.ending ? `${ending} (sent: ${run.sent})` : ending;
}

/** Goes to an answer: to its first chunk where it can be played, else to its last. */
function stepButton(app, other, shown) {
  const click = () => app.go(other.first + (app.made.player ? 0 : other.count - 1));
  const state = { "aria-pressed": String(other === shown), disabled: other.count ? null : "" };
  const ending = other.status >= 400 ? `HTTP ${other.status}` : other.ending;
  return h("button", { type: "button", ...state, click }, other.place, h("small", ending));
}
