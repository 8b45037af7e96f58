// The comparison: the same parts of several answers, aligned by content, by chunk or by time.
// Pure functions first. Streamed text is hostile: it enters the page as text only.

const DIGITS = [];
for (let code = 0x20, digit = 0; code < 0x7f; code++)
  if (!"\"\\<".includes(String.fromCharCode(code))) DIGITS[code] = digit++;

/** Numbers in base 46, lowest digit first; 46 more characters say "a digit follows". */
export function readNumbers(text) {
  const found = [];
  let value = 0, scale = 1;
  for (let i = 0; i < text.length; i++) {
    const digit = DIGITS[text.charCodeAt(i)];
    if (digit >= 46) {
      value += (digit - 46) * scale;
      scale *= 46;
    } else {
      found.push(value + digit * scale);
      value = 0;
      scale = 1;
    }
  }
  return found;
}

/** How many of the sorted values are not above a limit. */
export function upTo(values, limit) {
  let low = 0, high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Open one side of a part: its pieces' ends, chunks and times. */
export function openSide(columns) {
  if (!columns) return null;
  const sums = (numbers) => {
    let sum = 0;
    return numbers.map((n) => (sum += n));
  };
  const ticks = columns.ticks && sums(readNumbers(columns.ticks).map((n) => (n % 2 ? -(n + 1) / 2 : n / 2)));
  return { text: columns.text, ends: sums(readNumbers(columns.lengths)), chunks: sums(readNumbers(columns.chunks)), times: ticks?.map((tick) => tick / 1e4) };
}

/** Where a side's pieces end on an axis: "content", "chunk" or "time". */
export const placesOf = (side, mode) => (mode === "content" ? side.ends : mode === "chunk" ? side.chunks : side.times);

/** How many characters of a side had come at a place of an axis. */
export function cutAt(side, mode, at) {
  if (mode === "content") return Math.min(Math.floor(at), side.ends.at(-1) ?? 0);
  return side.ends[upTo(placesOf(side, mode), at) - 1] ?? 0;
}

/** A text up to a cut, in what is the same everywhere, what is not, and the newest piece. */
export function splitText(side, cut, offset, limit = 4000) {
  const same = Math.min(cut, offset ?? cut), start = Math.max(0, cut - limit);
  return { skipped: start, same: side.text.slice(start, Math.max(start, same)), other: side.text.slice(Math.max(start, same), cut), rest: (side.ends.at(-1) ?? 0) - cut };
}

const HIDDEN = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** Text in which controls, marks that turn it round and lone surrogates are to be seen. */
export const showText = (text) => (text.toWellFormed?.() ?? text).replace(HIDDEN, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);

function h(kind, ...children) {
  const [tag, ...classes] = kind.split(".");
  const node = document.createElement(tag);
  if (classes.length) node.className = classes.join(" ");
  if (/^(button|select|input)$/.test(tag)) node.setAttribute("data-lm-suppress-shortcuts", "");
  const given = children[0]?.constructor === Object ? children.shift() : {};
  for (const [name, value] of Object.entries(given))
    if (typeof value === "function") node.addEventListener(name, value);
    else if (value !== null) node.setAttribute(name, value);
  return fill(node, children);
}

function fill(node, ...children) {
  const shown = children.flat(9).filter((child) => (child ?? "") !== "");
  node.replaceChildren(...shown.map((child) => (child instanceof Node ? child : showText(String(child)))));
  return node;
}

const STEPS = 1000, MODES = { content: "what is said", chunk: "chunk number", time: "seconds since the request (measured)" };

/** Show a model's data inside a root; return the clean-up. */
function show(root, model) {
  const { labels, rows, strands, left_out } = model.get("data");
  const opened = strands.map((strand) => ({ ...strand, sides: strand.sides.map(openSide) }));
  const sides = opened.flatMap((strand) => strand.sides).filter(Boolean);
  const can = { content: true, chunk: true, time: sides.length > 0 && sides.every((side) => side.times) };
  const app = { mode: "content", share: 1, labels };
  const reach = (sides) => Math.max(1e-9, ...sides.filter(Boolean).map((side) => placesOf(side, app.mode).at(-1) ?? 0));
  const cards = opened.map((strand) => makeCard(strand, app));
  const place = h("output.place");
  const update = () => {
    const all = reach(sides), at = app.share * all;
    fill(place, app.mode === "content" ? `${Math.round(100 * app.share)} % of each part` : app.mode === "chunk" ? `chunk ${Math.floor(at)}` : `${at.toFixed(3)} s`);
    range.setAttribute("aria-valuetext", place.textContent);
    for (const card of cards) {
      const end = app.mode === "content" ? reach(card.sides) : all;
      card.update(app.share * end, end);
    }
  };
  const range = h("input", { type: "range", min: 0, max: STEPS, value: STEPS, "aria-label": "How far", input: () => {
    app.share = range.value / STEPS;
    update();
  } });
  const modes = h("select", { "aria-label": "Align by", change: () => {
    app.mode = modes.value;
    update();
  } }, Object.entries(MODES).map(([mode, label]) => h("option", { value: mode, disabled: can[mode] ? null : "" }, `align by ${label}${can[mode] ? "" : ": not recorded"}`)));
  const differs = (row) => new Set(row.slice(1)).size > 1;
  const body = h("div.app", { keydown: (event) => event.key !== "Escape" && event.key !== "Tab" && event.stopPropagation() },
    h("div.scroll", h("table", h("thead", h("tr", h("th"), labels.map((label) => h("th", { scope: "col" }, label)))),
      h("tbody", rows.map((row) => h(`tr${differs(row) ? ".differs" : ""}`, h("th", { scope: "row" }, differs(row) ? "≠ " : "= ", row[0]), row.slice(1).map((cell) => h("td", cell))))))),
    h("div.player", { role: "group", "aria-label": "Alignment" }, h("div.bar", modes, place), range),
    left_out.map((note) => h("p.note", note)), cards.map((card) => card.node),
    h("p.help", h("span", h("kbd", "← →"), " back and forth (the slider has the focus)"), h("span", h("kbd", "Home End"), " nothing, all"), h("span", "each step begins at its own start; pale: behind the first difference")));
  update();
  const style = h("style");
  style.textContent = model.get("css") ?? "";
  root.replaceChildren(style, body);
  return () => {};
}

function makeCard(strand, app) {
  const there = strand.sides.filter(Boolean).length;
  const note = there < 2 ? "on one side only" : strand.offset === null ? "= word for word the same" : strand.offset ? `≠ the same for ${strand.offset} characters, then not` : "≠ from the first character on";
  const rows = strand.sides.map((side, n) => {
    const bar = h("div.pieces"), text = h("div.words"), cursor = h("u"), count = h("small", side ? `${side.ends.length} pieces` : "not there");
    return { side, bar, text, cursor, node: h("div.side", h("b", app.labels[n]), h("div.lane", { "aria-hidden": "true" }, bar, cursor), count, text) };
  });
  let drawn = "";
  const draw = (end) => {
    if (drawn === app.mode) return;
    drawn = app.mode;
    for (const { side, bar } of rows) if (side) drawPieces(bar, side, strand.offset, app.mode, end);
  };
  const update = (at, end) => {
    draw(end);
    for (const { side, text, cursor } of rows) {
      if (!side) continue;
      cursor.style.left = `${(100 * at) / end}%`;
      const { skipped, same, other, rest } = splitText(side, cutAt(side, app.mode, at), strand.offset);
      fill(text, skipped ? `… ${skipped} before ` : "", same, other ? h("mark", other) : null, rest ? h("small", ` … ${rest} more`) : null);
    }
  };
  const kind = strand.label.startsWith("call ") ? `c${strand.label[5] % 4}` : strand.label === "reasoning" ? "think" : "text";
  return { sides: strand.sides, node: h(`section.card.${kind}`, h("div.title", h("strong", `Step ${strand.step}, ${strand.label}`), h("small", note)), h("div.sides", rows.map((row) => row.node))), update };
}

const MAX_PIECES = 1500;

/** One box for each piece; very many are drawn as one. */
function drawPieces(bar, side, offset, mode, end) {
  const places = placesOf(side, mode), many = side.ends.length > MAX_PIECES;
  const box = (from, to, title, isOther) => {
    const node = h(isOther ? "i.other" : "i", { title });
    node.style.left = `${(100 * from) / end}%`;
    node.style.width = `max(2px,${(100 * (to - from)) / end}% - 1px)`;
    return node;
  };
  if (many) return fill(bar, box(mode === "content" ? 0 : places[0], places.at(-1), `${side.ends.length} pieces`));
  fill(bar, side.ends.map((stop, n) => {
    const start = n ? side.ends[n - 1] : 0, isOther = offset !== null && stop > offset;
    const [from, to] = mode === "content" ? [start, stop] : mode === "chunk" ? [places[n] - 0.9, places[n]] : [places[n], places[n]];
    return box(from, to, `chunk ${side.chunks[n]}: ${showText(side.text.slice(start, stop))}`, isOther);
  }));
}

/** anywidget's render: draws the model's data, and returns the clean-up. */
function render({ model, el }) {
  const host = h("div.chatviz", { "data-lm-suppress-shortcuts": "" }), root = host.attachShadow({ mode: "open" });
  const draw = () => show(root, model);
  draw();
  model.on?.("change:data", draw);
  el.replaceChildren(host);
  return () => {
    model.off?.("change:data", draw);
    host.remove();
  };
}

/** Make the element before a mark interactive; the mark is found by its id, once for each copy. */
function mountAt(mark, data, css) {
  const model = { get: (name) => ({ data, css })[name] };
  for (const node of document.querySelectorAll(`[id="${mark}"]:not([data-mounted])`)) {
    node.dataset.mounted = "";
    render({ model, el: node.previousElementSibling ?? node });
  }
}

export default { initialize: () => () => {}, render };
