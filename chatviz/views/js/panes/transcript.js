// The transcript: the conversation as people read it, up to the cursor.

import { followFilm } from "../film/cursor.js";
import { fill, foldable, h } from "../dom.js";
import { callClass } from "../palette.js";
import { upTo } from "../numbers.js";
import { sayCount } from "../words.js";

export const transcriptPane = { name: "transcript", column: "left", make: makeTranscript };

const SHOWN = 2e4;
const MAX_PIECE = 600; // characters of a source, or of what the server's tool gave
const MAX_SOURCES = 20;
const SHOWN_PLAYING = 3e3; // characters of a part, from its end

/** What a part had said after a chunk: old text, the newest piece, and how much is not shown. */
export function textAt(part, chunk, limit) {
  const count = upTo(part.chunks, chunk);
  const before = upTo(part.chunks, chunk - 1);
  const end = count ? part.ends[count - 1] : 0;
  const middle = before ? part.ends[before - 1] : 0;
  const skipped = Math.max(0, Math.min(middle, end - limit));
  const text = part.text ?? "";
  const missing = Math.max(0, end - text.length);
  return {
    count,
    skipped,
    old: text.slice(skipped, middle),
    fresh: text.slice(middle, end),
    missing,
  };
}

/** Where a pane stands: the answer and the chunk; before the first chunk the last answer. */
const placeAt = ({ film, here }) =>
  film.count ? here() : { index: film.runs.length - 1, run: film.runs.at(-1), chunk: 0 };

function makeTranscript(app) {
  const { film } = followFilm(app);
  const named = { role: "log", "aria-live": "off", tabindex: 0, aria: "Transcript at the cursor" };
  const log = h("div.log", named);
  const current = h("div");
  const node = foldable("transcript", "Transcript", "at the cursor", log);
  let shown = -1;
  const update = () => {
    const { index, run, chunk } = placeAt(app);
    if (!run) return;
    const limit = app.isPlaying ? SHOWN_PLAYING : SHOWN;
    const before = () => film.runs.slice(0, index).map((one) => blockAt(one, one.count, limit));
    if (index !== shown) fill(log, before(), current);
    const isFirst = shown < 0; // it is read from its beginning
    shown = index;
    fill(current, blockAt(run, chunk, limit));
    if (!isFirst) node.body.scrollTop = node.body.scrollHeight;
  };
  return { node, update };
}

const messageBlock = ([role, text, tools]) =>
  h("div.said", h("i", role, tools ? ` · ${tools}` : ""), h("div", text));

/** An answer up to a chunk, with what was asked before it and what followed it. */
function blockAt(run, chunk, limit) {
  const isDone = chunk >= run.count - 1;
  const error = isDone && run.error ? h("div.error", "✕ ", run.error) : null;
  const choices = [...new Set(run.parts.map((part) => part.choice))];
  const said = (choice) =>
    run.parts.filter((part) => part.choice === choice).map((part) => partBlock(part, chunk, limit));
  const place = `assistant · ${run.place}`;
  const blocks = (choices.length ? choices : [0]).map((choice) =>
    h("div.said.assistant", h("i", place, choice ? ` · choice ${choice}` : ""), said(choice)),
  );
  return [
    run.asked.map(messageBlock),
    blocks,
    error,
    isDone ? run.followed.map(messageBlock) : null,
  ];
}

/** What is told beside what was said: it is no text for people, or JSON, piece by piece. */
const TOLD = {
  signed: (_, { count }) => `[${sayCount(count, "signed or encrypted detail")}, kept]`,
  media: (part, { count }) =>
    `[${part.name || "media"}: ${sayCount(part.ends[count - 1], "character")} of JSON]`,
  citation: (part, now) => ["sources: ", lastPieces(part, now.count, MAX_SOURCES)],
  server_result: (part, now) => [
    h("i", `the server’s ${part.name || "result"} `),
    lastPieces(part, now.count, 1),
  ],
};

/** The newest pieces of a part, each on a line, cut where they are long. */
function lastPieces({ text, ends }, count, limit) {
  const from = Math.max(0, count - limit);
  const pieces = ends.slice(from, count).map((end, n) => text.slice(ends[from + n - 1] ?? 0, end));
  return (from ? `… ${from} before\n` : "") + pieces.map(cutPiece).join("\n");
}

const cutPiece = (piece) =>
  piece.length > MAX_PIECE ? piece.slice(0, MAX_PIECE) + "…" : piece;

function partBlock(part, chunk, limit) {
  const now = textAt(part, chunk, limit);
  if (!now.count && !(part.from <= chunk)) return null;
  const told = TOLD[part.kind]?.(part, now);
  if (told) return h(`div.beside.${part.kind}`, told);
  const text = [
    now.skipped ? `… ${sayCount(now.skipped, "character")} before\n` : "",
    now.old,
    now.fresh ? h("mark", now.fresh) : null,
    now.missing ? " … (left out)" : "",
  ];
  const name = h("b", part.name || "(no name)");
  if (part.kind === "server_call")
    return h("div.beside", h("i", "the server calls "), name, "(", text, ")");
  if (part.kind !== "call") return h(`div.${part.kind}`, text);
  return h(`div.call.${callClass(part.position)}`, name, "(", text, ")");
}
