// The transcript: the conversation as people read it, up to the cursor.

import { followFilm, placeAt } from "../cursor.js";
import { fill, foldable, h } from "../dom.js";
import { callClass } from "../palette.js";
import { upTo } from "../numbers.js";
import { sayCount } from "../words.js";

export const transcriptPane = { name: "transcript", column: "left", make: makeTranscript };

const SHOWN = 2e4;
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

function makeTranscript(app) {
  const { film } = followFilm(app);
  const named = { role: "log", "aria-live": "off", tabindex: 0, aria: "Transcript at the cursor" };
  const log = h("div.log", named);
  const current = h("div");
  let shown = -1;
  const update = () => {
    const { index, run, chunk } = placeAt(app);
    if (!run) return;
    const limit = app.isPlaying ? SHOWN_PLAYING : SHOWN;
    const before = () => film.runs.slice(0, index).map((one) => blockAt(one, one.count, limit));
    if (index !== shown) fill(log, before(), current);
    shown = index;
    fill(current, blockAt(run, chunk, limit));
    log.scrollTop = log.scrollHeight;
  };
  return { node: foldable("transcript", "Transcript", "at the cursor", log), update };
}

const messageBlock = ([role, text, tools]) =>
  h("div.said", h("i", role, tools ? ` · ${tools}` : ""), h("div", text));

/** An answer up to a chunk, with what was asked before it and what followed it. */
function blockAt(run, chunk, limit) {
  const isDone = chunk >= run.count - 1;
  const error = isDone && run.error ? h("div.error", "✕ ", run.error) : null;
  const parts = run.parts.map((part) => partBlock(part, chunk, limit));
  return [
    run.asked.map(messageBlock),
    h("div.said.assistant", h("i", `assistant · ${run.place}`), parts, error),
    isDone ? run.followed.map(messageBlock) : null,
  ];
}

function partBlock(part, chunk, limit) {
  const now = textAt(part, chunk, limit);
  if (part.kind === "signed")
    return now.count ? h("div.reasoning", `[reasoning details: ${now.count}]`) : null;
  if (!now.count && !(part.from <= chunk)) return null;
  const text = [
    now.skipped ? `… ${sayCount(now.skipped, "character")} before\n` : "",
    now.old,
    now.fresh ? h("mark", now.fresh) : null,
    now.missing ? " … (left out)" : "",
  ];
  if (part.kind !== "call") return h(`div.${part.kind}`, text);
  const name = h("b", part.name || "(no name)");
  return h(`div.call.${callClass(part.position)}`, name, "(", text, ")");
}
