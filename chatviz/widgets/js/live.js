// The live conversation: controls, its state, and the inspector while it grows.

import { fill, fillRoot, h, openRoot } from "../../views/js/dom.js";
import { isBusy, makeControls } from "./controls.js";
import { drawTalks, makeGrowing } from "./growing.js";
import { fillPlaces, keepKey } from "./places.js";
import { emptyTalk, saySums, takeBatch } from "./talk.js";

const STATE_SIGNS = {
  idle: "○",
  "waiting for headers": "◌",
  streaming: "●",
  "running tools": "▶",
  stopping: "◐",
  stopped: "■",
  failed: "▲",
};
const WAIT_MS = 1000;
const DEAF =
  "The kernel has not heard this yet. If a cell is running it may hear only when that has " +
  "ended: to stop at once, interrupt the kernel. If it was restarted, run the cell again.";

/** What the module is to anywidget; the panes are those of the inspector. */
export function makeLive(panes) {
  const render = ({ model, el }) => {
    const [host, root] = openRoot(),
      live = new LiveView(root, model, panes);
    el.replaceChildren(host);
    return () => {
      live.stop();
      host.remove();
    };
  };
  const initialize = ({ model }) => fillPlaces(model.get("key"), (el) => render({ model, el }));
  return { initialize, render };
}

class LiveView {
  talk = emptyTalk();
  waiting = new Map(); // messages that Python has not heard, by their number
  sent = 0;

  constructor(root, model, panes) {
    const given = model.get("controls"),
      css = model.get("css");
    this.model = model;
    this.growing = makeGrowing(panes, css, this.talk.explained);
    this.drawing = drawTalks(this.talk, this.growing);
    this.controls = makeControls(given, (message, heard) => this.send(message, heard));
    this.notice = h("small.words", { role: "status" });
    this.state = h("span.state", { role: "status" });
    this.sums = h("span.sums");
    this.words = h("small.words");
    const stop = given.asks ? null : this.controls.stop;
    const bar = h("div.bar", this.state, stop, this.sums, this.words, this.notice);
    const parts = [this.controls.node, bar, this.growing.node];
    fillRoot(root, css, h("div.app.live", { keydown: keepKey }, parts));
    this.hear = (message, buffers) => this.receive(message, buffers);
    model.on("msg:custom", this.hear);
    this.tell();
    this.send({ kind: "ready", have: 0 });
  }

  send(message, heard) {
    const number = ++this.sent;
    const timer = setTimeout(() => fill(this.notice, DEAF), WAIT_MS);
    this.waiting.set(number, { timer, heard });
    this.model.send({ ...message, number });
  }

  receive(message, buffers) {
    const { talk, waiting } = this;
    if (message.kind === "batch") {
      const isWhole = takeBatch(talk, message.first, buffers);
      if (!isWhole) this.send({ kind: "ready", have: talk.have });
      this.tell();
      this.drawing.ask();
    } else if (message.kind === "heard" && waiting.has(message.number)) {
      const { timer, heard } = waiting.get(message.number);
      clearTimeout(timer);
      waiting.delete(message.number);
      fill(this.notice, message.told);
      if (!message.told) heard?.();
    }
  }

  /** Show the state and the sums. */
  tell() {
    const { talk } = this,
      look = isBusy(talk) ? "busy" : talk.state === "failed" ? "bad" : "";
    fill(this.state, `${STATE_SIGNS[talk.state] ?? ""} ${talk.state}`);
    this.state.className = `state ${look}`;
    fill(this.sums, saySums(talk));
    fill(this.words, talk.words);
    this.controls.follow(talk);
  }

  stop() {
    this.model.off("msg:custom", this.hear);
    this.drawing.stop();
    this.growing.drop();
    for (const { timer } of this.waiting.values()) clearTimeout(timer);
  }
}
