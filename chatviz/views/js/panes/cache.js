// Prompt caches: a bar for each request, and the difference of the one that is chosen.

import { fill, h } from "../dom.js";
import { clamp } from "../numbers.js";
import { sayCount } from "../words.js";

export const cachePane = { name: "cache", column: "left", make: makeCache };

const PARTS = [
  ["same", "as in the request before"],
  ["changed", "changed, or behind a change"],
  ["new", "new"],
];
const TOKENS = [
  ["read", "read from a cache"],
  ["written", "written to it"],
  ["fresh", "fresh"],
];
const ROOM_FOR_NAMES = 12; // a name needs this part of the longest bar

function makeCache(app) {
  const { requests } = app.data;
  const most = Math.max(1, ...requests.map(sizeOf));
  const shown = { rows: requests.map((one, n) => makeRow(one, most, () => choose(shown, n))) };
  shown.at = firstOfUse(requests);
  const rows = shown.rows.map((row) => row.node);
  const none = requests.length ? null : h("p.note", "There are no requests to show.");
  const keyed = [legend("bytes of the prompt", PARTS), legend("tokens of it", TOKENS)];
  const node = h("section.caches", keyed, rows, none);
  const step = (by) => () => choose(shown, clamp(shown.at + by, 0, requests.length - 1), true);
  const acts = { ArrowUp: step(-1), ArrowDown: step(1) };
  const keys = requests.length ? [["↑ ↓", "the request before, the next", acts]] : [];
  return { node, update: () => choose(shown, shown.at), keys };
}

const sizeOf = ({ parts }) => parts.reduce((sum, part) => sum + part, 0);

/** The first request that changed, or else the last one. */
export function firstOfUse(requests) {
  const changed = requests.findIndex(({ difference }) => difference);
  return changed < 0 ? requests.length - 1 : changed;
}

/** The widths of the parts of a bar, in percent of it; what is there is to be seen. */
export function sharesOf(parts) {
  const all = parts.reduce((sum, part) => sum + part, 0);
  return parts.map((part) => (all && part ? Math.max(0.5, (100 * part) / all) : 0));
}

function legend(name, entries) {
  const swatches = entries.map(([kind, words]) => h("span", h(`i.swatch.${kind}`), words));
  return h("p.key", h("b", `${name}: `), swatches);
}

function makeRow(request, most, click) {
  const { place, parts, regions, tokens, verdict, difference } = request;
  const width = `width: ${(100 * sizeOf(request)) / most}%`;
  const bars = h(
    "span.bars",
    { style: width, "aria-hidden": "true" },
    barOf(parts, PARTS, "prompt"),
    h("span.regions", regions.map(regionOf(most))),
    tokens ? barOf(tokens, TOKENS, "tokens") : null,
  );
  const name = h("b", place);
  const words = h(difference ? "strong" : "small", verdict);
  const head = h("button.request", { type: "button", click }, h("span.told", name, words), bars);
  const detail = h("div.detail");
  return { request, head, detail, node: h("section.row", head, detail) };
}

function barOf(counts, entries, kind) {
  const widths = sharesOf(counts);
  const boxes = entries.map(([name], n) => h(`i.${name}`, { style: `flex: ${widths[n]} 0 0` }));
  return h(`span.${kind}`, boxes);
}

/** The place of a region below the bar, with its name where there is room for it. */
const regionOf = (most) => (region) => {
  const [name, size] = region;
  const title = `${name}: ${sayCount(size, "byte")}`;
  const style = `flex: ${size} 0 0`;
  return h("span", { style, title }, size > most / ROOM_FOR_NAMES ? name : null);
};

/** Show the details of a request, and of no other. */
function choose(shown, at, isByKey = false) {
  shown.at = at;
  shown.rows.forEach(({ request, head, detail }, n) => {
    const isChosen = n === at;
    head.setAttribute("aria-expanded", String(isChosen));
    fill(detail, isChosen ? detailOf(request) : null);
    if (isChosen && isByKey) head.focus();
  });
}

function detailOf({ notes, options, difference }) {
  const lines = [...notes];
  if (options.length) lines.push(`changed, but outside the prompt: ${options.join(", ")}`);
  const told = h(
    "ul",
    lines.map((line) => h("li", line)),
  );
  return [told, difference ? sidesOf(difference) : null];
}

function sidesOf([lead, before, after, tail]) {
  const side = (name, own) => {
    const text = own === null ? h("em", "not there") : [lead, own ? h("mark", own) : null, tail];
    return [h("dt", name), h("dd", h("pre", text))];
  };
  return h("dl", side("before", before), side("now", after));
}
