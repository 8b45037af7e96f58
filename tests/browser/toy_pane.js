// The words so far: a toy pane, for the test that one file is enough to add a pane.

import { followFilm } from "../film/cursor.js";
import { fill, foldable, h } from "../dom.js";
import { upTo } from "../numbers.js";

export const wordsPane = { name: "words", column: "left", make: makeWords };

/** How many words a part had at a chunk. */
export function wordsAt(part, chunk) {
  const end = part.ends[upTo(part.chunks, chunk) - 1] ?? 0;
  return part.text.slice(0, end).split(/\s+/).filter(Boolean).length;
}

function makeWords(app) {
  followFilm(app);
  const count = h("output");
  const update = () => {
    const { run, chunk } = app.here();
    const texts = run.parts.filter((part) => part.kind === "text");
    fill(count, `${texts.reduce((sum, part) => sum + wordsAt(part, chunk), 0)} ${app.data.noun}`);
  };
  return { node: foldable("words", "Words", "at the cursor", count), update };
}
