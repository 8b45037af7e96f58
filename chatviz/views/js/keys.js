// Keys: each pane says what its keys do; the frame hears them and names them to who has the focus.

import { h } from "./dom.js";

/** Do what a key means. No key but Escape and Tab leaves the view: notebooks have shortcuts. */
export function pressKey(event, app) {
  if (event.key === "Escape" || event.key === "Tab") return;
  event.stopPropagation();
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const { tagName } = event.composedPath()[0];
  const isOnButton = /BUTTON|SUMMARY/.test(tagName) && /^( |Enter)$/.test(event.key);
  if (tagName === "SELECT" || isOnButton) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const act = keysOf(app).find(([, , acts]) => Object.hasOwn(acts, key))?.[2][key];
  if (!act) return;
  event.preventDefault();
  act(event.shiftKey);
}

/** The rows of keys of all panes: the keys, what they do, and the acts; what two offer, once. */
export function keysOf({ made }) {
  const rows = Object.values(made).flatMap((one) => one.keys ?? []);
  return [...new Map(rows.map((row) => [row[0], row])).values()];
}

/** The hints: they stand there while the view has the focus, and else how to give it. */
export function helpOf(app) {
  const rows = keysOf(app);
  if (!rows.length) return null;
  const hint = ([keys, does]) => h("span", h("kbd", keys), ` ${does}`);
  return h(
    "div.help",
    h("p.unfocused", "Keys work once the view is clicked or reached with Tab."),
    h("p.focused", rows.map(hint)),
  );
}
