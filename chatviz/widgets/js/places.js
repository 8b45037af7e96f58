// Places: empty elements in cells that wait for a widget's model, and pictures that it hides.

const LOOK_MS = 50;

/** Fill the places that wait for a key, now and later; return what empties them all. */
export function fillPlaces(key, fillPlace) {
  const filled = new Map();
  let planned = 0;
  const find = (kind) => document.querySelectorAll(`[data-chatviz-${kind}="${key}"]`);
  const look = () => {
    planned = 0;
    for (const [place, stop] of filled) if (!place.isConnected && filled.delete(place)) stop();
    for (const place of find("place")) if (!filled.has(place)) filled.set(place, fillPlace(place));
    for (const still of find("still")) still.style.display = filled.size ? "none" : "";
  };
  const watcher = new MutationObserver(() => (planned ||= setTimeout(look, LOOK_MS)));
  watcher.observe(document.body, { childList: true, subtree: true });
  look();
  return () => {
    watcher.disconnect();
    clearTimeout(planned);
    for (const stop of filled.values()) stop();
    for (const still of find("still")) still.style.display = "";
  };
}

/** Keep a key from the notebook, whose shortcuts would act; Escape and Tab lead out. */
export function keepKey(event) {
  if (event.key !== "Escape" && event.key !== "Tab") event.stopPropagation();
}
