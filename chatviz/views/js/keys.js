// The keys of the player and of the timeline.

export const KEYS = [
  ["Space", "play, pause"],
  ["← →", "chunk"],
  ["Shift ← →", "same part"],
  ["Home End", "first, last"],
  ["T", "tool call"],
  ["F", "finding (Shift: back)"],
  ["R", "restart"],
  ["< >", "speed"],
];
export const TIMELINE_KEYS = [
  ["+ − 0", "zoom"],
  ["[ ]", "pan"],
  ["B", "range: start, end"],
  ["A", "axis"],
  ["wheel", "zooms with Ctrl, or when focused"],
  ["drag", "pans, with Shift selects"],
];

/** Do what a key means. No key but Escape and Tab leaves the view: notebooks have shortcuts. */
export function pressKey(event, app) {
  if (event.key === "Escape" || event.key === "Tab") return;
  event.stopPropagation();
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const { tagName } = event.composedPath()[0];
  const isOnButton = /BUTTON|SUMMARY/.test(tagName) && /^( |Enter)$/.test(event.key);
  if (tagName === "SELECT" || isOnButton) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const act = actsOf(app, event.shiftKey)[key];
  if (!act) return;
  event.preventDefault();
  act();
}

function actsOf(app, isShifted) {
  const { player, timeline } = app.made;
  const step = (by) => (isShifted ? player.jump("part", by > 0) : app.go(app.at + by));
  return {
    " ": () => player.toggle(),
    r: () => player.restart(),
    "<": () => player.shift(-1),
    ">": () => player.shift(1),
    Home: () => app.go(0),
    End: () => app.go(Infinity),
    ArrowLeft: () => step(-1),
    ArrowRight: () => step(1),
    t: () => player.jump("call", !isShifted),
    f: () => player.jump("finding", !isShifted),
    "+": () => timeline?.zoom(0.6),
    "-": () => timeline?.zoom(1 / 0.6),
    0: () => timeline?.zoom(Infinity),
    "[": () => timeline?.pan(-0.2),
    "]": () => timeline?.pan(0.2),
    b: () => timeline?.markRange(),
    a: () => timeline?.nextAxis(),
  };
}
