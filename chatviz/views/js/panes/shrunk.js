// A shrunk recording: before and after, the bytes that are left, the texts in them, three buttons.

import { fill, h, press } from "../dom.js";
import { sayValue } from "../words.js";

export const shrunkPane = { name: "shrunk", column: "left", make: makeShrunk };

function makeShrunk({ data }) {
  const { sentence, sizes, bytes, texts, made } = data;
  const head = h("tr", ["", "before", "after"].map((word) => h("th", word)));
  const cell = (side) => h("td", side === null ? "" : sayValue(side));
  const rows = sizes.map(([name, ...sides]) =>
    h("tr", h("th", { scope: "row" }, name), sides.map(cell)),
  );
  const shown = { buttons: [], text: h("pre", { tabindex: 0, aria: "What was copied" }) };
  shown.text.hidden = true;
  shown.buttons = made.map((one) => makeButton(one, shown));
  const node = h(
    "section.evidence",
    h("p.told", h("b", sentence)),
    h("div.scroll", h("table.sizes", h("thead", head), h("tbody", rows))),
    h("p.head", "What is left"),
    h("pre.left", { tabindex: 0, aria: "The bytes that are left" }, bytes),
    h("p.head", texts.length ? "Texts in it: look at them before you post" : "No text is in it"),
    h("dl.texts", texts.map(([text, place]) => [h("dt", place), h("dd", text)])),
    h("div.bar", shown.buttons),
    shown.text,
  );
  return { node };
}

/** A button that copies what was made, and shows it: what is posted should have been seen. */
function makeButton({ name, text, note }, shown) {
  const button = press(`Copy the ${name}`, () => copy(button, name, text, shown), note || null);
  button.disabled = text === null;
  return button;
}

function copy(button, name, text, shown) {
  shown.text.hidden = false;
  fill(shown.text, text);
  const say = (words) => () => fill(button, `${words} the ${name}`);
  const done = navigator.clipboard?.writeText(text) ?? Promise.reject();
  return done.then(say("Copied"), say("Select and copy"));
}
