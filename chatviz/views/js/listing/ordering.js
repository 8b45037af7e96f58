// Which rows of a list are shown, and in which order: pure functions.

/** Least findings that a row must have to be shown, by what a reader chooses. */
export const LEAST = {
  all: () => true,
  loud: ({ errors, warnings, state }) => errors > 0 || warnings > 0 || state === "unreadable",
  errors: ({ errors, state }) => errors > 0 || state === "unreadable",
  unreadable: ({ state }) => state === "unreadable",
};

/** The rows in which every word of a search stands, somewhere. */
export function filterRows(rows, search, least = "all") {
  const wanted = search.toLowerCase().split(/\s+/).filter(Boolean);
  const isMeant = LEAST[least];
  return rows.filter((row) => isMeant(row) && wanted.every((word) => row.searched.includes(word)));
}

/** Rows in the order of a column; those of which nothing is known are last in any case. */
export function orderRows(rows, { sort, descending }) {
  if (!sort) return rows;
  const isKnown = (row) => (row[sort] ?? "") !== "" && (sort === "name" || row.steps !== undefined);
  const known = rows.filter(isKnown);
  const sign = descending ? -1 : 1;
  known.sort((a, b) => sign * compareValues(a[sort], b[sort]));
  return [...known, ...rows.filter((row) => !isKnown(row))];
}

const BY_WORDS = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
const compareValues = (a, b) => (typeof a === "string" ? BY_WORDS.compare(a, b) : a - b);

/** The order after a click on a column: one way, the other way, as it came. */
export function nextOrder({ sort, descending }, column, isDescendingFirst = false) {
  if (sort !== column) return { sort: column, descending: isDescendingFirst };
  if (descending === isDescendingFirst) return { sort: column, descending: !descending };
  return { sort: "", descending: false };
}
