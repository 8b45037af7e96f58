// The page of many conversations: its panes, and the inspector of the one that is opened.

import { fill, h, press } from "./dom.js";
import { makePage } from "./frame.js";
import { mountPanes } from "./mounting.js";

/** What the module is to a page: panes of all, and the panes that show one. */
export function makeOverview(panes, inspectorPanes) {
  const make = (app) => makeOpened(app, inspectorPanes);
  return makePage([...panes, { name: "opened", column: "left", make }]);
}

/** The inspector of the row that was opened, below the list; empty at first. */
function makeOpened(app, inspectorPanes) {
  const place = h("div");
  const head = h("div.bar.opened"),
    note = h("p.note");
  const node = h("section.opened", { aria: "Inspector" }, head, note, place);
  const css = app.model.get("css");
  const film = mountPanes(css, inspectorPanes, place, () => {});
  const close = () => {
    node.style.display = "none";
    film.stop();
  };
  app.openTalk = (row) => {
    const data = app.data.inspectors[row.place];
    fill(head, h("b", row.name), press("Close", close));
    fill(note, data ? "" : sayWhere(row));
    node.style.display = "";
    if (data) film.show({ ...data, explained: app.data.explained });
    else film.stop();
    node.scrollIntoView({ block: "nearest" });
  };
  app.cleanups.push(film.stop);
  node.style.display = "none";
  return { node: h("div", followRefresh(app), node) };
}

const sayWhere = ({ name }) =>
  `The inspector of ${name} is not in this page, which would be too large: open its recording ` +
  "with cv.inspect, or give cv.overview fewer conversations.";

/** While more is being read the page is asked for again, unless its reader has begun to use it. */
function followRefresh({ data, root, cleanups }) {
  const line = h("div.bar.refresh");
  if (!data.refresh_s) return line;
  const reload = () => location.reload();
  const timer = setTimeout(reload, 1000 * data.refresh_s);
  const stop = () => {
    clearTimeout(timer);
    fill(line, "Recordings are still being read.", press("Show what was read since", reload));
  };
  for (const event of ["input", "click", "keydown"]) root.addEventListener?.(event, stop);
  cleanups.push(() => clearTimeout(timer));
  return line;
}
