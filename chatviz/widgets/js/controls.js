// The controls of a live chat, and how they follow its state.

import { h } from "../../views/js/dom.js";
import { runMessage } from "./talk.js";

const BUSY = ["waiting for headers", "streaming", "running tools", "stopping"];
const PROMPT_HINT = "Say something (Enter runs, Shift+Enter is a new line)";

export const isBusy = (talk) => BUSY.includes(talk.state);

/** Make the controls; `send` takes a message, and what is done once Python has taken it. */
export function makeControls(given, send) {
  const fields = makeFields(given);
  const run = h("button.run", { click: () => start() }, "Run");
  const stop = h("button.stop", { disabled: "", click: () => send({ kind: "stop" }) }, "Stop");
  const savePath = () => send({ kind: "save", path: fields.path.value });
  const save = h("button.save", { disabled: "", click: savePath }, "Save as cassette");
  const { prompt, system, model, limit } = fields;
  const { note, giveBack } = keepWords(prompt);
  const start = () => {
    if (run.disabled || !prompt.value.trim()) return;
    const message = runMessage(prompt.value, system.value, model.value, limit.value);
    send(message, note);
  };
  prompt.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    start();
  });
  const follow = (talk) => {
    run.disabled = isBusy(talk);
    stop.disabled = !isBusy(talk) || talk.state === "stopping";
    save.disabled = isBusy(talk) || !talk.answers;
    system.disabled = talk.answers > 0;
    giveBack(talk);
  };
  const tools = given.tools?.length ? h("small", `tools: ${given.tools.join(", ")}`) : null;
  const bar = h("div.bar", run, stop, save, fields.path, tools);
  const node = given.asks ? h("div.ask", prompt, bar, foldedFields(fields)) : null;
  return { node, stop, follow };
}

/** Clear a prompt once it was heard, and give its words back where nothing answered them. */
function keepWords(prompt) {
  let asked = null;
  let answers = 0;
  const note = () => {
    asked = { words: prompt.value, answers, isRunning: false };
    prompt.value = "";
  };
  const giveBack = (talk) => {
    answers = talk.answers;
    if (asked && isBusy(talk)) asked.isRunning = true;
    else if (asked?.isRunning) {
      const isLost = talk.state === "failed" && asked.answers === answers;
      if (isLost) prompt.value ||= asked.words;
      asked = null;
    }
  };
  return { note, giveBack };
}

function makeFields(given) {
  const fields = {
    prompt: h("textarea.prompt", { rows: 2, aria: "Prompt", placeholder: PROMPT_HINT }),
    system: h("textarea.system", { rows: 2, aria: "System prompt" }),
    model: h("input.model", { aria: "Model" }),
    limit: h("input.short", { type: "number", min: 1, aria: "Max tokens" }),
    path: h("input.path", { aria: "Cassette file" }),
  };
  fields.system.value = given.system ?? "";
  fields.model.value = given.model ?? "";
  fields.limit.value = given.max_tokens ?? "";
  fields.path.value = "chat.yaml";
  return fields;
}

function foldedFields({ system, model, limit }) {
  const labelled = h("div.bar", h("label", "Model", model), h("label", "Max tokens", limit));
  const summary = h("summary", "System prompt, model, max tokens");
  return h("details", summary, h("label.wide", "System prompt", system), labelled);
}
