// The live conversation: controls, its state, and the inspector while it grows.
// Pure functions first. Streamed text is hostile: it enters the page as text only.

const HIDDEN = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;
const BUSY = ["waiting for headers", "streaming", "running tools", "stopping"];
const SIGNS = { idle: "○", "waiting for headers": "◌", streaming: "●", "running tools": "▶", stopping: "◐", stopped: "■", failed: "▲" };
const WAIT_MS = 1000, SHARE = 3, LEAST_MS = 16;
const DEAF = "The kernel has not heard this yet. If a cell is running it may hear only when that has ended: to stop at once, interrupt the kernel. If it was restarted, run the cell again.";

/** Text in which controls, marks that turn it round and lone surrogates are to be seen. */
export const showText = (text) => (text.toWellFormed?.() ?? text).replace(HIDDEN, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);

// ---- what is told

/** What is known before anything was told. */
export const emptyTalk = () => ({ have: 0, state: "idle", words: "", answers: 0, chunks: 0, bytes: 0, chunksBefore: 0, bytesBefore: 0, tokens: null, cost: null, rows: [], findings: null });

/** Take the entries that are new; false where some before them are missing. */
export function takeBatch(talk, first, buffers) {
  if (first > talk.have) return false;
  const entries = JSON.parse(new TextDecoder().decode(buffers[0]));
  for (const [kind, at, ...values] of entries.slice(talk.have - first)) TAKE[kind]?.(talk, (n) => buffers[at + n], ...values);
  talk.have = Math.max(talk.have, first + entries.length);
  return true;
}

const TAKE = {
  state(talk, _, state, words) {
    Object.assign(talk, { state, words });
  },
  run(talk, bufferOf, columns) {
    talk.rows.push([columns, bufferOf]);
  },
  findings(talk, _, rows) {
    talk.findings = rows;
  },
  ask(talk) {
    talk.chunksBefore += talk.chunks;
    talk.bytesBefore += talk.bytes;
    talk.chunks = talk.bytes = 0;
  },
  count(talk, _, chunks, bytes) {
    Object.assign(talk, { chunks, bytes });
  },
  sums(talk, _, answers, tokens, cost) {
    Object.assign(talk, { answers, tokens, cost });
  },
};

/** The sums in words: what is not known is not said. */
export function tellSums(talk) {
  const chunks = talk.chunksBefore + talk.chunks, bytes = talk.bytesBefore + talk.bytes;
  const told = [`${talk.answers} answer${talk.answers === 1 ? "" : "s"}`, `${chunks.toLocaleString("en")} chunks`, `${bytes.toLocaleString("en")} bytes`];
  if (talk.tokens !== null) told.push(`${talk.tokens.toLocaleString("en")} tokens`);
  if (talk.cost !== null) told.push(`${talk.cost} USD`);
  return told.join(" · ");
}

// ---- an answer that grows

const newRun = () => ({ count: 0, size: 0, begins: [], ends: [], comments: [], times: [], parts: [], calls: [], unread: [], asked: [], followed: [], tools: [], usage: [], finish: [], errors: [], findings: [], speaking: [], status: 200, framing: "unknown" });

/** A buffer's numbers; it may lie anywhere in its message. */
const numbersOf = (Kind, view) => (view === undefined ? [] : Array.from(new Kind(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength))));

/** Let an answer go on by columns as Python's RunGrowth tells them; the inspector's module opens what came whole. */
function growRun(run, columns, bufferOf, inspector) {
  const { events, kinds, starts, times, until, end, bytes, clock_times: clock, parts = [], unread = [], ...known } = columns;
  if (events) Object.assign(run, { times: null, ends: null, size: bytes === undefined ? Infinity : 0 }, inspector.openRun(columns));
  if (until) run.ends[run.count - 1] = until;
  if (kinds !== undefined) growEvents(run, numbersOf(Uint8Array, bufferOf(kinds)), numbersOf(Float64Array, bufferOf(starts)), end, times === undefined ? null : numbersOf(Float64Array, bufferOf(times)));
  if (clock !== undefined) run.times = numbersOf(Float64Array, bufferOf(clock));
  if (bytes !== undefined) growBody(run, bytesOf(bufferOf(bytes)));
  if (events) return;
  for (const part of parts) growPart(run, part, bufferOf, inspector);
  run.unread = run.unread.concat(unread);
  Object.assign(run, known);
}

const ORDER = ["reasoning", "signed", "text", "refusal", "call"];
const DATA = 0, COMMENT = 2;

function growEvents(run, kinds, starts, end, times) {
  kinds.forEach((kind, n) => {
    if (kind === COMMENT) run.comments.push(run.count);
    if (kind !== DATA) return;
    run.begins.push(starts[n]);
    run.ends.push(starts[n + 1] ?? end);
    if (times) run.times?.push(times[n]);
    run.count++;
  });
  if (run.times?.length !== run.count) run.times = null;
}

const bytesOf = (view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

/** Keep more bytes, in a buffer that doubles when it is full. */
function growBody(run, bytes) {
  const before = run.size, old = run.body;
  run.size += bytes.length;
  if (!old || old.length < run.size) {
    run.body = new Uint8Array(2 * run.size);
    if (old) run.body.set(old);
  }
  run.body.set(bytes, before);
}

/** Let a part begin or go on; what is told of a call in the end tells all of its marks again. */
function growPart(run, columns, bufferOf, { readNumbers, readSteps }) {
  const { chunks, lengths, text = "", marks, goes_on, ...known } = columns;
  let part = run.parts.find(({ kind, choice, position }) => kind === known.kind && choice === known.choice && position === known.position);
  if (!part) run.parts.push((part = { chunks: [], lengths: [], ends: [], text: "" }));
  Object.assign(part, known);
  if (chunks !== undefined) {
    const sizes = numbersOf(Uint32Array, bufferOf(lengths));
    let end = part.ends.at(-1) ?? 0;
    part.chunks = part.chunks.concat(numbersOf(Uint32Array, bufferOf(chunks)));
    part.lengths = part.lengths.concat(sizes);
    part.ends = part.ends.concat(sizes.map((size) => (end += size)));
    part.text += text;
  }
  if (marks) growMarks(part, marks, goes_on, readNumbers, readSteps);
}

function growMarks(part, marks, goesOn, readNumbers, readSteps) {
  if (!goesOn) Object.assign(part, { starts: [], stops: [], parents: [], steps: [], kinds: "", depths: [] });
  const starts = readSteps(marks.starts), base = part.starts.length;
  part.stops = part.stops.concat(readNumbers(marks.lengths).map((size, i) => (size ? starts[i] + size : -1)));
  for (const [i, stop] of marks.closed ?? []) part.stops[i] = stop;
  part.starts = part.starts.concat(starts);
  part.parents = part.parents.concat(readNumbers(marks.parents).map((up, i) => base + i - up));
  part.steps = part.steps.concat(readNumbers(marks.steps));
  part.kinds += marks.kinds;
  for (let i = base; i < part.starts.length; i++) part.depths[i] = part.parents[i] < 0 ? 0 : part.depths[part.parents[i]] + 1;
}

/** Let the answers grow by what was told; says whether an answer began or ended. */
export function growRuns(runs, rows, inspector) {
  const grown = new Set();
  let isNew = false;
  for (const [columns, bufferOf] of rows) {
    const { index, ...rest } = columns;
    isNew ||= !runs[index] || "provider" in rest || "place" in rest;
    growRun((runs[index] ??= newRun()), rest, bufferOf, inspector);
    grown.add(runs[index]);
  }
  for (const run of grown) {
    run.parts.sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind) || a.choice - b.choice || a.position - b.position);
    run.calls = run.parts.filter((part) => part.kind === "call");
    run.speaking = inspector.findSpeaking(run);
  }
  return isNew;
}

/** The message that Run sends. */
export function runMessage(prompt, system, model, maxTokens) {
  const limit = Number.parseInt(maxTokens, 10);
  return { kind: "run", prompt, system, model, max_tokens: limit > 0 ? limit : null };
}

function h(kind, ...children) {
  const [tag, ...classes] = kind.split(".");
  const node = document.createElement(tag);
  if (classes.length) node.className = classes.join(" ");
  if (/^(button|textarea|input|summary)$/.test(tag)) node.setAttribute("data-lm-suppress-shortcuts", "");
  const given = children[0]?.constructor === Object ? children.shift() : {};
  for (const [name, value] of Object.entries(given))
    if (typeof value === "function") node.addEventListener(name, value);
    else if (value !== null) node.setAttribute(name, value);
  node.append(...children.flat(9).filter((child) => (child ?? "") !== "").map((child) => (child instanceof Node ? child : showText(String(child)))));
  return node;
}

/** The controls of a chat, and how they follow its state. */
function makeControls(given, send) {
  const prompt = h("textarea.prompt", { rows: 2, "aria-label": "Prompt", placeholder: "Say something (Enter runs, Shift+Enter is a new line)" });
  const system = h("textarea.system", { rows: 2, "aria-label": "System prompt" }), model = h("input.model", { "aria-label": "Model" });
  const limit = h("input.short", { type: "number", min: 1, "aria-label": "Max tokens" }), path = h("input.path", { "aria-label": "Cassette file" });
  const run = h("button.run", { click: () => start() }, "Run"), stop = h("button.stop", { disabled: "", click: () => send({ kind: "stop" }) }, "Stop");
  const save = h("button.save", { disabled: "", click: () => send({ kind: "save", path: path.value }) }, "Save as cassette");
  prompt.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    start();
  });
  const start = () => {
    if (run.disabled || !prompt.value.trim()) return;
    send(runMessage(prompt.value, system.value, model.value, limit.value), () => (prompt.value = ""));
  };
  [system.value, model.value, limit.value, path.value] = [given.system ?? "", given.model ?? "", given.max_tokens ?? "", "chat.yaml"];
  const follow = (talk) => {
    const isBusy = BUSY.includes(talk.state);
    run.disabled = isBusy;
    stop.disabled = !isBusy || talk.state === "stopping";
    save.disabled = isBusy || !talk.answers;
    system.disabled = talk.answers > 0;
  };
  const more = h("details", h("summary", "System prompt, model, max tokens"), h("label.wide", "System prompt", system), h("div.bar", h("label", "Model", model), h("label", "Max tokens", limit)));
  const node = given.asks ? h("div.ask", prompt, h("div.bar", run, stop, save, path, given.tools?.length ? h("small", `tools: ${given.tools.join(", ")}`) : null), more) : null;
  return { node, stop, follow };
}

/** The inspector of answers that grow: it is made when the first chunk has come. */
function makeGrowing(given) {
  const node = h("div.growing"), runs = [], talks = [{ findings: [] }], waiting = [];
  let inspector = null, app = null, hadTimes = false;
  const drop = () => app?.cleanups.forEach((clean) => clean());
  const make = () => {
    drop();
    const host = h("div.chatviz", { "data-lm-suppress-shortcuts": "" }), root = host.attachShadow({ mode: "open" });
    const model = { get: (name) => ({ data: { view: "inspect", runs: [], talks, left_out: [], opened: runs }, css: `${given.css} .app { border: 0; border-radius: 0; }` })[name] };
    app = inspector.show(root, model);
    hadTimes = app.film.hasTimes;
    node.replaceChildren(host);
  };
  const grow = (rows, findings) => {
    waiting.push(...rows);
    if (findings) talks[0].findings = findings;
    if (!inspector) return;
    const isNew = growRuns(runs, waiting.splice(0), inspector);
    if (!runs.some((run) => run.count)) return;
    const hasTimes = runs.every((run) => run.times || !run.count);
    if (!app || hasTimes !== hadTimes) make();
    else growShown(app, isNew || findings, inspector);
  };
  const url = URL.createObjectURL(new Blob([given.code], { type: "text/javascript" }));
  const ready = import(url).finally(() => URL.revokeObjectURL(url)).then((module) => {
    inspector = module;
    grow([], null);
  });
  return { node, grow, drop, ready };
}

/** Let a shown film grow; the cursor follows where it stood at the end, and a whole view stays whole. */
function growShown(app, isNew, { layAxis, measureFilm, moveView, MAKERS }) {
  const { at, axis, film, view } = app, follows = at >= film.count - 1 && !app.playing, isWhole = view.b - view.a > (axis.end - axis.start) * 0.999;
  measureFilm(film);
  app.axis = layAxis(film, axis.mode);
  app.view = isWhole ? { a: app.axis.start, b: app.axis.end } : moveView(app.axis, view, 0);
  if (follows) app.at = film.count - 1;
  app.player.grow();
  app.panes.timeline.grow();
  if (isNew) {
    app.panes.header.grow();
    remake(app, "findings", MAKERS.findings);
  }
  if (app.panes.calls.isOutdated()) remake(app, "calls", MAKERS.calls);
  app.update();
}

function remake(app, name, make) {
  const before = app.panes[name], after = make(app);
  after.node.open = before.node.open;
  before.node.replaceWith(after.node);
  app.panes[name] = after;
}

/** Show a model's conversation inside a root; return the clean-up. */
function show(root, model) {
  const given = model.get("controls"), talk = emptyTalk(), waiting = new Map(), growing = makeGrowing(model.get("inspector"));
  let numbers = 0, frame = 0;
  const notice = h("small.words", { role: "status" });
  const send = (message, heard) => {
    const number = ++numbers;
    const timer = setTimeout(() => (notice.textContent = DEAF), WAIT_MS);
    waiting.set(number, { timer, heard });
    model.send({ ...message, number });
  };
  const controls = makeControls(given, send);
  const state = h("span.state", { role: "status" }), sums = h("span.sums"), words = h("small.words");
  const tell = () => {
    const isBusy = BUSY.includes(talk.state);
    state.textContent = `${SIGNS[talk.state] ?? ""} ${talk.state}`;
    state.className = `state ${isBusy ? "busy" : talk.state === "failed" ? "bad" : ""}`;
    sums.textContent = tellSums(talk);
    words.textContent = showText(talk.words);
    controls.follow(talk);
  };
  // Drawing takes at most a part of the time, so that the page hears its user.
  const draw = () => {
    const began = performance.now();
    growing.grow(talk.rows.splice(0), talk.findings);
    talk.findings = null;
    const rest = Math.max(LEAST_MS, SHARE * (performance.now() - began));
    frame = setTimeout(() => {
      frame = 0;
      if (talk.rows.length || talk.findings) draw();
    }, rest);
  };
  const receive = (message, buffers) => {
    if (message.kind === "batch") {
      if (!takeBatch(talk, message.first, buffers)) send({ kind: "ready", have: talk.have });
      tell();
      if (!frame) draw();
    } else if (message.kind === "heard" && waiting.has(message.number)) {
      const { timer, heard } = waiting.get(message.number);
      clearTimeout(timer);
      waiting.delete(message.number);
      notice.textContent = showText(message.told);
      if (!message.told) heard?.();
    }
  };
  const style = h("style");
  style.textContent = model.get("css") ?? "";
  const keydown = (event) => event.key !== "Escape" && event.key !== "Tab" && event.stopPropagation();
  root.replaceChildren(style, h("div.app", { keydown }, controls.node, h("div.bar", state, given.asks ? null : controls.stop, sums, words, notice), growing.node));
  model.on("msg:custom", receive);
  tell();
  send({ kind: "ready", have: 0 });
  return () => {
    model.off("msg:custom", receive);
    clearTimeout(frame);
    growing.drop();
    for (const { timer } of waiting.values()) clearTimeout(timer);
  };
}

/** anywidget's render: draws the model's conversation, and returns the clean-up. */
function render({ model, el }) {
  const host = h("div.chatviz", { "data-lm-suppress-shortcuts": "" }), root = host.attachShadow({ mode: "open" });
  const stop = show(root, model);
  el.replaceChildren(host);
  return () => {
    stop();
    host.remove();
  };
}

/** anywidget's initialize: fills the places that cells hold for the model, now and later. */
function initialize({ model }) {
  const key = model.get("key"), filled = new Map();
  let planned = 0;
  const look = () => {
    planned = 0;
    for (const [place, stop] of filled) if (!place.isConnected && filled.delete(place)) stop();
    for (const place of document.querySelectorAll(`[data-chatviz-place="${key}"]`)) if (!filled.has(place)) filled.set(place, render({ model, el: place }));
    for (const still of document.querySelectorAll(`[data-chatviz-still="${key}"]`)) still.style.display = filled.size ? "none" : "";
  };
  const watcher = new MutationObserver(() => (planned ||= setTimeout(look, 50)));
  watcher.observe(document.body, { childList: true, subtree: true });
  look();
  return () => {
    watcher.disconnect();
    clearTimeout(planned);
    for (const stop of filled.values()) stop();
    for (const still of document.querySelectorAll(`[data-chatviz-still="${key}"]`)) still.style.display = "";
  };
}

export default { initialize, render };
