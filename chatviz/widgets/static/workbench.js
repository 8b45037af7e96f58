// The workbench: what can be chosen, the tables, and the exports. The inspector and the comparison
// are modules of their own, mounted here. All text enters the page by textContent and setAttribute.
//
// Python's traits come here and never go back; what a reader does goes to Python as messages.

const TABS = ["Inspector", "runs", "chunks", "deltas", "tool calls", "arguments", "usage", "findings", "Compare"];

/** The rows of a listing that a filter lets through, with their places. */
export function filterList(listing, words) {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  return listing.map(([name, state, note], number) => ({ number, name, state, note }))
    .filter(({ name }) => wanted.every((word) => name.toLowerCase().includes(word)));
}

/** How far a listing is read, in words; "" once it is. */
export function sayProgress(listing) {
  const waiting = listing.filter(([, state]) => state === "waiting").length;
  return waiting ? `Reading ${listing.length - waiting} of ${listing.length} …` : "";
}

/** What a table's cell shows. */
export function sayCell(value) {
  return value === null ? "" : typeof value === "number" ? value.toLocaleString("en", { maximumFractionDigits: 9, useGrouping: false }) : String(value);
}

/** The order after a click on a column: up, down, as it came. */
export function nextOrder({ sort, descending }, column) {
  if (sort !== column) return { sort: column, descending: false };
  return descending ? { sort: "", descending: false } : { sort: column, descending: true };
}

// ---- elements

const HIDDEN = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;
const showText = (text) => text.replace(HIDDEN, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** An element with attributes, listeners and children; strings stay text. */
function h(tag, given, ...children) {
  const node = document.createElement(tag);
  if (/^(button|select|input|summary)$/.test(tag)) node.setAttribute("data-lm-suppress-shortcuts", "");
  for (const [name, value] of Object.entries(given ?? {}))
    if (typeof value === "function") node.addEventListener(name, value);
    else if (value !== null && value !== undefined) node.setAttribute(name, value);
  return fill(node, ...children);
}

function fill(node, ...children) {
  const shown = children.flat(9).filter((child) => (child ?? "") !== "");
  node.replaceChildren(...shown.map((child) => (child instanceof Node ? child : showText(String(child)))));
  return node;
}

// ---- the application

/** Build the application in an element; return the clean-up. */
function build(model, el) {
  const host = h("div", { class: "chatviz", "data-lm-suppress-shortcuts": "" }), root = host.attachShadow({ mode: "open" });
  const stops = [];
  const app = { model, tab: "Inspector", sent: null };
  app.listen = (name, act) => {
    model.on(`change:${name}`, act);
    stops.push(() => model.off(`change:${name}`, act));
  };
  app.ask = (kind, content) => model.send({ kind, ...content });
  const status = h("span", { class: "status", role: "status" });
  app.wait = (words) => fill(status, words);
  const chooser = makeChooser(app), films = makeFilms(app), table = makeTable(app), comparison = makeComparison(app);
  const panels = { Inspector: films, Compare: comparison };
  const panel = h("div", { role: "tabpanel", class: "panel" }, films.node, table.node, comparison.node);
  const tabs = TABS.map((name) => h("button", { type: "button", role: "tab", click: () => open(name), keydown: (event) => walk(event, name) }, name));
  const open = (name) => {
    app.tab = name;
    tabs.forEach((tab, n) => {
      tab.setAttribute("aria-selected", TABS[n] === name);
      tab.tabIndex = TABS[n] === name ? 0 : -1;
    });
    panel.setAttribute("aria-label", name);
    for (const one of [films, table, comparison]) one.node.style.display = one === (panels[name] ?? table) ? "" : "none";
    (panels[name] ?? table).open(name);
  };
  const walk = (event, name) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    const next = (TABS.indexOf(name) + by + TABS.length) % TABS.length;
    open(TABS[next]);
    tabs[next].focus();
  };
  const notice = h("p", { class: "notice", role: "alert" });
  const showNotice = () => {
    const { words = "", is_error } = model.get("_notice");
    notice.classList.toggle("error", Boolean(is_error));
    fill(notice, is_error ? "✕ " : "", words);
    app.wait("");
  };
  app.listen("_notice", showNotice);
  app.listen("_state", () => app.wait(""));
  const style = h("style");
  style.textContent = model.get("css");
  const keydown = (event) => event.key !== "Escape" && event.key !== "Tab" && event.stopPropagation();
  root.replaceChildren(style, h("div", { class: "app", role: "group", "aria-label": "Workbench", keydown },
    chooser.node, h("div", { class: "bar tabs", role: "tablist" }, tabs), panel,
    h("div", { class: "bar foot" }, "Export the conversation:", makeExports(app), status), notice));
  showNotice();
  open("Inspector");
  el.replaceChildren(host);
  app.ask("ready");
  return () => {
    stops.forEach((stop) => stop());
    films.stop();
    comparison.stop();
    host.remove();
  };
}

function makeExports(app) {
  return [["html", "HTML page"], ["csv", "tables as CSV"], ["cassette", "cassette, redacted"]].map(([what, label]) => h("button", { type: "button", click: () => {
    app.wait("Writing …");
    app.ask("export", { what });
  } }, label));
}

// ---- what is chosen

function makeChooser(app) {
  const { model } = app;
  const choose = (kind, select) => () => {
    app.wait("Reading …");
    app.ask(kind, { number: Number(select.value) });
  };
  const filter = h("input", { type: "search", placeholder: "filter", "aria-label": "Filter recordings", input: () => showList() });
  const recordings = h("select", { "aria-label": "Recording" }), talks = h("select", { "aria-label": "Conversation" }), runs = h("select", { "aria-label": "Answer" });
  recordings.addEventListener("change", choose("recording", recordings));
  talks.addEventListener("change", choose("talk", talks));
  runs.addEventListener("change", () => app.seek?.(Number(runs.value)));
  const pin = h("button", { type: "button", click: () => app.ask("pin") }, "Keep as A");
  const progress = h("small", { role: "status" }), bad = h("details", { class: "bad" }), reason = h("p", { class: "notice error" });
  const options = (select, labels, chosen) => {
    fill(select, labels.map(([value, label]) => h("option", { value }, label)));
    select.value = String(chosen ?? "");
    select.disabled = !labels.length;
  };
  const showList = () => {
    const listing = model.get("_listing"), { recording } = model.get("_state");
    const shown = filterList(listing, filter.value);
    if (recording !== null && !shown.some(({ number }) => number === recording)) shown.unshift({ number: recording, name: listing[recording][0], state: listing[recording][1], note: "" });
    const signs = { unreadable: "✕ ", read: "", waiting: "" };
    options(recordings, shown.map(({ number, name, state, note }) => [number, `${signs[state]}${name}${state === "read" && note ? ` (${note})` : ""}`]), recording);
    filter.style.display = listing.length > 12 ? "" : "none";
    fill(progress, sayProgress(listing));
    const wrong = listing.filter(([, state]) => state === "unreadable");
    bad.style.display = wrong.length ? "" : "none";
    const isOpen = bad.open;
    fill(bad, h("summary", {}, `${wrong.length} that cannot be read`), h("ul", {}, wrong.slice(0, 100).map(([name, , note]) => h("li", {}, h("b", {}, name), ": ", note))));
    bad.open = isOpen;
  };
  const showState = () => {
    const state = model.get("_state");
    if (document.activeElement !== recordings) recordings.value = String(state.recording ?? "");
    options(talks, state.talks.map((label, number) => [number, label]), state.talk);
    options(runs, state.runs.map((label, number) => [number, label]), model.get("_cursor").run);
    fill(reason, state.reason ? `✕ This recording cannot be read: ${state.reason}` : "");
    fill(pin, state.pinned ? `A is ${state.pinned}: keep this one instead` : "Keep as A, to compare");
    pin.disabled = state.talk === null;
  };
  app.showRun = (run) => (runs.value = String(run));
  app.listen("_listing", showList);
  app.listen("_state", () => {
    showList();
    showState();
  });
  showList();
  showState();
  return { node: h("div", { class: "choose" }, h("div", { class: "bar" }, filter, recordings, talks, runs, pin, progress), bad, reason) };
}

// ---- modules that are mounted

const loaded = new Map();

/** Import a module's text, once for the page. */
function load(code) {
  if (!loaded.has(code)) {
    const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
    loaded.set(code, import(url).finally(() => URL.revokeObjectURL(url)));
  }
  return loaded.get(code);
}

/** Mount a module on a model of its own; `said` hears what it says. */
async function mount(app, name, el, said) {
  const { code, css } = app.model.get("_modules")[name], acts = {}, traits = { css };
  const model = {
    get: (trait) => traits[trait], set: () => {}, save_changes: () => {}, send: said,
    on: (event, act) => (acts[event] = act), off: (event) => delete acts[event],
  };
  const module = await load(code);
  let stop = null;
  return {
    show: (data) => {
      traits.data = data;
      if (stop) acts["change:data"]();
      else stop = module.default.render({ model, el });
    },
    tell: (message) => acts["msg:custom"]?.(message),
    stop: () => stop?.(),
  };
}

function makeFilms(app) {
  const { model } = app, node = h("div");
  let film = null, number = null, move = null;
  const said = (message) => {
    if (message.kind !== "select" || number === null) return;
    app.ask("select", { run: message.run, chunk: message.chunk, film: number });
    app.showRun(message.run);
  };
  const follow = () => {
    const cursor = model.get("_cursor");
    if (!film || cursor.film !== number || cursor.move === move) return;
    move = cursor.move;
    if (cursor.run === null || cursor.chunk === null) return;
    film.tell({ kind: "select", run: cursor.run, chunk: cursor.chunk });
  };
  const show = () => {
    const { number: newest, data } = model.get("_film");
    if (!film || newest === number) return;
    number = null; // what it says while it is drawn is no choice
    film.show(data);
    number = newest;
    move = null;
    follow();
  };
  app.seek = (run) => film?.tell({ kind: "select", run, chunk: Infinity });
  app.listen("_film", show);
  app.listen("_cursor", follow);
  const mounted = mount(app, "inspector", node, said).then((one) => {
    film = one;
    show();
  });
  return { node, open: () => {}, stop: () => mounted.then(() => film.stop()) };
}

function makeComparison(app) {
  const { model } = app, node = h("div"), place = h("div"), note = h("p", { class: "note" });
  let shown = null;
  const mounted = mount(app, "compare", place, () => {});
  const show = async () => {
    const data = model.get("_comparison");
    place.style.display = data ? "" : "none";
    fill(note, data ? "" : model.get("_state").pinned ? "Comparing …" : "Keep a conversation as A, choose another, and see here where they differ.");
    if (data) (await mounted).show(data);
  };
  const ask = () => {
    const { pinned } = model.get("_state"), film = model.get("_film").number, wanted = `${pinned} ${film}`;
    show();
    if (app.tab !== "Compare" || !pinned || (wanted === shown && model.get("_comparison"))) return;
    shown = wanted;
    app.ask("compare");
  };
  app.listen("_comparison", show);
  app.listen("_state", ask);
  fill(node, note, place);
  return { node, open: ask, stop: () => mounted.then((one) => one.stop()) };
}

// ---- tables

function makeTable(app) {
  const { model } = app, node = h("div", { class: "table" });
  let order = { sort: "", descending: false }, name = "";
  const ask = () => {
    app.wait("Reading …");
    app.ask("table", { name, ...order });
  };
  const show = () => {
    const page = model.get("_table");
    app.wait("");
    if (page.name !== name) return fill(node, "");
    const from = node.getRootNode().activeElement?.dataset?.column;
    const head = page.columns.map((column) => {
      const is = page.sort === column, sign = is ? (page.descending ? " ▼" : " ▲") : "";
      return h("th", { scope: "col", "aria-sort": is ? (page.descending ? "descending" : "ascending") : "none" },
        h("button", { type: "button", "data-column": column, title: `Sort by ${column}`, click: () => {
          order = nextOrder(order, column);
          ask();
        } }, column, sign));
    });
    const rows = page.rows.map((row) => h("tr", {}, row.map((value, n) => h("td", { class: page.numeric[n] ? "number" : null }, sayCell(value)))));
    const more = page.total - page.rows.length;
    fill(node, h("div", { class: "scroll" }, h("table", {}, h("thead", {}, h("tr", {}, head)), h("tbody", {}, rows))),
      h("p", { class: "note" }, page.total ? (more > 0 ? `The first ${page.rows.length} of ${page.total} rows; the export has all.` : "") : "No rows."));
    if (from) [...node.querySelectorAll("button")].find((one) => one.dataset.column === from)?.focus();
  };
  app.listen("_table", show);
  app.listen("_film", () => name === app.tab && ask());
  return { node, open: (tab) => {
    if (tab !== name) order = { sort: "", descending: false };
    name = tab;
    ask();
  } };
}

// ---- how it gets into a page

/** anywidget's render, for a cell that holds the widget itself. */
function render({ model, el }) {
  return build(model, el);
}

/** Fill the places that wait for this model, wherever and whenever they appear; hide its pictures. */
function initialize({ model }) {
  const key = model.get("_key"), stops = new Map();
  const look = () => {
    for (const still of document.querySelectorAll(`[data-chatviz-still="${key}"]`)) still.style.display = "none";
    for (const place of document.querySelectorAll(`[data-chatviz-place="${key}"]`))
      if (!stops.has(place)) stops.set(place, build(model, place));
  };
  const pages = new MutationObserver(look);
  pages.observe(document.body, { childList: true, subtree: true });
  look();
  return () => {
    pages.disconnect();
    for (const stop of stops.values()) stop();
    for (const still of document.querySelectorAll(`[data-chatviz-still="${key}"]`)) still.style.display = "";
  };
}

export default { initialize, render };
