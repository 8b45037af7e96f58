// How far the workbench is, and what its tables' cells show: pure functions.

import { sayCount } from "../../views/js/words.js";

/** How many recordings are read, how many cannot be, and what memory Python holds. */
export function sayProgress({ files, read, bad, memory_mb: memory, is_cut: isCut }) {
  const done = read < files ? `Reading ${read.toLocaleString("en")} of ` : "";
  const told = [done + sayCount(files, "recording") + (done ? " …" : "")];
  if (isCut) told.push("no more of the folder are listed");
  if (bad) told.push(`${bad.toLocaleString("en")} that cannot be read`);
  if ((memory ?? null) !== null) told.push(`Python holds ${memory.toLocaleString("en")} MB`);
  return told.join(" · ");
}

const EXACT = { maximumFractionDigits: 9, useGrouping: false };

/** What a table's cell shows. */
export function sayCell(value) {
  if (value === null) return "";
  return typeof value === "number" ? value.toLocaleString("en", EXACT) : String(value);
}
