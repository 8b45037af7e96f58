// The page of a tap: a list of what passes and has passed, and one answer of it while it grows.

import { fill, fillRoot, h, openRoot } from "../../views/js/dom.js";
import { sayCount } from "../../views/js/words.js";
import { drawTalks, makeGrowing } from "../../widgets/js/growing.js";
import { emptyTalk, saySums, takeBatch } from "../../widgets/js/talk.js";
import { askForList, followAnswer } from "./tap_asking.js";

const AGAIN_MS = 1000;
const GOING_ON_MS = 250;
const ORIGIN = /^[a-z]+:[/]{2}[^/]+/;
const EMPTY = "Nothing has passed yet. Give a client this tap's address as its base URL.";
const GONE = "The tap does not answer: it was stopped. What it has kept is in its files.";
const NOT_HELD = "No chat, or from long ago: what was said in it is in its file.";

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** What the module is to its page; the panes are those of the inspector. */
export function makeTapPage(panes) {
  const show = (place, css) => {
    const [host, root] = openRoot();
    place.replaceChildren(host);
    new TapView(root, panes, css).run();
  };
  return { show };
}

class TapView {
  rows = [];
  chosen = null; // the number of the answer that is shown
  follows = true; // whether a new answer is shown as it comes
  version = "";
  stop = null;

  constructor(root, panes, css) {
    this.panes = panes;
    this.css = css;
    this.told = h("span.sums", { role: "status" });
    this.notice = h("p.note", { role: "status" }, EMPTY);
    const change = (event) => this.setFollows(event.target.checked);
    this.box = h("input", { type: "checkbox", checked: "", change });
    const label = h("label.follows", this.box, "show the newest as it comes");
    this.list = h("tbody");
    const names = ["", "asked", "of", "status", "model", "tokens", "bytes", "pages"];
    const head = h("thead", h("tr", names.map((name) => h("th", name))));
    const table = h("table", head, this.list);
    const bar = h("div.bar", h("b", "chatviz tap"), label, this.told);
    this.place = h("div");
    const parts = [bar, h("div.passed", table), this.notice, this.place];
    fillRoot(root, css, h("div.app.tap", parts));
  }

  /** Ask for the list again and again. */
  async run() {
    for (;;) {
      try {
        this.tell(await askForList(this.version));
        await pause(GOING_ON_MS);
      } catch {
        fill(this.notice, GONE);
        this.version = "";
        await pause(AGAIN_MS);
      }
    }
  }

  tell({ version, count, rows, refused, refusal }) {
    this.version = version;
    this.rows = rows;
    const sums = [sayCount(count, "answer")];
    if (refused) sums.push(`${refused.toLocaleString("en")} refused: ${refusal}`);
    fill(this.told, sums.join(" · "));
    const newest = rows.findLast((row) => row.can_be_shown);
    if (this.follows && newest && newest.number !== this.chosen) this.choose(newest.number);
    this.draw();
  }

  draw() {
    const { rows, chosen } = this;
    const shown = rows.find(({ number }) => number === chosen);
    const words = !rows.length ? EMPTY : shown && !shown.can_be_shown ? NOT_HELD : "";
    fill(this.notice, words);
    const held = this.list.getRootNode().activeElement?.dataset?.number;
    fill(this.list, rows.toReversed().map((row) => this.makeRow(row)));
    if (held !== undefined) this.list.querySelector(`[data-number="${held}"]`)?.focus();
  }

  makeRow(row) {
    const { number, state, is_going_on, worst } = row;
    const look = is_going_on ? "busy" : state === "ended" ? worst : "error";
    const at = new Date(row.at * 1000).toLocaleTimeString();
    const choose = () => {
      this.setFollows(false);
      this.choose(number);
      this.draw();
    };
    const isChosen = number === this.chosen;
    const button = h("button", { click: choose, "data-number": number }, `${number} · ${at}`);
    if (isChosen) button.setAttribute("aria-current", "true");
    const outcome = state === "ended" ? `${row.status}` : `${row.status ?? ""} ${state}`;
    return h(
      `tr.${look || "fine"}${isChosen ? ".chosen" : ""}`,
      h("td", button),
      h("td.url", { title: row.url }, `${row.method} ${row.url.replace(ORIGIN, "")}`),
      h("td", row.server),
      h("td", outcome),
      h("td", row.model),
      h("td.count", row.tokens?.toLocaleString("en")),
      h("td.count", row.size.toLocaleString("en")),
      h("td", pageLinks(row)),
    );
  }

  setFollows(follows) {
    this.follows = follows;
    this.box.checked = follows;
    if (follows) this.version = "";
  }

  /** Show another answer: from its beginning, and on while it comes. */
  choose(number) {
    this.stop?.();
    this.chosen = number;
    const leaving = new AbortController();
    const grown = new GrownAnswer(this.panes, this.css);
    this.place.replaceChildren(grown.node);
    this.stop = () => {
      leaving.abort();
      grown.stop();
    };
    const told = followAnswer(number, leaving.signal, (buffers) => grown.take(buffers));
    told.catch((error) => leaving.signal.aborted || fill(this.notice, `${error}`));
  }
}

/** One answer, as it has come by now. */
class GrownAnswer {
  talk = emptyTalk();

  constructor(panes, css) {
    this.growing = makeGrowing(panes, css, this.talk.explained);
    this.drawing = drawTalks(this.talk, this.growing);
    this.sums = h("span.sums");
    this.node = h("div", h("div.bar.grown", this.sums), this.growing.node);
  }

  take(buffers) {
    takeBatch(this.talk, this.talk.have, buffers);
    fill(this.sums, saySums(this.talk));
    this.drawing.ask();
  }

  stop() {
    this.drawing.stop();
    this.growing.drop();
  }
}

function pageLinks({ number, file, can_be_shown, is_going_on }) {
  if (!file || is_going_on) return [];
  const link = (kind, words) => h("a", { href: `${kind}/${number}`, target: "_blank" }, words);
  const own = can_be_shown ? [link("answers", "answer"), " "] : [];
  return [...own, link("conversations", "conversation")];
}
