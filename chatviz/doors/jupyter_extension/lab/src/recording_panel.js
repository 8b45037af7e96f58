// One recording, in a tab: how far its reading is, then its page in a frame of its own.
import { Widget } from "@lumino/widgets";
import { askForPage } from "./asking.js";
import { progressOf } from "./lines.js";
import { readTheme, withTheme } from "./theme.js";

/** Shows the page of the recording that a document context names. */
export class RecordingPanel extends Widget {
  /**
   * @param context the document's; only its path is used, the file is not read in the browser
   * @param options.settings the server's
   * @param options.openInEditor called with the path
   * @param options.isDark whether Lab's theme is a dark one
   */
  constructor(context, { settings, openInEditor, isDark }) {
    super();
    this.addClass("chatviz-RecordingPanel");
    this.addClass("jp-IFrame"); // Lab covers it while a tab is dragged over it
    this._context = context;
    this._settings = settings;
    this._openInEditor = openInEditor;
    this._isDark = isDark;
    this._asking = null;
    this._page = "";
    context.ready.then(() => this.read());
    context.fileChanged.connect(this.read, this);
  }

  /** Ask for the page, again if it is there; what was asked before is given up. */
  async read() {
    this._asking?.abort();
    if (!this._context.isReady || this.isDisposed) return;
    const asking = (this._asking = new AbortController());
    const waiting = new Waiting();
    this.node.replaceChildren(waiting.node);
    this._page = "";
    let size = 0;
    try {
      const path = this._settings.localPath(this._context.path);
      for await (const line of askForPage(path, this._settings.server, asking.signal)) {
        if (asking.signal.aborted) return;
        size = line.size ?? size;
        if ("page" in line) this._show(line.page);
        else if ("unreadable" in line) this._say(line.unreadable);
        else waiting.tell(progressOf(line, size));
      }
    } finally {
      waiting.stop();
    }
  }

  /** Show the page in the theme that Lab has now; the page begins anew. */
  follow(isDark) {
    this._isDark = isDark;
    if (this._page) this._show(this._page);
  }

  dispose() {
    this._asking?.abort();
    this._context.fileChanged.disconnect(this.read, this);
    super.dispose();
  }

  /** Show a page: an origin of its own, whose scripts reach nothing of Jupyter. */
  _show(page) {
    this._page = page;
    const frame = document.createElement("iframe");
    frame.setAttribute("sandbox", "allow-scripts");
    frame.setAttribute("allow", "clipboard-write"); // for its buttons that copy
    frame.setAttribute("referrerpolicy", "no-referrer");
    frame.title = `chatviz: ${this._context.path}`;
    frame.srcdoc = withTheme(page, readTheme(this.node, this._isDark));
    this.node.replaceChildren(frame);
  }

  _say(reason) {
    const told = element("div", "chatviz-RecordingPanel-told");
    told.setAttribute("role", "alert");
    const read = button("Read it again", () => this.read());
    const edit = button("Open it in the editor", () => this._openInEditor(this._context.path));
    told.append(
      element("h2", "", "This recording cannot be read."),
      element("p", "", reason),
      read,
      edit,
    );
    this.node.replaceChildren(told);
  }
}

/** What is shown until the page is there: what is done, how much of it, and for how long. */
class Waiting {
  constructor() {
    this.node = element("div", "chatviz-RecordingPanel-told");
    this._text = element("p", "", "Asking the Jupyter server");
    this._text.setAttribute("role", "status");
    this._bar = element("progress");
    this._bar.setAttribute("aria-label", "Making the page");
    this._time = element("small");
    this.node.append(this._text, this._bar, this._time);
    const started = performance.now();
    this._timer = setInterval(() => {
      this._time.textContent = `${Math.round((performance.now() - started) / 1000)} s`;
    }, 1000);
  }

  tell({ text, part }) {
    this._text.textContent = text;
    if (part === null) this._bar.removeAttribute("value");
    else this._bar.value = part;
  }

  stop() {
    clearInterval(this._timer);
  }
}

function element(tag, className = "", text = "") {
  const node = document.createElement(tag);
  node.className = className;
  node.textContent = text;
  return node;
}

function button(text, act) {
  const node = element("button", "jp-Button jp-mod-styled jp-mod-reject", text);
  node.type = "button";
  node.addEventListener("click", act);
  return node;
}
