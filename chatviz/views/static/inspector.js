// The inspector: plays recorded chat streams in a page, without a kernel and without a network.
// Pure functions first (columns, states, JSON lines), then the panes. Streamed text is hostile: it
// enters the page by textContent and setAttribute only.

// ---- columns of numbers: base 46, lowest digit first, 46 more characters say "a digit follows"

const DIGITS = [];
for (let code = 0x20, digit = 0; code < 0x7f; code++)
  if (!"\"\\<".includes(String.fromCharCode(code))) DIGITS[code] = digit++;

/** @param {string} text @returns {number[]} */
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

/** @param {string} text @param {boolean} [signed] @returns {number[]} sums of the steps */
export function readSteps(text, signed) {
  let sum = 0;
  return readNumbers(text).map((n) => (sum += !signed ? n : n % 2 ? -(n + 1) / 2 : n / 2));
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

// ---- the film: all chunks of all answers in one row

/** Open the data of Python's inspector_data. */
export function openFilm(data) {
  const film = { runs: data.opened ?? data.runs.map(openRun), talks: data.talks, leftOut: data.left_out };
  measureFilm(film);
  return film;
}

/** Put the chunks of all answers in one row. */
export function measureFilm(film) {
  const { runs } = film;
  film.count = 0;
  film.starts = runs.map((run) => (run.first = (film.count += run.count) - run.count));
  film.hasTimes = runs.every((run) => run.times || !run.count);
  film.hasSizes = runs.every((run) => run.ends);
  film.isLong = runs.length > 1;
}

/** Open the columns of one answer. */
export function openRun(columns) {
  const { kinds, sizes, times, unit_s } = columns.events;
  const events = [], comments = [];
  let event = 0;
  const pairs = readNumbers(kinds);
  for (let i = 0; i < pairs.length; i += 2)
    for (let n = 0; n < pairs[i + 1]; n++, event++)
      if (pairs[i] === 0) events.push(event);
      else if (pairs[i] === 2) comments.push(events.length);
  const run = { tools: [], ...columns, count: events.length, comments, parts: columns.parts.map(openPart) };
  if (times !== undefined) {
    const all = readSteps(times, true);
    run.times = events.map((event) => all[event] * unit_s);
  }
  if (sizes !== undefined) {
    let end = 0;
    const ends = readSteps(sizes, true).map((size) => (end += size));
    run.begins = events.map((event) => (event ? ends[event - 1] : 0));
    run.ends = events.map((event) => ends[event]);
  }
  run.unread = readSteps(columns.unread);
  run.calls = run.parts.filter((part) => part.kind === "call");
  run.speaking = findSpeaking(run);
  return run;
}

function openPart(columns) {
  let end = 0;
  const lengths = readNumbers(columns.lengths);
  const part = { ...columns, lengths, chunks: readSteps(columns.chunks), ends: lengths.map((n) => (end += n)) };
  if (part.kind === "call") {
    const { starts, lengths: sizes, parents, steps, kinds } = columns.marks;
    part.starts = readSteps(starts);
    part.stops = readNumbers(sizes).map((n, i) => (n ? part.starts[i] + n : -1));
    part.parents = readNumbers(parents).map((n, i) => i - n);
    part.steps = readNumbers(steps);
    part.kinds = kinds;
    part.depths = [];
    part.parents.forEach((parent, i) => (part.depths[i] = parent < 0 ? 0 : part.depths[parent] + 1));
  }
  return part;
}

/** Which chunks say anything but a role. */
export function findSpeaking(run) {
  const speaking = new Uint8Array(run.count);
  const mark = (chunk) => (speaking[chunk] = 1);
  run.parts.forEach((part) => part.chunks.forEach(mark));
  run.calls.forEach((call) => mark(call.from));
  for (const rows of [run.usage, run.finish, run.errors]) rows.forEach((row) => mark(row[0]));
  return speaking;
}

/** The answer of a chunk of the film, and its number there. */
export function locate(film, at) {
  let index = Math.max(0, upTo(film.starts, at) - 1);
  while (index > 0 && !film.runs[index].count) index--;
  return { index, run: film.runs[index], chunk: at - film.starts[index] };
}

/** Where each chunk stands on an axis: "chunk", "time" or "bytes"; answers stand apart. */
export function layAxis(film, mode) {
  const x = new Float64Array(film.count);
  const extent = (run) =>
    mode === "chunk" ? run.count : mode === "bytes" ? run.ends.at(-1) ?? 0
      : Math.max(run.times?.at(-1) ?? 0, run.clock === "measured" ? run.headers_s ?? 0 : 0);
  const total = film.runs.reduce((sum, run) => sum + extent(run), 0) || 1, gap = total * Math.min(0.04, 0.3 / film.runs.length);
  let base = 0;
  const spans = film.runs.map((run) => {
    const from = base, to = from + extent(run), isLast = run === film.runs.at(-1) && !run.tools.length;
    for (let n = 0; n < run.count; n++)
      x[run.first + n] = from + (mode === "chunk" ? n + 0.5 : mode === "bytes" ? run.ends[n] : run.times[n]);
    base = isLast ? to : to + Math.max(gap, mode === "time" ? toolsEnd(run) : 0);
    return { from, to, next: base };
  });
  const pad = mode === "chunk" ? 0 : base * 0.01 || 1;
  return { mode, x, spans, start: -pad, end: base + pad };
}

/** When the last tool of an answer had ended, in seconds since the first began. */
const toolsEnd = (run) => Math.max(0, ...run.tools.map(([, , , start, took]) => start + took));

/** When each chunk is played: recorded times, one answer behind the other. */
export function layTimes(film) {
  const times = new Float64Array(film.count);
  let base = 0;
  for (const run of film.runs) {
    for (let n = 0; n < run.count; n++) times[run.first + n] = base + run.times[n];
    if (run.count) base = times[run.first + run.count - 1];
  }
  return times;
}

/** The next (or the previous) chunk with the same "part", a new "call" or a "finding"; null for none. */
export function findNext(film, at, what, forward = true) {
  const here = locate(film, at), grown = partAt(here.run, here.chunk);
  const isThere = {
    part: (run, chunk) => run === here.run && grown?.chunks[upTo(grown.chunks, chunk) - 1] === chunk,
    call: (run, chunk) => run.calls.some((call) => call.from === chunk),
    finding: (run, chunk) => run.findings.some((row) => row[3] === chunk),
  }[what];
  for (let n = at; (n += forward ? 1 : -1) >= 0 && n < film.count; ) {
    const { run, chunk } = locate(film, n);
    if (isThere(run, chunk)) return n;
  }
  return null;
}

/** The part that a chunk grew, else the one that grew last before it. */
export function partAt(run, chunk) {
  let best = null, newest = -1;
  for (const part of run.parts) {
    const last = part.chunks[upTo(part.chunks, chunk) - 1] ?? -1;
    if (last >= newest && last >= 0) [best, newest] = [part, last];
  }
  return best;
}

/** What a part had said after a chunk: old text, the newest piece, and how much is not shown. */
export function textAt(part, chunk, limit) {
  const count = upTo(part.chunks, chunk);
  const before = upTo(part.chunks, chunk - 1);
  const end = count ? part.ends[count - 1] : 0;
  const middle = before ? part.ends[before - 1] : 0;
  const start = Math.max(0, Math.min(middle, end - limit));
  const text = part.text ?? "";
  return { count, skipped: start, old: text.slice(start, middle), fresh: text.slice(middle, end), missing: Math.max(0, end - text.length) };
}

// ---- the growth of arguments: a state follows from where a value begins and ends

// A mark's kind is a digit: object, array, string, number, boolean, null.
const ARRAY = "1", NUMBER = "3";

/** What was known of a call after a chunk. */
export function callAt(call, chunk) {
  const count = upTo(call.chunks, chunk);
  const cut = count ? call.ends[count - 1] : 0;
  return {
    begun: chunk >= call.from, count, cut, all: count === call.chunks.length,
    runnable: call.runnable !== null && count > call.runnable,
    fresh: upTo(call.chunks, chunk - 1),
  };
}

/** "absent", "open" or "complete": a number is complete when something follows it. */
export function pathState(call, index, state) {
  if (call.starts[index] >= state.cut) return "absent";
  const stop = call.stops[index];
  const closes = stop < 0 ? Infinity : stop + (call.kinds[index] === NUMBER ? 1 : 0);
  return closes > state.cut + (state.all ? 1 : 0) ? "open" : "complete";
}

/** A path's own name: its key, [2], or $. */
export function pathName(call, index) {
  const parent = call.parents[index];
  if (parent < 0) return "$";
  if (call.kinds[parent] === ARRAY) return `[${call.steps[index]}]`;
  const literal = /"(?:[^"\\]|\\.)*"/y;
  literal.lastIndex = call.starts[index] - call.steps[index];
  const key = literal.exec(call.text)?.[0];
  try {
    return key === undefined ? "…" : JSON.parse(key);
  } catch {
    return key;
  }
}

/** The rows of the tree after a chunk, at most a number of them around the newest. */
export function treeRows(call, state, limit = 120) {
  const begun = upTo(call.starts, state.cut - 1);
  const from = clamp(begun - limit / 2, 0, Math.max(0, call.starts.length - limit));
  const to = Math.min(call.starts.length, from + limit);
  const rows = [];
  for (let index = from; index < to; index++) {
    const verdict = call.check?.wrong.find((row) => row[0] === index);
    const form = pathState(call, index, state);
    const early = verdict && verdict[2] !== "wrong value" && verdict[2] !== "missing";
    const wrong = verdict && (form === "complete" || (form === "open" && early)) ? verdict : null;
    const stop = call.stops[index] < 0 ? call.text.length : call.stops[index];
    const value = call.text.slice(call.starts[index], Math.min(stop, state.cut));
    rows.push({ index, depth: call.depths[index], name: pathName(call, index), kind: call.kinds[index], form, wrong, value, stop });
  }
  return { rows, before: from, after: call.starts.length - to };
}

// ---- raw chunks

/** The data of one event of the wire. */
export function eventData(text, framing) {
  if (framing !== "sse") return text.trim();
  return text.split(/\r\n|\r|\n/).filter((line) => line.startsWith("data:"))
    .map((line) => line.slice(line[5] === " " ? 6 : 5)).join("\n");
}

/** JSON as indented lines, every literal as it was sent; [] where it is no JSON. */
export function jsonLines(text) {
  try {
    JSON.parse(text);
  } catch {
    return [];
  }
  let depth = 0;
  const turn = (by) => `\n${"  ".repeat((depth += by))}`;
  return text.replace(/"(?:[^"\\]|\\.)*"|[[{]\s*[\]}]|[{}[\],:]|\s+/g, (token) =>
    token === "{" || token === "[" ? token + turn(1) : token === "}" || token === "]" ? turn(-1) + token : token === "," ? token + turn(0) : token === ":" ? ": " : token.trim(),
  ).split("\n");
}

/** Which lines the chunk before does not have. */
export function changedLines(lines, before) {
  const bare = (line) => line.replace(/,$/, "");
  const known = new Set(before.map(bare));
  return lines.map((line) => before.length > 0 && !known.has(bare(line)));
}

/** Text in which controls, marks that turn it round and lone surrogates are to be seen. */
export function showText(text) {
  return (text.toWellFormed?.() ?? text).replace(HIDDEN, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
const HIDDEN = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** A number that is easy to read, not below a step. */
export function niceStep(step) {
  const power = 10 ** Math.floor(Math.log10(step));
  return [1, 2, 5, 10].map((n) => n * power).find((n) => n >= step * 0.999999);
}

/** A view zoomed around a place, and kept inside the axis. */
export function zoomView(axis, view, factor, around) {
  const whole = axis.end - axis.start, width = clamp((view.b - view.a) * factor, whole / 1e6, whole);
  const share = (around - view.a) / (view.b - view.a);
  return moveView(axis, { a: around - share * width, b: around + (1 - share) * width }, 0);
}

/** A view moved, and kept inside the axis. */
export function moveView(axis, view, by) {
  const width = view.b - view.a;
  const a = clamp(view.a + by, axis.start, axis.end - width);
  return { a, b: a + width };
}

const clamp = (n, low, high) => Math.max(low, Math.min(high, n));
const count = (n, noun) => `${n.toLocaleString("en")} ${noun}${n === 1 ? "" : "s"}`;
const seconds = (s) => `${s.toFixed(s < 1 ? 3 : s < 100 ? 2 : 0)} s`;

// ---- elements

/** An element, as "tag.class", with attributes, listeners and children; strings stay text. */
function h(kind, ...children) {
  const [tag, ...classes] = kind.split(".");
  const node = document.createElement(tag);
  if (classes.length) node.className = classes.join(" ");
  if (/^(button|select|input|summary|canvas|pre)$/.test(tag)) node.setAttribute("data-lm-suppress-shortcuts", "");
  const given = children[0]?.constructor === Object ? children.shift() : {};
  for (const [name, value] of Object.entries(given))
    if (typeof value === "function") node.addEventListener(name, value);
    else if (value !== null) node.setAttribute(name === "aria" ? "aria-label" : name, value);
  return fill(node, children);
}

function fill(node, ...children) {
  const shown = children.flat(9).filter((child) => (child ?? "") !== "");
  node.replaceChildren(...shown.map((child) => (child instanceof Node ? child : showText(String(child)))));
  return node;
}

function button(label, key, path, click) {
  const [svg, shape] = ["svg", "path"].map((name) => document.createElementNS("http://www.w3.org/2000/svg", name));
  shape.setAttribute("d", path);
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  svg.append(shape);
  return h("button", { type: "button", title: `${label} (${key})`, aria: label, click }, svg);
}

const press = (words, click, title = null) => h("button", { type: "button", click, title, aria: title }, words);

const pane = (name, title, note, ...children) => h(`details.pane.${name}`, { open: "" }, h("summary", h("b", title), note), h("div.body", children));

const PLAY = "M4 2.5v11l9-5.5z", PAUSE = "M4 3h3v10H4zM9 3h3v10H9z";

// ---- the whole

const VIEWS = {
  inspect: ["timeline", "transcript", "raw", "calls", "usage", "findings"],
  timeline: ["timeline", "findings"], tool_calls: ["calls"], transcript: ["transcript"], usage: ["usage"],
};

/** Show a model's data inside a root. */
export function show(root, model) {
  const data = model.get("data");
  const film = openFilm(data);
  const app = { film, at: film.count - 1, playing: false, root, cleanups: [], panes: {} };
  app.here = () => locate(film, app.at);
  app.setAxis = (mode) => {
    app.axis = layAxis(film, mode);
    app.view = { a: app.axis.start, b: app.axis.end };
    app.brush = app.mark = null;
  };
  app.go = (at, isPlaying = false) => {
    app.at = clamp(at, 0, film.count - 1);
    if (!isPlaying) app.player.seek();
    app.update();
    if (!isPlaying) app.tell();
  };
  app.jump = (what, forward = true) => app.go(findNext(film, app.at, what, forward) ?? app.at);
  app.tell = () => {
    const { index, chunk } = app.here();
    model.send?.({ kind: "select", run: index, chunk });
  };
  app.update = () => {
    if (film.count) app.player.update();
    for (const part of Object.values(app.panes)) part.update();
  };
  app.setAxis(film.hasTimes && film.count ? "time" : "chunk");
  app.player = makePlayer(app);
  const wanted = VIEWS[data.view].filter((name) => film.count || name !== "timeline");
  for (const name of ["header", ...wanted]) app.panes[name] = MAKERS[name](app);
  const { header, timeline, ...side } = app.panes;
  const columns = [["transcript", "raw"], ["calls", "usage", "findings"]].map((names) => names.map((name) => side[name]?.node));
  const notes = [...film.leftOut, !film.runs.length ? "There are no answers to show." : !film.count ? "No chunk came." : ""].filter(Boolean);
  const body = h("div.app", { keydown: (event) => pressKey(event, app) },
    header.node, film.count ? app.player.node : null, timeline?.node,
    notes.map((note) => h("p.note", note)),
    h(`div.grid.${data.view}`, columns.map((nodes) => h("div.column", nodes))),
    film.count ? h("p.help", (timeline ? KEYS : KEYS.slice(0, 8)).map(([key, does]) => h("span", h("kbd", key), ` ${does}`))) : null);
  queueMicrotask(app.update);
  const style = h("style");
  style.textContent = model.get("css") ?? "";
  root.replaceChildren(style, body);
  const select = (message) => {
    const run = message?.kind === "select" && film.runs[message.run];
    if (run) app.go(run.first + clamp(message.chunk ?? 0, 0, run.count - 1));
  };
  model.on?.("msg:custom", select);
  app.cleanups.push(() => app.player.pause(), () => model.off?.("msg:custom", select));
  return app;
}

const KEYS = [
  ["Space", "play, pause"], ["← →", "chunk"], ["Shift ← →", "same part"], ["Home End", "first, last"],
  ["T", "tool call"], ["F", "finding (Shift: back)"], ["R", "restart"], ["< >", "speed"],
  ["+ − 0", "zoom"], ["[ ]", "pan"], ["B", "range: start, end"], ["A", "axis"],
  ["wheel", "zooms with Ctrl, or when focused"], ["drag", "pans, with Shift selects"],
];

function pressKey(event, app) {
  if (event.key === "Escape" || event.key === "Tab") return;
  event.stopPropagation();
  if (event.ctrlKey || event.metaKey || event.altKey || !app.film.count) return;
  const { tagName } = event.composedPath()[0];
  if (tagName === "SELECT" || (/BUTTON|SUMMARY/.test(tagName) && /^( |Enter)$/.test(event.key))) return;
  const { player, panes: { timeline } } = app, { shiftKey } = event;
  const step = (by) => (shiftKey ? app.jump("part", by > 0) : app.go(app.at + by));
  const acts = {
    " ": player.toggle, Home: () => app.go(0), End: () => app.go(Infinity), ArrowLeft: () => step(-1), ArrowRight: () => step(1),
    t: () => app.jump("call", !shiftKey), f: () => app.jump("finding", !shiftKey), r: player.restart,
    "<": () => player.shift(-1), ">": () => player.shift(1),
    "+": () => timeline?.zoom(0.6), "-": () => timeline?.zoom(1 / 0.6), 0: () => timeline?.zoom(Infinity),
    "[": () => timeline?.pan(-0.2), "]": () => timeline?.pan(0.2), b: () => timeline?.markRange(), a: () => timeline?.nextAxis(),
  };
  const act = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!act) return;
  event.preventDefault();
  act();
}

// ---- the player

const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 5, 20, 100], PACES = [2, 10, 50, 200, 1000, 10000];

function makePlayer(app) {
  const { film } = app;
  let times = null, clock = 0, last = 0, frame = 0;
  const play = button("Play", "Space", PLAY, () => self.toggle());
  play.classList.add("play");
  const range = h("input", { type: "range", min: 0, aria: "Chunk", input: () => app.go(Number(range.value)) });
  const speed = h("select", { aria: "Speed", change: () => self.seek() },
    film.hasTimes ? h("optgroup", { label: "recorded times" }, SPEEDS.map((n) => h("option", { value: `x${n}` }, `${n} × recorded`))) : null,
    h("optgroup", { label: "simulated pace" }, PACES.map((n) => h("option", { value: `p${n}` }, `${count(n, "chunk")}/s, simulated`))));
  speed.value = film.hasTimes ? "x1" : "p10";
  const place = h("output.place"), status = h("span.hidden", { role: "status" });
  const node = h("div.player", { role: "group", aria: "Player" },
    h("div.bar",
      h("span.group",
        button("Restart", "R", "M3 3h2v10H3zM13 3v10L6 8z", () => self.restart()), button("Previous chunk", "←", "M11 3v10L4 8z", () => app.go(app.at - 1)), play,
        button("Next chunk", "→", "M5 3v10l7-5z", () => app.go(app.at + 1)), button("Last chunk", "End", "M11 3h2v10h-2zM3 3v10l7-5z", () => app.go(Infinity))),
      h("span.group", press("same part ▸", () => app.jump("part"), "Next of the same part (Shift →)"),
        press("tool call ▸", () => app.jump("call"), "Next tool call (T)"), press("finding ▸", () => app.jump("finding"), "Next finding (F)")),
      speed, place, status), range);
  const simulated = () => speed.value[0] === "p";
  const step = (now) => {
    if (!app.playing) return;
    if (!app.root.host.isConnected) return self.pause();
    frame = requestAnimationFrame(step);
    if (now - last < 250 && matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    clock += Math.max(0, now - last) / 1000 * speed.value.slice(1);
    last = now;
    const at = simulated() ? Math.floor(clock) : upTo(times, clock) - 1;
    if (at !== app.at) app.go(at, true);
    if (app.at === film.count - 1) self.pause();
  };
  const self = {
    node,
    grow: () => {
      times = film.hasTimes ? layTimes(film) : null;
      range.max = Math.max(0, film.count - 1);
    },
    seek: () => (clock = simulated() ? app.at : times?.[app.at]),
    toggle: () => (app.playing ? self.pause() : self.play()),
    play: () => {
      if (app.at >= film.count - 1) app.go(0);
      app.playing = true;
      last = performance.now();
      self.seek();
      frame = requestAnimationFrame(step);
      self.update();
    },
    pause: () => {
      if (!app.playing) return;
      app.playing = false;
      cancelAnimationFrame(frame);
      app.update();
      app.tell();
    },
    restart: () => {
      self.pause();
      app.go(0);
      self.play();
    },
    shift: (by) => {
      speed.selectedIndex = clamp(speed.selectedIndex + by, 0, speed.options.length - 1);
      self.seek();
    },
    update: () => {
      const { run, chunk } = app.here(), where = film.isLong ? ` · ${run.place}` : "";
      range.value = app.at;
      range.setAttribute("aria-valuetext", `chunk ${chunk}${where}`);
      fill(place, h("b", chunk), ` of 0–${run.count - 1}${where}`);
      play.querySelector("path").setAttribute("d", app.playing ? PAUSE : PLAY);
      play.setAttribute("aria-label", app.playing ? "Pause" : "Play");
      fill(status, app.playing ? "playing" : `chunk ${chunk}${where}: ${describe(film, app.at).slice(0, 200)}`);
    },
  };
  self.grow();
  return self;
}

// ---- what a chunk said, in words

/** What a chunk said: a list of [label, text]. */
export function saidBy(run, chunk) {
  const said = [];
  for (const part of run.parts) {
    const from = upTo(part.chunks, chunk - 1), to = upTo(part.chunks, chunk);
    const label = part.kind === "call" ? `call ${part.name}` : part.kind;
    if (from < to) said.push([label, (part.text ?? "").slice(from ? part.ends[from - 1] : 0, part.ends[to - 1])]);
    else if (part.from === chunk) said.push([`${label} begins`, ""]);
  }
  const add = (rows, label, tell) => rows.forEach((row) => row[0] === chunk && said.push([label, tell(row)]));
  add(run.finish, "finish", (row) => row[1]);
  add(run.usage, "usage", (row) => `${row[1] ?? "?"} in, ${row[2] ?? "?"} out`);
  add(run.errors, "error", (row) => row[1]);
  if (!said.length) said.push([isUnread(run, chunk) ? "not read" : "role only, or empty", ""]);
  return said;
}

const isUnread = (run, chunk) => run.unread[upTo(run.unread, chunk) - 1] === chunk;

function describe(film, at) {
  const { run, chunk } = locate(film, at), facts = [];
  if (run.times) facts.push(seconds(run.times[chunk]) + (chunk ? ` (gap ${seconds(run.times[chunk] - run.times[chunk - 1])})` : ""));
  if (run.ends) facts.push(count(run.ends[chunk] - run.begins[chunk], "byte"));
  for (const [label, text] of saidBy(run, chunk)) facts.push(text ? `${label} “${text.length > 60 ? `${text.slice(0, 60)}…` : text}”` : label);
  return facts.join(" · ");
}

// ---- header

const CLOCKS = { measured: "measured clock", provider_clock: "provider’s clock", none: "no clock: by number" };
const known = (s) => (s == null ? "" : seconds(s));
const tell = (value) => value?.toLocaleString("en") ?? "?";

function makeHeader(app) {
  const { film } = app, node = h("header");
  let shown = null;
  const update = () => {
    const run = film.count ? app.here().run : film.runs[0];
    if (run === shown || !run) return;
    shown = run;
    const used = run.usage.at(-1), found = run.findings.length, loud = run.findings.some((row) => row[0] !== "info");
    const isOpen = run.ending === undefined, ending = run.status >= 400 ? `HTTP ${run.status}` : run.ending ?? "none came";
    const facts = Object.entries({
      finish: isOpen ? "" : run.sent && run.sent !== run.ending ? `${ending} (sent: ${run.sent})` : ending,
      tokens: used && `${tell(used[1])} in · ${tell(used[2])} out`, cost: used?.[6] && `${used[6]} USD`,
      headers: known(run.headers_s) + (run.headers_s == null || run.headers_by === "measured" ? "" : ` (${run.headers_by}’s clock)`),
      "first chunk": known(run.first_chunk_s), "first token": known(run.first_token_s), duration: known(run.duration_s), chunks: isOpen ? "" : tell(run.count),
    }).filter(([, value]) => value);
    const clock = run.headers_by === "simulated" ? "simulated clock" : isOpen ? "streaming" : CLOCKS[run.clock] + (run.step_s ? `, steps of ${run.step_s} s` : "");
    const focused = node.contains(app.root.activeElement);
    fill(node,
      h("div.title", h("strong", { role: "heading", "aria-level": 3 }, run.provider, " · ", run.model),
        h(`span.badge.${run.clock}`, clock), found ? h(`span.badge${loud ? ".loud" : ""}`, loud ? "▲ " : "", count(found, "finding")) : null),
      h("dl", facts.map(([name, value]) => h("div", h("dt", name), h("dd", value)))),
      run.error ? h("p.error", "✕ ", run.error) : null,
      film.isLong ? h("div.steps", film.runs.map((other) =>
        h("button", { type: "button", "aria-pressed": String(other === run), disabled: other.count ? null : "", click: () => app.go(other.first) },
          other.place, h("small", other.status >= 400 ? `HTTP ${other.status}` : other.ending)))) : null);
    if (focused) node.querySelector("[aria-pressed=true]")?.focus();
  };
  return { node, update, grow: () => (shown = null) };
}

// ---- timeline

const SPOKEN = { reasoning: "reasoning", signed: "reasoning details", text: "text", refusal: "refusal" };
const MAX_CALLS = 12, LANE = 22, STRIP = 20;

const laneOf = (position) => `call${Math.min(position, MAX_CALLS - 1)}`;

/** The lanes: what came, by kind; places are chunks of the film. */
export function makeLanes(film) {
  const lanes = {};
  const add = (key, label, colour, at, size = 0) => {
    const lane = (lanes[key] ??= { key, label, colour, at: [], sizes: [], names: new Set(), marks: [] });
    lane.at.push(at);
    lane.sizes.push(size);
    return lane;
  };
  const each = (act) => film.runs.forEach(act);
  each((run) => run.comments.forEach((before) => add("alive", "keep-alive", "grey", run.first + before - 0.5)));
  each((run) => run.speaking.forEach((speaks, n) => {
    if (!speaks) isUnread(run, n) ? add("unread", "not read", "muted", run.first + n) : add("silent", "role, empty", "grey", run.first + n);
  }));
  for (const kind in SPOKEN) each((run) => run.parts.forEach((part) => {
    if (part.kind === kind) part.chunks.forEach((n, i) => add(kind, SPOKEN[kind], kind, run.first + n, part.lengths[i]));
  }));
  each((run) => run.calls.forEach((part) => {
    const number = Math.min(part.position, MAX_CALLS - 1), lane = [laneOf(number), `call ${number}`, `call${number % 4}`];
    if (part.chunks[0] !== part.from) add(...lane, run.first + part.from);
    part.chunks.forEach((n, i) => add(...lane, run.first + n, part.lengths[i]));
    lanes[lane[0]].names.add(part.name);
  }));
  for (const [key, mark] of [["finish", "▼"], ["usage", "◆"], ["errors", "✕"]])
    each((run) => run[key].forEach((row) => add("ends", "▼ finish ◆ usage ✕ error", "ink", run.first + row[0]).marks.push([run.first + row[0], mark])));
  for (const lane of Object.values(lanes)) {
    if (lane.names.size) lane.label += lane.names.size === 1 ? `: ${[...lane.names][0]}` : `: ${lane.names.size} names`;
    const order = lane.at.map((_, i) => i).sort((a, b) => lane.at[a] - lane.at[b]);
    lane.sizes = Float64Array.from(order, (i) => lane.sizes[i]);
    lane.at = Float64Array.from(order, (i) => lane.at[i]);
  }
  return Object.values(lanes);
}

/** One bar for each pixel in which anything of a lane stands, from what is visible only. */
export function binLane(lane, axis, view, toX) {
  const xs = [], sizes = [], end = axis.x.length - 1;
  const to = upTo(lane.at, upTo(axis.x, view.b));
  let last = null;
  for (let i = Math.max(0, upTo(lane.at, upTo(axis.x, view.a) - 2) - 1); i < to; i++) {
    const at = lane.at[i], whole = Math.min(end, Math.ceil(at));
    const x = Math.round(toX(axis.x[whole] - (whole > at && axis.mode === "chunk" ? 0.5 : 0)));
    if (x === last) sizes[xs.length - 1] += lane.sizes[i];
    else {
      xs.push((last = x));
      sizes.push(lane.sizes[i]);
    }
  }
  return { xs, sizes };
}

function makeTimeline(app) {
  const { film } = app, canvas = h("canvas", { tabindex: 0, role: "application" });
  let lanes, floor, height;
  const lay = () => {
    lanes = makeLanes(film);
    floor = STRIP + lanes.length * LANE;
    height = floor + 24;
    canvas.style.height = `${height}px`;
    canvas.setAttribute("aria-label", `Timeline of ${count(film.count, "chunk")}: ${lanes.map((lane) => lane.label).slice(0, 20).join(", ")}`);
  };
  lay();
  const modes = h("select", { aria: "Axis", change: () => setAxis(modes.value) },
    [["time", "seconds", film.hasTimes, "not recorded"], ["chunk", "chunk number", true], ["bytes", "bytes", film.hasSizes, "left out"]].map(([value, label, can, why]) =>
      h("option", { value, disabled: can ? null : "" }, `axis: ${label}${can ? "" : ` (${why})`}`)));
  modes.value = app.axis.mode;
  const info = h("span.told");
  const node = h("section.timeline", canvas, h("div.bar", h("span.group",
    press("+", () => self.zoom(0.6), "Zoom in (+)"), press("−", () => self.zoom(1 / 0.6), "Zoom out (−)"), press("↔", () => self.zoom(Infinity), "Show all (0)")), modes, info));
  const ctx = canvas.getContext("2d");
  let width = 0, left = 0, right = 0, scale = 1, colours = null, hover = null, frame = 0;
  const toX = (value) => left + (value - app.view.a) * scale;
  const toValue = (x) => app.view.a + (x - left) / scale;
  const redraw = () => (frame ||= requestAnimationFrame(draw));
  const look = (view) => {
    app.view = view;
    redraw();
  };
  const setAxis = (mode) => {
    app.setAxis(mode);
    modes.value = mode;
    app.update();
  };
  const nearest = (x) => {
    const value = toValue(x), n = upTo(app.axis.x, value);
    return n === film.count || (n > 0 && value - app.axis.x[n - 1] < app.axis.x[n] - value) ? n - 1 : n;
  };
  const setBrush = (a, b) => {
    app.brush = { a: Math.min(a, b), b: Math.max(a, b, a + 1e-6) };
    explain();
  };
  const clear = () => {
    app.brush = null;
    self.update();
  };
  const explain = () => {
    redraw();
    if (app.brush) return fill(info, press("Zoom to it", () => look(moveView(app.axis, app.brush, 0))), press("Clear", clear), h("b", describeRange(app)));
    const at = hover ?? app.at;
    fill(info, h("b", `${hover === null ? "" : "▸ "}chunk ${locate(film, at).chunk}`), ` · ${describe(film, at)}`);
  };

  const write = (text, x, y, room, colour, align) => {
    ctx.fillStyle = colour;
    ctx.textAlign = align;
    let shown = showText(text.slice(0, 200));
    while (shown.length > 1 && ctx.measureText(shown).width > room) shown = `${shown.slice(0, Math.floor(shown.length * 0.9) - 1)}…`;
    ctx.fillText(shown, x, y);
  };
  const box = (colour, x, y, wide, tall) => {
    ctx.fillStyle = colour;
    ctx.fillRect(x, y, wide, tall);
  };
  const line = (x, colour, wide) => box(colour, x - wide / 2, STRIP - 4, wide, floor - STRIP + 4);

  function draw() {
    frame = 0;
    if (!width) return;
    colours ??= readColours(canvas);
    const { axis, view } = app, ratio = devicePixelRatio || 1;
    const [wide, tall] = [width, height].map((n) => Math.round(n * ratio));
    if (canvas.width !== wide || canvas.height !== tall) [canvas.width, canvas.height] = [wide, tall];
    [left, right] = [width < 560 ? 78 : 160, width - 10];
    scale = (right - left) / (view.b - view.a);
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    ctx.font = `11px ${colours.font}`;
    ctx.textBaseline = "middle";
    box(colours.ground, 0, 0, width, height);
    lanes.forEach((lane, i) => {
      if (i % 2 === 0) box(colours.soft, 0, STRIP + i * LANE, width, LANE);
      write(lane.label, left - 8, STRIP + (i + 0.5) * LANE, left - 14, colours.ink, "right");
    });
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, 0, right - left + 8, height);
    ctx.clip();
    axis.spans.forEach(drawSpan);
    drawLanes(toX(axis.x[app.at]));
    if (app.brush) {
      ctx.globalAlpha = 0.18;
      box(colours.accent, toX(app.brush.a), STRIP, (app.brush.b - app.brush.a) * scale, floor - STRIP);
      ctx.globalAlpha = 1;
    }
    if (app.mark !== null) line(toX(app.mark), colours.accent, 1);
    if (hover !== null) line(toX(axis.x[hover]), colours.muted, 1);
    const cursor = toX(axis.x[app.at]);
    line(cursor, colours.accent, 2);
    write("▼", cursor, STRIP - 5, 99, colours.accent, "center");
    ctx.restore();
  }

  /** Bars as high as their texts are long; what has not come yet is pale. */
  function drawLanes(cursor) {
    const { axis, view } = app, margin = 6 / scale;
    const drawn = lanes.map((lane) => binLane(lane, axis, { a: view.a - margin, b: view.b + margin }, toX));
    let most = 1;
    for (const { sizes } of drawn) for (const size of sizes) most = Math.max(most, size);
    // In steps, so that bars keep their height while one pans.
    most = 2 ** (Math.ceil(2 * Math.log2(most)) / 2);
    const thick = axis.mode === "chunk" ? Math.max(1, Math.min(9, scale * 0.7)) : 2;
    drawn.forEach(({ xs, sizes }, i) => {
      const lane = lanes[i], base = STRIP + (i + 1) * LANE - 2;
      if (lane.marks.length) {
        ctx.textAlign = "center";
        ctx.fillStyle = colours.ink;
        return lane.marks.forEach(([at, mark]) => ctx.fillText(mark, toX(axis.x[at]), base - (mark === "▼" ? 12 : 5)));
      }
      ctx.fillStyle = colours[lane.colour];
      const short = lane.key.startsWith("call") ? 2 : 6;
      xs.forEach((x, n) => {
        const tall = sizes[n] ? Math.max(2.5, (LANE - 4) * sizes[n] / most) : short;
        ctx.globalAlpha = x <= cursor + 0.5 ? 1 : 0.32;
        ctx.fillRect(x - thick / 2, base - tall, thick, tall);
      });
      ctx.globalAlpha = 1;
    });
  }

  /** The band of one answer with its axis, and the tools' run behind it. */
  function drawSpan(span, index) {
    const { mode } = app.axis, run = film.runs[index], [a, b, next] = [span.from, span.to, span.next].map(toX);
    if (b >= left && a <= right && b - a > 3) {
      const from = Math.max(a, left), shift = mode === "chunk" ? 0.5 : 0;
      const step = Math.max(niceStep(70 / scale), mode === "time" ? 0 : 1), decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
      if (film.isLong) write(run.place, from + 2, 8, Math.min(b, right) - from, colours.muted, "left");
      box(colours.muted, a, floor, b - a, 1);
      if (mode === "time" && run.clock === "measured") box(colours.muted, a, floor - 1, (run.headers_s ?? 0) * scale, 3);
      for (let n = Math.max(0, Math.floor((left - a) / scale / step)); n * step <= span.to - span.from; n++) {
        const x = a + (n * step + shift) * scale;
        if (x > right) break;
        box(colours.muted, x, floor, 1, 4);
        write((n * step).toLocaleString("en", { minimumFractionDigits: decimals }), x, floor + 13, 99, colours.muted, n ? "center" : "left");
      }
    }
    if (next === b || b > right || next < left) return;
    ctx.strokeStyle = colours.line;
    ctx.beginPath();
    for (let y = STRIP - 6; y < floor; y += 6) {
      ctx.moveTo(b + 1, y + 6);
      ctx.lineTo(next - 1, y);
    }
    ctx.stroke();
    const unit = mode === "time" ? scale : (next - b) / (toolsEnd(run) || 1);
    for (const [position, name, , start, took] of run.tools) {
      const lane = Math.max(0, lanes.findIndex(({ key }) => key === laneOf(position))), x = b + start * unit, wide = took === null ? next - x : Math.max(3, took * unit);
      box(colours[`call${position % 4}`], x, STRIP + lane * LANE + 4, wide, took === null ? 3 : LANE - 8);
      if (wide > 60 && took !== null) write(`${name} ${seconds(took)}`, x + 4, STRIP + (lane + 0.5) * LANE, wide - 8, colours.ground, "left");
    }
  }

  const watchPointers = () => {
    let start = null;
    const place = (event) => event.clientX - canvas.getBoundingClientRect().left;
    const act = {
      pointerdown: (event) => {
        if (event.button || start) return;
        canvas.setPointerCapture(event.pointerId);
        const x = place(event), { view, axis } = app;
        start = { x, value: toValue(x), view, brush: event.shiftKey || view.b - view.a > (axis.end - axis.start) * 0.999, moved: false };
      },
      pointermove: (event) => {
        const x = place(event);
        if (!start) {
          hover = nearest(x);
          return explain();
        }
        start.moved ||= Math.abs(x - start.x) > 4;
        if (start.moved) start.brush ? setBrush(start.value, toValue(x)) : look(moveView(app.axis, start.view, (start.x - x) / scale));
      },
      pointerup: () => {
        const { x, moved } = start ?? { moved: true };
        start = null;
        if (moved) return;
        app.brush = null;
        app.go(nearest(x));
      },
      pointercancel: () => (start = null),
      pointerleave: () => {
        hover = null;
        explain();
      },
    };
    for (const name in act) canvas.addEventListener(name, act[name]);
    canvas.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && app.root.activeElement !== canvas) return;
      event.preventDefault();
      if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) look(moveView(app.axis, app.view, event.deltaX / scale));
      else self.zoom(Math.exp(event.deltaY * (event.ctrlKey ? 0.01 : 0.002)), toValue(place(event)));
    }, { passive: false });
  };
  watchPointers();

  const restyle = () => {
    colours = null;
    redraw();
  };
  const resizes = new ResizeObserver(() => {
    width = canvas.clientWidth;
    draw();
  });
  const themes = new MutationObserver(restyle);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  resizes.observe(canvas);
  themes.observe(document.body, { attributes: true });
  dark.addEventListener("change", restyle);
  app.cleanups.push(() => {
    resizes.disconnect();
    themes.disconnect();
    dark.removeEventListener("change", restyle);
    cancelAnimationFrame(frame);
  });
  const self = {
    node, grow: lay,
    zoom: (factor, around) => {
      const { axis, view } = app, x = axis.x[app.at];
      look(factor === Infinity ? { a: axis.start, b: axis.end } : zoomView(axis, view, factor, around ?? clamp(x, view.a, view.b)));
    },
    pan: (share) => look(moveView(app.axis, app.view, share * (app.view.b - app.view.a))),
    nextAxis: () => {
      const can = [...modes.options].filter((option) => !option.disabled).map((option) => option.value);
      setAxis(can[(can.indexOf(app.axis.mode) + 1) % can.length]);
    },
    markRange: () => {
      const x = app.axis.x[app.at];
      if (app.mark === null) app.mark = x;
      else {
        setBrush(app.mark, x);
        app.mark = null;
      }
      redraw();
    },
    update: () => {
      const x = app.axis.x[app.at], { a, b } = app.view;
      if (x < a || x > b) app.view = moveView(app.axis, app.view, x - a - (b - a) * (app.playing ? 0.1 : 0.5));
      explain();
    },
  };
  return self;
}

function describeRange({ axis, brush, film }) {
  const from = upTo(axis.x, brush.a - 1e-9), to = upTo(axis.x, brush.b) - 1;
  if (to < from) return "no chunk";
  const a = locate(film, from), b = locate(film, to), { run } = a;
  const facts = [`${count(to - from + 1, "chunk")}, ${a.chunk} to ${b.chunk}`];
  if (run === b.run) {
    if (run.ends) facts.push(count(run.ends[b.chunk] - run.begins[a.chunk], "byte"));
    if (run.times) facts.push(seconds(run.times[b.chunk] - run.times[a.chunk]));
    const sizeAt = (chunk) => run.parts.reduce((sum, part) => sum + (part.ends[upTo(part.chunks, chunk) - 1] ?? 0), 0);
    facts.push(count(sizeAt(b.chunk) - sizeAt(a.chunk - 1), "character"));
  }
  return facts.join(" · ");
}

function readColours(node) {
  const style = getComputedStyle(node), names = "ground ink muted line soft grey text reasoning refusal call0 call1 call2 call3 accent".split(" ");
  const colours = Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
  return { ...colours, signed: colours.reasoning, font: style.fontFamily };
}

// ---- transcript

function makeTranscript(app) {
  const { film } = app;
  const log = h("div.log", { role: "log", "aria-live": "off", tabindex: 0, aria: "Transcript at the cursor" });
  const current = h("div");
  let shown = -1;
  const said = ([role, text, tools]) => h("div.said", h("i", role, tools ? ` · ${tools}` : ""), h("div", text));
  const block = (index, chunk) => {
    const run = film.runs[index], isDone = chunk >= run.count - 1;
    return [run.asked.map(said), h("div.said.assistant", h("i", `assistant · ${run.place}`), run.parts.map((part) => speak(part, chunk)),
      isDone && run.error ? h("div.error", "✕ ", run.error) : null), isDone ? run.followed.map(said) : null];
  };
  const speak = (part, chunk) => {
    const now = textAt(part, chunk, app.playing ? 3e3 : 2e4);
    if (part.kind === "signed") return now.count ? h("div.reasoning", `[reasoning details: ${now.count}]`) : null;
    if (!now.count && !(part.from <= chunk)) return null;
    const text = [now.skipped ? `… ${count(now.skipped, "character")} before\n` : "", now.old, now.fresh ? h("mark", now.fresh) : null, now.missing ? " … (left out)" : ""];
    return part.kind === "call" ? h(`div.call.c${part.position % 4}`, h("b", part.name || "(no name)"), "(", text, ")") : h(`div.${part.kind}`, text);
  };
  const update = () => {
    const { index, chunk } = film.count ? app.here() : { index: film.runs.length - 1, chunk: 0 };
    if (index < 0) return;
    if (index !== shown) fill(log, film.runs.slice(0, index).map((run, i) => block(i, run.count)), current);
    shown = index;
    fill(current, block(index, chunk));
    log.scrollTop = log.scrollHeight;
  };
  return { node: pane("transcript", "Transcript", "at the cursor", log), update };
}

// ---- tool calls

const FORMS = { absent: ["○", "not there yet"], open: ["◐", "being written"], complete: ["●", "complete"] };
const CHIPS = 60;

function makeCalls(app) {
  const { film } = app, list = h("div"), note = h("span");
  let shown = null, cards = [];
  const update = () => {
    let { index, chunk } = film.count ? app.here() : { index: -1 };
    while (index > 0 && !film.runs[index].calls.length) chunk = film.runs[--index].count;
    const run = film.runs[index];
    if (run !== shown || !run) {
      shown = run;
      cards = run ? run.calls.map((call) => makeCall(call, run, app)) : [];
      fill(note, run && film.isLong ? `of ${run.place}, at the cursor` : "at the cursor");
      fill(list, cards.length ? cards.map((card) => card.node) : h("p.note", "No tool calls."));
    }
    for (const card of cards) card.update(chunk);
  };
  return { node: pane("calls", "Tool calls", note, list), update, isOutdated: () => (shown?.calls ?? []).length !== cards.length };
}

function makeCall(call, run, app) {
  const head = h("div.head"), chips = h("div.chips"), tree = h("div.tree", { role: "group", aria: `Arguments of ${call.name}` });
  const first = call.from;
  let last, chunks, ready;
  const place = (chunk) => {
    const { x } = app.axis, a = x[run.first + first], b = x[run.first + last];
    return b > a ? clamp((100 * (x[run.first + Math.min(chunk, last)] - a)) / (b - a), 0, 100) : 100;
  };
  const chunkOf = (offset) => call.chunks[Math.min(chunks - 1, upTo(call.ends, offset))] ?? first;
  const chip = (n, isFresh) => {
    const text = call.text.slice(n ? call.ends[n - 1] : 0, call.ends[n]);
    return h(`span.chip${isFresh ? ".fresh" : ""}${text ? "" : ".empty"}`, { title: `fragment ${n}, chunk ${call.chunks[n]}` }, text.slice(0, 80) || "empty");
  };
  const at = (tag, offset, props) => {
    const node = h(tag, props ?? {});
    node.style.left = `${offset}%`;
    return node;
  };
  const row = ({ index, depth, name, kind, form, wrong: verdict, value, stop }, cursor) => {
    const [sign, word] = verdict ? ["✕", verdict[2]] : FORMS[form];
    const from = place(chunkOf(call.starts[index])), bar = at("i", from), path = h("span.path", name);
    bar.style.width = `max(3px,${place(chunkOf(stop - 1)) - from}%)`;
    path.style.paddingLeft = `${Math.min(depth, 12) * 12}px`;
    const shown = form === "absent" ? "" : { 0: "{ }", 1: "[ ]" }[kind] ?? value.slice(0, 200);
    return h(`div.row.${form}${verdict ? ".wrong" : ""}`, { title: verdict?.[3] ?? null }, path, h("span.value", shown, verdict ? h("em", " ", verdict[3]) : null),
      h("span.state", h("span", sign), ` ${word}`), h("span.gantt", { "aria-hidden": "true" }, bar, ready === null ? null : at("s", place(ready)), at("u", cursor)));
  };
  const update = (chunk) => {
    last = call.chunks.at(-1) ?? first;
    chunks = call.chunks.length;
    ready = call.runnable === null ? null : call.chunks[call.runnable] ?? first;
    const state = callAt(call, chunk), wrong = call.check?.wrong ?? [];
    const left = run.count - 1 - ready, time = run.times && ready !== null ? ` (${seconds(run.times.at(-1) - run.times[ready])})` : "";
    const words = !state.begun ? "not there yet" : state.runnable ? `✓ runnable since chunk ${ready}, ${count(left, "chunk")}${time} before the end` : call.fault && state.all ? `✕ ${call.fault[1]}` : "being written";
    fill(head, h("b", call.name || "(no name)"), h("code", call.id), h(`span${state.runnable ? ".ready" : ""}`, words));
    const from = Math.max(0, state.count - CHIPS);
    fill(chips, from ? `… ${from} before ` : "", Array.from({ length: state.count - from }, (_, n) => chip(from + n, from + n >= state.fresh)), state.all ? "" : `+${chunks - state.count}`);
    const { rows, before, after } = treeRows(call, state), cursor = place(Math.max(chunk, first));
    fill(tree, before ? `… ${before} values before` : "", state.begun ? rows.map((one) => row(one, cursor)) : "", after ? `… ${after} values more` : "", rows.length || !state.all ? "" : "no arguments: {}",
      state.all ? wrong.filter((one) => one[0] === null).map((one) => h("div.row.wrong", h("span.path", "✕ ", one[1]), one[3])) : "",
      h("small", call.check === null ? "no schema known" : call.check?.notes.join(" ")));
  };
  return { node: h(`div.card.c${call.position % 4}`, head, chips, tree), update };
}

// ---- raw

const MAX_RAW = 100000;

function makeRaw(app) {
  const { film } = app, note = h("span");
  const json = h("pre", { tabindex: 0, aria: "JSON of the chunk" }), bytes = h("pre", { tabindex: 0, aria: "Bytes of the chunk" });
  const copy = press("Copy", () => {
    const { run, chunk } = app.here();
    navigator.clipboard?.writeText(rawOf(run, chunk) ?? "").then(() => fill(copy, "Copied"), () => fill(copy, "Failed"));
  });
  const linesOf = (run, chunk) => (chunk < 0 ? [] : jsonLines(eventData(rawOf(run, chunk), run.framing).slice(0, MAX_RAW)));
  const node = pane("raw", "Raw", note, h("div.bar", copy, h("small", "● differs from the chunk before")), json, h("details", h("summary", "bytes as they came"), bytes));
  const update = () => {
    if (!film.count) return;
    fill(copy, "Copy");
    const { run, index, chunk } = app.here(), text = rawOf(run, chunk);
    fill(note, text === null ? "left out" : `chunk ${chunk} · ${count(run.ends[chunk] - run.begins[chunk], "byte")} from byte ${tell(run.begins[chunk])}`);
    if (text === null) return fill(json, `Left out of this view: runs[${index}].chunks[${chunk}].data`);
    const lines = linesOf(run, chunk), changed = changedLines(lines, linesOf(run, chunk - 1));
    fill(json, lines.length ? lines.slice(0, 1000).map((line, n) => h("span.line", changed[n] ? ["● ", line.match(/^ */), h("mark", line.trim())] : `  ${line}`)) : "no JSON");
    fill(bytes, text.slice(0, MAX_RAW), text.length > MAX_RAW ? " … (cut)" : "");
    const mark = json.querySelector("mark"), body = node.lastChild;
    if (mark) body.scrollTop += mark.getBoundingClientRect().top - body.getBoundingClientRect().top - 90;
  };
  return { node, update };
}

function rawOf(run, chunk) {
  if (run.size < run.ends?.[chunk] || (!run.body && run.raw === undefined && run.raw64 === undefined)) return null;
  run.body ??= run.raw64 === undefined ? new TextEncoder().encode(run.raw) : Uint8Array.from(atob(run.raw64), (c) => c.charCodeAt(0));
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(run.body.subarray(run.begins[chunk], run.ends[chunk]));
}

// ---- usage and findings

const COUNTED = ["input", "output", "cached", "reasoning", "total", "USD"];

function makeUsage(app) {
  const { film } = app, table = h("table");
  const cells = (row) => COUNTED.map((_, n) => h("td", row ? tell(row[n]) : "·"));
  const update = () => {
    const { index, chunk } = film.count ? app.here() : { index: film.runs.length, chunk: 0 };
    const told = film.runs.map((run, n) => (n > index ? undefined : run.usage.findLast((row) => n < index || row[0] <= chunk)));
    const whole = told.findIndex((row, n) => !row && film.runs[n].status < 400);
    const sum = film.runs[(whole < 0 ? told.length : whole) - 1]?.sum;
    fill(table, h("thead", h("tr", ["", ...COUNTED, "known since"].map((name) => h("th", { scope: "col" }, name)))), h("tbody",
      film.runs.map((run, n) => h(`tr${n === index ? ".now" : ""}`, h("th", { scope: "row" }, run.place), cells(told[n]?.slice(1)),
        h("td", told[n] ? `chunk ${told[n][0]}` : n > index || run.usage.length || run.ending === undefined ? "not yet" : "never sent"))),
      film.isLong && film.talks.length === 1 ? h("tr.sum", h("th", { scope: "row" }, "so far"), cells(sum), h("td")) : null));
  };
  return { node: pane("usage", "Usage", "at the cursor", h("div.scroll", table)), update };
}

const SIGNS = { error: "✕", warning: "▲", info: "i" };

function makeFindings(app) {
  const { film } = app;
  const rows = [...film.talks.flatMap((talk) => talk.findings.map((row) => [null, row])), ...film.runs.flatMap((run) => run.findings.map((row) => [run, row]))];
  const items = rows.slice(0, 300).map(([run, [severity, code, message, chunk, last]]) => {
    const isThere = run && chunk !== null && chunk < run.count, where = run && film.isLong ? run.place : "";
    const chunks = isThere ? `chunk ${chunk}${last > chunk ? `–${last}` : ""}` : "", label = [where, chunks].filter(Boolean).join(", ");
    const node = h(`li.${severity}`, { title: code }, h("span.sign", { role: "img", aria: severity }, SIGNS[severity]),
      h("span", message, " ", isThere ? press(label, () => app.go(run.first + chunk)) : h("small", label)));
    return [node, isThere ? run.first + chunk : 0, isThere ? run.first + last : -1];
  });
  const more = rows.length - items.length;
  const note = rows.length ? (more ? `… ${more} more: cv.finding_table(runs)` : "") : "Nothing odd on the wire.";
  const update = () => items.forEach(([node, from, to]) => node.classList.toggle("now", from <= app.at && app.at <= to));
  return { node: pane("findings", "Findings", rows.length, h("ul", items.map(([node]) => node)), note), update };
}

export const MAKERS = { header: makeHeader, timeline: makeTimeline, transcript: makeTranscript, calls: makeCalls, raw: makeRaw, usage: makeUsage, findings: makeFindings };

// ---- how it gets into a page

/** anywidget's render: draws the model's data, and returns the clean-up. */
function render({ model, el }) {
  const host = h("div.chatviz", { "data-lm-suppress-shortcuts": "" }), root = host.attachShadow({ mode: "open" });
  let app = { cleanups: [] };
  const stop = () => app.cleanups.forEach((clean) => clean());
  const draw = () => {
    stop();
    app = show(root, model);
  };
  draw();
  model.on?.("change:data", draw);
  el.replaceChildren(host);
  model.send?.({ kind: "ready" });
  return () => {
    model.off?.("change:data", draw);
    stop();
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
