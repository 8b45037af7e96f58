// Of a long list only the rows that can be seen are in the page: which these are.

const SPARE = 20; // rows above and below, so that nothing is empty while one scrolls
const NEAR = 6; // rows from the end of what is drawn at which more is drawn

/** The first row and the one after the last that are drawn, of rows of one height. */
export function visibleSpan({ top, height, rowHeight, count }) {
  const first = Math.max(0, Math.floor(top / rowHeight) - SPARE);
  const last = Math.min(count, Math.ceil((top + height) / rowHeight) + SPARE);
  return { first: Math.min(first, count), last: Math.max(last, Math.min(first, count)) };
}

/** Whether what is drawn holds all that can be seen, with some rows to spare. */
export function isInSpan({ top, height, rowHeight, count }, { first, last }) {
  const from = Math.floor(top / rowHeight) - NEAR;
  const to = Math.ceil((top + height) / rowHeight) + NEAR;
  return Math.max(0, from) >= first && Math.min(count, to) <= last;
}

/** How far a list is to be scrolled so that a row is whole; where it is already, not at all. */
export function scrollToRow({ top, height, rowHeight }, row) {
  if (row * rowHeight < top) return row * rowHeight;
  const below = (row + 1) * rowHeight - height;
  return below > top ? below : top;
}
