// Raw: the JSON of a chunk with what differs from the one before, and its bytes as they came.

import { followFilm } from "../film/cursor.js";
import { fill, foldable, h, press } from "../dom.js";
import { sayCount, sayValue } from "../words.js";

export const rawPane = { name: "raw", column: "left", make: makeRaw };

const MAX_RAW = 100_000;
const MAX_LINES = 1_000;

function makeRaw(app) {
  const { film } = followFilm(app);
  const note = h("span");
  const json = h("pre", { tabindex: 0, aria: "JSON of the chunk" });
  const bytes = h("pre", { tabindex: 0, aria: "Bytes of the chunk" });
  const copy = press("Copy", () => copyChunk(copy, app.here()));
  const bar = h("div.bar", copy, h("small", "● differs from the chunk before"));
  const folded = h("details", h("summary", "bytes as they came"), bytes);
  const node = foldable("raw", "Raw", note, bar, json, folded);
  const update = () => {
    if (!film.count) return;
    fill(copy, "Copy");
    const { run, index, chunk } = app.here();
    const text = rawOf(run, chunk);
    fill(note, text === null ? "left out" : sayPlace(run, chunk));
    const where = `runs[${index}].chunks[${chunk}].data`;
    if (text === null) return fill(json, `Left out of this view: ${where}`);
    fill(json, markedLines(run, chunk));
    fill(bytes, text.slice(0, MAX_RAW), text.length > MAX_RAW ? " … (cut)" : "");
    scrollToMark(node.body, json.querySelector("mark"));
  };
  return { node, update };
}

function sayPlace(run, chunk) {
  const size = sayCount(run.ends[chunk] - run.begins[chunk], "byte");
  return `chunk ${chunk} · ${size} from byte ${sayValue(run.begins[chunk])}`;
}

function copyChunk(button, { run, chunk }) {
  // A page over plain http has no clipboard.
  const done = navigator.clipboard?.writeText(rawOf(run, chunk) ?? "") ?? Promise.reject();
  done.then(
    () => fill(button, "Copied"),
    () => fill(button, "Failed"),
  );
}

function scrollToMark(body, mark) {
  if (!mark) return;
  body.scrollTop += mark.getBoundingClientRect().top - body.getBoundingClientRect().top - 90;
}

/** The text of a chunk's bytes; null where they are left out. */
export function rawOf(run, chunk) {
  const bytes = chunkBytes(run, chunk);
  return bytes && readText(bytes);
}

function chunkBytes(run, chunk) {
  const isThere = run.body || run.raw !== undefined || run.raw64 !== undefined;
  if (run.size < run.ends?.[chunk] || !isThere) return null;
  run.body ??= run.raw64 === undefined ? new TextEncoder().encode(run.raw) : readBase64(run.raw64);
  return run.body.subarray(run.begins[chunk], run.ends[chunk]);
}

const readText = (bytes) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);

const readBase64 = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

function linesOf(run, chunk) {
  if (chunk < 0) return [];
  return jsonLines(eventData(chunkBytes(run, chunk), run.framing).slice(0, MAX_RAW));
}

function markedLines(run, chunk) {
  const lines = linesOf(run, chunk);
  const changed = changedLines(lines, linesOf(run, chunk - 1));
  const mark = (line) => ["● ", line.match(/^ */), h("mark", line.trim())];
  const show = (line, n) => h("span.line", changed[n] ? mark(line) : `  ${line}`);
  return lines.length ? lines.slice(0, MAX_LINES).map(show) : "no JSON";
}

/** The data of one event of the wire, from its bytes and what follows them up to the next event. */
export function eventData(bytes, framing) {
  if (framing === "aws_frames") return readText(payloadOf(bytes));
  const text = readText(bytes);
  if (framing === "json_array") return text.slice(text.indexOf("{"), text.lastIndexOf("}") + 1);
  if (framing !== "sse") return text.trim();
  const lines = text.split(/\r\n|\r|\n/).filter((line) => line.startsWith("data:"));
  return lines.map((line) => line.slice(line[5] === " " ? 6 : 5)).join("\n");
}

/** What lies between the headers of a frame and the checksum at its end. */
function payloadOf(frame) {
  const lengths = new DataView(frame.buffer, frame.byteOffset, frame.length);
  return frame.subarray(12 + lengths.getUint32(4), lengths.getUint32(0) - 4);
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
  const breakAt = (token) => {
    if (token === "{" || token === "[") return token + turn(1);
    if (token === "}" || token === "]") return turn(-1) + token;
    if (token === ",") return token + turn(0);
    return token === ":" ? ": " : token.trim();
  };
  const tokens = /"(?:[^"\\]|\\.)*"|[[{]\s*[\]}]|[{}[\],:]|\s+/g;
  return text.replace(tokens, breakAt).split("\n");
}

/** Which lines the chunk before does not have. */
export function changedLines(lines, before) {
  const bare = (line) => line.replace(/,$/, "");
  const known = new Set(before.map(bare));
  return lines.map((line) => before.length > 0 && !known.has(bare(line)));
}
