// The live conversation: controls, what is said while it is said, and when each part of it came.
// Pure functions first. Streamed text is hostile: it enters the page as text only.

const HIDDEN = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;
const BUSY = ["waiting for headers", "streaming", "running tools", "stopping"];
const SIGNS = { idle: "○", "waiting for headers": "◌", streaming: "●", "running tools": "▶", stopping: "◐", stopped: "■", failed: "▲" };
const NEAR_S = 0.25, WAIT_MS = 1000;
const DEAF = "The kernel has not heard this yet. If a cell is running it may hear only when that has ended: to stop at once, interrupt the kernel. If it was restarted, run the cell again.";

/** Text in which controls, marks that turn it round and lone surrogates are to be seen. */
export const showText = (text) => (text.toWellFormed?.() ?? text).replace(HIDDEN, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** What is known before anything was told. */
export const emptyTalk = () => ({ have: 0, state: "idle", words: "", turns: [], answers: 0, chunks: 0, bytes: 0, chunksBefore: 0, bytesBefore: 0, tokens: null, cost: null, changes: [] });

/** Take the entries that are new; false where some before them are missing. */
export function takeBatch(talk, first, entries) {
  if (first > talk.have) return false;
  for (const entry of entries.slice(talk.have - first)) takeEntry(talk, entry);
  talk.have = Math.max(talk.have, first + entries.length);
  return true;
}

/** Take one entry; what changed is noted for who draws it. */
export function takeEntry(talk, [kind, ...values]) {
  const turn = talk.turns.at(-1);
  TAKE[kind]?.(talk, turn, ...values);
}

const TAKE = {
  turn(talk, _, prompt, system, model) {
    talk.turns.push({ items: [], rows: [], ends: 0, model });
    if (system) addItem(talk, "system", "system", system);
    addItem(talk, "user", `user → ${model || "model"}`, prompt);
  },
  state(talk, _, state, words) {
    talk.state = state;
    talk.words = words;
  },
  ask(talk, turn, at) {
    talk.chunksBefore += talk.chunks;
    talk.bytesBefore += talk.bytes;
    talk.chunks = talk.bytes = 0;
    mark(talk, turn, "requests", "ask", at, at);
  },
  part(talk, turn, number, kind, name, at) {
    const title = kind === "call" ? `call ${name}` : kind;
    const item = addItem(talk, kind, title, "");
    Object.assign(item, { number, label: `${turn.rows.length} ${title}` });
  },
  grow(talk, turn, number, text, at) {
    const item = turn.items.find((one) => one.number === number);
    if (!item) return;
    item.text += text;
    talk.changes.push({ item, text });
    mark(talk, turn, item.label, item.kind, at, at);
  },
  count(talk, _, chunks, bytes) {
    talk.chunks = chunks;
    talk.bytes = bytes;
  },
  answer(talk, turn, status, reason, findings, at) {
    talk.answers += 1;
    reach(turn, at);
    if (status >= 400) addItem(talk, "note", `HTTP ${status}`, reason);
    for (const [severity, message] of findings) addItem(talk, "note", severity, message);
  },
  calls(talk, turn, names, at) {
    reach(turn, at);
  },
  tool(talk, turn, name, outcome, text, started, took) {
    const time = took === null ? "" : `, ${took} s`;
    addItem(talk, "tool", `${name} ${outcome}${time}`, text);
    if (started !== null) mark(talk, turn, `${turn.rows.length} run ${name}`, "tool", started, started + took);
  },
  sums(talk, _, tokens, cost) {
    Object.assign(talk, { tokens, cost });
  },
  end(talk, turn, reason, error, at) {
    reach(turn, at);
    if (reason !== "no_tool_calls") addItem(talk, "note", `ended: ${reason}`, error);
  },
};

function addItem(talk, kind, title, text) {
  const item = { kind, title, text };
  talk.turns.at(-1).items.push(item);
  talk.changes.push({ item, isNew: true });
  return item;
}

const reach = (turn, at) => (turn.ends = Math.max(turn.ends, at));

/** Mark a time in a lane; what follows soon is one mark with what was before. */
function mark(talk, turn, label, kind, from, to) {
  reach(turn, to);
  let row = turn.rows.find((one) => one.label === label);
  if (!row) {
    row = { label, kind, marks: [] };
    turn.rows.push(row);
  }
  const last = row.marks.at(-1);
  if (last && kind !== "ask" && from - last[1] <= NEAR_S) last[1] = Math.max(last[1], to);
  else row.marks.push([from, to]);
}

/** The sums in words: what is not known is not said. */
export function tellSums(talk) {
  const chunks = talk.chunksBefore + talk.chunks, bytes = talk.bytesBefore + talk.bytes;
  const told = [`${talk.answers} answer${talk.answers === 1 ? "" : "s"}`, `${chunks.toLocaleString("en")} chunks`, `${bytes.toLocaleString("en")} bytes`];
  if (talk.tokens !== null) told.push(`${talk.tokens.toLocaleString("en")} tokens`);
  if (talk.cost !== null) told.push(`${talk.cost} USD`);
  return told.join(" · ");
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

/** Draws items and lanes as they come. */
function makeLog() {
  const log = h("div.log", { role: "log", "aria-live": "polite", tabindex: 0, "aria-label": "Conversation" });
  const turns = [], spans = new Map();
  const drawStrip = (turn, drawn) => {
    drawn.strip.style.setProperty("--span", Math.max(turn.ends, 0.001));
    turn.rows.forEach((row, n) => {
      const made = (drawn.rows[n] ??= addLane(drawn.strip, row));
      row.marks.forEach(([from, to], k) => {
        const node = (made.marks[k] ??= made.lane.appendChild(h("i")));
        node.style.left = `calc(99% * ${from} / var(--span))`;
        node.style.width = `calc(99% * ${to - from} / var(--span))`;
        node.title = `${row.label}: ${from} to ${to} s after Run, as it was seen here`;
      });
    });
    drawn.axis.textContent = `0 to ${turn.ends.toFixed(2)} s after Run, as it was seen here`;
  };
  const draw = (talk) => {
    const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
    for (const turn of talk.turns.slice(turns.length)) {
      const strip = h("div.strip", { role: "img", "aria-label": "When each part came" }), axis = h("small"), items = h("div");
      log.append(h("section.turn", items, h("div", strip, axis)));
      turns.push({ turn, strip, axis, items, rows: [] });
    }
    const owner = new Map();
    for (const drawn of turns) for (const item of drawn.turn.items) owner.set(item, drawn);
    for (const { item, text, isNew } of talk.changes.splice(0)) {
      if (isNew) {
        const span = h("span");
        spans.set(item, span);
        owner.get(item).items.append(h(`div.said.${item.kind}`, h("b", item.title), span));
        if (item.number === undefined) span.append(showText(item.text));
      } else spans.get(item).append(showText(text));
    }
    for (const drawn of turns.slice(-2)) drawStrip(drawn.turn, drawn);
    if (isAtEnd) log.scrollTop = log.scrollHeight;
  };
  return { log, draw };
}

function addLane(strip, row) {
  const lane = h(`div.lane.${row.kind}`);
  strip.append(h("div.row", h("span", row.label), lane));
  return { lane, marks: [] };
}

/** Show a model's conversation inside a root; return the clean-up. */
function show(root, model) {
  const given = model.get("controls"), talk = emptyTalk(), waiting = new Map();
  let numbers = 0, frame = 0;
  const notice = h("small.words", { role: "status" });
  const send = (message, heard) => {
    const number = ++numbers;
    const timer = setTimeout(() => (notice.textContent = DEAF), WAIT_MS);
    waiting.set(number, { timer, heard });
    model.send({ ...message, number });
  };
  const controls = makeControls(given, send), { log, draw } = makeLog();
  const state = h("span.state", { role: "status" }), sums = h("span.sums"), words = h("small.words");
  const update = () => {
    frame = 0;
    const isBusy = BUSY.includes(talk.state);
    state.textContent = `${SIGNS[talk.state] ?? ""} ${talk.state}`;
    state.className = `state ${isBusy ? "busy" : talk.state === "failed" ? "bad" : ""}`;
    sums.textContent = tellSums(talk);
    words.textContent = showText(talk.words);
    controls.follow(talk);
    draw(talk);
  };
  const plan = () => (frame ||= setTimeout(update, 16));
  const receive = (message) => {
    if (message.kind === "batch") {
      if (!takeBatch(talk, message.first, message.entries)) send({ kind: "ready", have: talk.have });
      plan();
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
  root.replaceChildren(style, h("div.app", { keydown }, controls.node, h("div.bar", state, given.asks ? null : controls.stop, sums, words, notice), log));
  model.on("msg:custom", receive);
  update();
  send({ kind: "ready", have: 0 });
  return () => {
    model.off("msg:custom", receive);
    clearTimeout(frame);
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
