// Elements. Streamed text is hostile: it enters the page by textContent and setAttribute only.

import { showText } from "./words.js";

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

/** A pane that can be folded: its heading, a note beside it, and what is in it. */
export const foldable = (name, title, note, ...children) =>
  h(
    `details.pane.${name}`,
    { open: "" },
    h("summary", h("b", title), note),
    h("div.body", children),
  );

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
