// Elements. Streamed text is hostile: it enters the page by textContent and setAttribute only.

import { sayCount, showText } from "./words.js";

const LINE = 19; // pixels
const HEARS_KEYS = /^(button|select|input|textarea|summary|canvas|pre)$/;

/** An element, as "tag.class", with attributes, listeners and children; strings stay text. */
export function h(kind, ...children) {
  const [tag, ...classes] = kind.split(".");
  const node = document.createElement(tag);
  if (classes.length) node.className = classes.join(" ");
  if (HEARS_KEYS.test(tag)) node.setAttribute("data-lm-suppress-shortcuts", "");
  const given = children[0]?.constructor === Object ? children.shift() : {};
  for (const [name, value] of Object.entries(given))
    if (typeof value === "function") node.addEventListener(name, value);
    else if ((value ?? null) !== null)
      node.setAttribute(name === "aria" ? "aria-label" : name, value);
  return fill(node, children);
}

/** Replace what is in an element; what is empty is left out. */
export function fill(node, ...children) {
  const shown = children.flat(9).filter((child) => (child ?? "") !== "");
  const asNode = (child) => (child instanceof Node ? child : showText(String(child)));
  node.replaceChildren(...shown.map(asNode));
  return node;
}

/** A button with words. */
export const press = (words, click, title = null) =>
  h("button", { type: "button", click, title, aria: title }, words);

/**
 * A pane that can be folded: its heading, a note beside it, and what is in it.
 *
 * What is in it scrolls: `settle()` says how much follows below, and keeps the height that it had,
 * so that nothing jumps while the cursor moves.
 */
export function foldable(name, title, note, ...children) {
  const more = h("p.more");
  const body = h("div.body", { scroll: () => sayMore() }, children);
  const summary = h("summary", h("b", title), note);
  const node = h(`details.pane.${name}`, { open: "" }, summary, body, more);
  const sayMore = () => {
    const left = body.scrollHeight - body.clientHeight - body.scrollTop;
    fill(more, left < LINE / 2 ? "" : `▾ ${sayCount(Math.ceil(left / LINE), "more line")}`);
  };
  let kept = { width: 0, height: 0 };
  const settle = () => {
    const { clientWidth: width, offsetHeight } = body;
    if (width !== kept.width) kept = { width, height: 0 };
    kept.height = Math.max(kept.height, offsetHeight);
    body.style.minHeight = `${kept.height}px`;
    sayMore();
  };
  return Object.assign(node, { body, settle });
}

/** An element that no style of the page reaches, and its root. */
export function openRoot() {
  const host = h("div.chatviz", { "data-lm-suppress-shortcuts": "" });
  return [host, host.attachShadow({ mode: "open" })];
}

/** Put a style and a body into a root. */
export function fillRoot(root, css, body) {
  const style = h("style");
  style.textContent = css ?? "";
  root.replaceChildren(style, body);
}
