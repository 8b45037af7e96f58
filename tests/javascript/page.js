// A page without a browser: as much of the DOM as the panes need, for tests in node.

class FakeNode {
  constructor(tag) {
    Object.assign(this, { tag, children: [], attributes: {}, acts: {}, style: {}, className: "" });
    this.classList = { toggle: (name, is) => this.setAttribute(name, is), add: () => {} };
  }
  setAttribute(name, value) {
    this.attributes[name] = value;
  }
  addEventListener(name, act) {
    this.acts[name] = act;
  }
  append(...children) {
    this.children.push(...children);
  }
  replaceChildren(...children) {
    this.children = children;
  }
  get childNodes() {
    return this.children;
  }
  insertBefore(node, next) {
    this.children.splice(next ? this.children.indexOf(next) : this.children.length, 0, node);
  }
  removeChild(node) {
    this.children.splice(this.children.indexOf(node), 1);
  }
  replaceWith() {}
  scrollIntoView() {}
  focus() {}
  get firstChild() {
    return this.children[0];
  }
  contains() {
    return false;
  }
  attachShadow() {
    this.root = Object.assign(new FakeNode("root"), { host: this });
    return this.root;
  }
  get all() {
    return this.children.flatMap((one) => (one instanceof FakeNode ? [one, ...one.all] : []));
  }
  querySelector(tag) {
    return this.all.find((one) => one.tag === tag) ?? null;
  }
  get textContent() {
    return this.children.map((one) => (one instanceof FakeNode ? one.textContent : one)).join("");
  }
  set textContent(text) {
    this.children = [text];
  }
}

/** Let modules find what they look for in a page; there is no canvas and nothing moves. */
export function openPage() {
  const createElement = (tag) => new FakeNode(tag);
  const createElementNS = (_, tag) => new FakeNode(tag);
  globalThis.Node = FakeNode;
  globalThis.document = { createElement, createElementNS };
}

/** All nodes of a tag, and the first one of some words. */
export const findAll = (node, tag) => node.all.filter((one) => one.tag === tag);
export const findWords = (node, tag, words) =>
  findAll(node, tag).find((one) => one.textContent.includes(words));
