// Walking: how keys and buttons move the cursor, and where they lead.

import { findNext } from "../said.js";

/** Go to the next (or the previous) chunk of a kind, where there is one. */
export const jump = (app, what, forward) =>
  app.go(findNext(app.film, app.at, what, forward) ?? app.at);

/** The keys that move the cursor. */
export function walkKeys(app) {
  const step = (by) => (isShifted) =>
    isShifted ? jump(app, "part", by > 0) : app.go(app.at + by);
  return [
    ["← →", "chunk", { ArrowLeft: step(-1), ArrowRight: step(1) }],
    ["Shift ← →", "same part", {}],
    ["Home End", "first, last", { Home: () => app.go(0), End: () => app.go(Infinity) }],
    ["T", "tool call", { t: (isShifted) => jump(app, "call", !isShifted) }],
    ["F", "finding (Shift: back)", { f: (isShifted) => jump(app, "finding", !isShifted) }],
  ];
}
