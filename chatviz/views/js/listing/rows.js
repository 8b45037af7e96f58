// The rows of a list of conversations: read from what Python sends, and how each cell is said.

import { sayCount, saySeconds, sayValue } from "../words.js";

// What a row of the data holds, in this order; words stand once, and are named by their place.
const ROW = [
  ...["file", "number", "asked", "provider", "model", "dialect", "ending", "codes"],
  ...["steps", "calls", "input", "output", "cost", "estimated", "first", "duration"],
  ...["errors", "warnings", "notes"],
];
const WORDS = ["provider", "model", "dialect", "ending", "codes"];
const WAITING = "not read yet";

/** The rows of some data: conversations, and files of which no conversation is known. */
export function readRows({ files, words, rows }) {
  const found = files.map(() => []);
  rows.forEach((cells, place) => {
    const row = Object.fromEntries(ROW.map((key, n) => [key, cells[n]]));
    for (const key of WORDS) row[key] = words[row[key]];
    found[row.file].push({ ...row, place });
  });
  return files.flatMap((file, n) => {
    const own = found[n].length ? found[n] : [{ file: n, number: 0 }];
    return own.map((row) => withFile(row, file, own.length > 1));
  });
}

/** A row with what is known of its file, and the text in which it is searched. */
function withFile(row, [name, state, reason, link], hasNumber) {
  const label = name || "conversation";
  const shown = {
    ...row,
    name: hasNumber || !name ? `${label} #${row.number}` : label,
    state: row.steps === undefined && state === "read" ? "empty" : state,
    reason,
    link,
    key: `${row.file}:${row.number}`,
    findings: (row.errors ?? 0) * 1e12 + (row.warnings ?? 0) * 1e6 + (row.notes ?? 0),
  };
  const searched = [shown.name, row.asked, row.provider, row.model, row.dialect, row.ending];
  shown.searched = [...searched, row.codes, reason].filter(Boolean).join("\n").toLowerCase();
  return shown;
}

/** Add a batch of files that were read to the data of a list, of which it is a part. */
export function addBatch(list, { files, words, rows }) {
  const before = list.words.length;
  for (const [file, state, reason] of files) list.files[file].splice(1, 2, state, reason);
  list.words.push(...words);
  const isWord = ROW.map((key) => WORDS.includes(key));
  for (const row of rows)
    list.rows.push(row.map((cell, n) => (isWord[n] ? cell + before : cell)));
}

/** Money to three digits, exact where it is short. */
export function sayMoney(usd) {
  if (usd >= 100) return `$${usd.toLocaleString("en", { maximumFractionDigits: 0 })}`;
  return `$${Number(usd.toPrecision(3))}`;
}

/** The columns: key, heading, how a value is said, how wide it is; what they say on hover. */
export const COLUMNS = [
  { key: "name", title: "conversation", width: 250 },
  { key: "findings", title: "findings", width: 112, say: () => "" },
  { key: "asked", title: "asked first", width: 160 },
  { key: "provider", title: "provider", width: 96 },
  { key: "model", title: "model", width: 140 },
  { key: "steps", title: "steps", width: 52, say: sayValue },
  { key: "calls", title: "calls", width: 52, say: sayValue },
  { key: "input", title: "tokens in", width: 66, say: sayValue },
  { key: "output", title: "tokens out", width: 66, say: sayValue },
  { key: "cost", title: "cost", width: 78, say: sayMoney },
  { key: "estimated", title: "estimated", width: 82, say: sayMoney },
  { key: "first", title: "first token", width: 70, say: saySeconds },
  { key: "duration", title: "duration", width: 74, say: saySeconds },
  { key: "ending", title: "ended", width: 80 },
  { key: "dialect", title: "dialect", width: 110 },
];

/** The columns of which any row knows something; the name always. */
export const knownColumns = (rows) =>
  COLUMNS.filter(({ key }) => key === "name" || rows.some((row) => hasValue(row, key)));

export const hasValue = (row, key) => (row[key] ?? "") !== "" && row.steps !== undefined;

/** What the severities of a row are, as signs with counts. */
export const signsOf = ({ errors, warnings, notes }) =>
  [
    ["error", "✕", errors],
    ["warning", "▲", warnings],
    ["info", "i", notes],
  ].filter(([, , count]) => count);

/** The findings of a row in words. */
export function sayFindings(row) {
  const told = [
    [row.errors, "error"],
    [row.warnings, "warning"],
    [row.notes, "note"],
  ].filter(([count]) => count);
  const counted = told.map(([count, noun]) => sayCount(count, noun)).join(", ") || "none";
  return row.codes ? `${counted}: ${row.codes.split(" ").join(", ")}` : counted;
}

/** Why a row has no numbers; "" where it has some. */
export function sayFileState({ state, reason }) {
  const unreadable = `cannot be read: ${reason}`;
  return { waiting: WAITING, empty: "holds no chat", unreadable }[state] ?? "";
}
