// What the workbench lists, and how its tables are shown: pure functions.

/** The rows of a listing that a filter lets through, with their places. */
export function filterList(listing, words) {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  return listing
    .map(([name, state, note], number) => ({ number, name, state, note }))
    .filter(({ name }) => wanted.every((word) => name.toLowerCase().includes(word)));
}

/** How far a listing is read, in words; "" once it is. */
export function sayProgress(listing) {
  const waiting = listing.filter(([, state]) => state === "waiting").length;
  return waiting ? `Reading ${listing.length - waiting} of ${listing.length} …` : "";
}

const EXACT = { maximumFractionDigits: 9, useGrouping: false };

/** What a table's cell shows. */
export function sayCell(value) {
  if (value === null) return "";
  return typeof value === "number" ? value.toLocaleString("en", EXACT) : String(value);
}
