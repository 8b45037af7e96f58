// The chooser of the workbench: recordings, the conversations of one, and the answers of one.

import { fill, h } from "../../views/js/dom.js";
import { filterList, sayProgress } from "./listing.js";

const MANY = 12; // recordings from which on there is a filter
const MAX_BAD = 100;
const LISTED_SIGNS = { unreadable: "✕ ", read: "", waiting: "" };

/** Make the chooser of a bench: it follows the traits, and tells Python what is chosen. */
export function makeChooser(bench) {
  const parts = makeParts(bench);
  bench.showRun = (run) => (parts.runs.value = String(run));
  const list = () => showList(bench.model, parts),
    state = () => showState(bench.model, parts);
  parts.filter.addEventListener("input", list);
  bench.listen("_listing", list);
  bench.listen("_state", () => {
    list();
    state();
  });
  list();
  state();
  const { filter, recordings, talks, runs, pin, progress, bad, reason } = parts;
  const bar = h("div.bar", filter, recordings, talks, runs, pin, progress);
  return { node: h("div.choose", bar, bad, reason) };
}

function makeParts(bench) {
  const choose = (kind) => (event) => {
    bench.wait("Reading …");
    bench.ask(kind, { number: Number(event.target.value) });
  };
  const seek = (event) => bench.seek?.(Number(event.target.value));
  return {
    filter: h("input", { type: "search", placeholder: "filter", aria: "Filter recordings" }),
    recordings: h("select", { aria: "Recording", change: choose("recording") }),
    talks: h("select", { aria: "Conversation", change: choose("talk") }),
    runs: h("select", { aria: "Answer", change: seek }),
    pin: h("button", { type: "button", click: () => bench.ask("pin") }, "Keep as A"),
    progress: h("small", { role: "status" }),
    bad: h("details.bad"),
    reason: h("p.notice.error"),
  };
}

function showOptions(select, labels, chosen) {
  fill(
    select,
    labels.map(([value, label]) => h("option", { value }, label)),
  );
  select.value = String(chosen ?? "");
  select.disabled = !labels.length;
}

function showList(model, { filter, recordings, progress, bad }) {
  const listing = model.get("_listing"),
    { recording } = model.get("_state");
  const shown = filterList(listing, filter.value);
  if (recording !== null && !shown.some(({ number }) => number === recording)) {
    const [name, state] = listing[recording];
    shown.unshift({ number: recording, name, state, note: "" });
  }
  const labels = shown.map(({ number, name, state, note }) => {
    const more = state === "read" && note ? ` (${note})` : "";
    return [number, LISTED_SIGNS[state] + name + more];
  });
  showOptions(recordings, labels, recording);
  filter.style.display = listing.length > MANY ? "" : "none";
  fill(progress, sayProgress(listing));
  showBad(
    bad,
    listing.filter(([, state]) => state === "unreadable"),
  );
}

function showBad(bad, wrong) {
  const isOpen = bad.open;
  const items = wrong.slice(0, MAX_BAD).map(([name, , note]) => h("li", h("b", name), ": ", note));
  bad.style.display = wrong.length ? "" : "none";
  fill(bad, h("summary", `${wrong.length} that cannot be read`), h("ul", items));
  bad.open = isOpen;
}

function showState(model, { recordings, talks, runs, pin, reason }) {
  const state = model.get("_state"),
    numbered = (labels) => labels.map((label, n) => [n, label]);
  if (document.activeElement !== recordings) recordings.value = String(state.recording ?? "");
  showOptions(talks, numbered(state.talks), state.talk);
  showOptions(runs, numbered(state.runs), model.get("_cursor").run);
  fill(reason, state.reason ? `✕ This recording cannot be read: ${state.reason}` : "");
  const kept = state.pinned ? `A is ${state.pinned}: keep this one instead` : "";
  fill(pin, kept || "Keep as A, to compare");
  pin.disabled = state.talk === null;
}
