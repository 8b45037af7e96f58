// What is chosen in the workbench: a conversation, by its whole name, and one of its answers.

import { fill, h } from "../../views/js/dom.js";

/** Make the line of what is chosen: it follows the traits, and tells Python of another answer. */
export function makeChooser(bench) {
  const { model } = bench;
  const seek = (event) => bench.seek?.(Number(event.target.value));
  const runs = h("select", { aria: "Answer", change: seek });
  const name = h("strong.chosen"),
    about = h("small"),
    reason = h("p.notice.error");
  const show = () => {
    const state = model.get("_state");
    fill(name, state.name);
    fill(about, state.about);
    const options = state.runs.map((label, value) => h("option", { value }, label));
    fill(runs, options);
    runs.value = String(model.get("_cursor").run ?? "");
    runs.style.display = options.length > 1 ? "" : "none";
    fill(reason, state.reason ? `✕ This recording cannot be read: ${state.reason}` : "");
  };
  bench.showRun = (run) => (runs.value = String(run));
  bench.listen("_state", show);
  show();
  return { node: h("div.choose", h("div.bar", name, about, runs), reason) };
}
