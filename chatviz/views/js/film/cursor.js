// The cursor: which chunk of the film is looked at. Panes follow it; a widget tells Python.

import { locate, openFilm } from "./film.js";
import { clamp } from "../numbers.js";

/** Give an app its film and its cursor, once: each pane that needs them asks for them. */
export function followFilm(app) {
  if (app.film) return app;
  const { model } = app;
  const film = openFilm(app.data);
  Object.assign(app, { film, at: film.count - 1, isPlaying: false });
  app.here = () => locate(film, app.at);
  app.go = (at, isPlaying = false) => {
    app.at = clamp(at, 0, film.count - 1);
    if (!isPlaying) app.made.player?.seek();
    app.update();
    if (!isPlaying) app.tell();
  };
  app.tell = () => {
    const { index, chunk } = app.here();
    model.send?.({ kind: "select", run: index, chunk });
  };
  const select = (message) => {
    const run = message?.kind === "select" && film.runs[message.run];
    if (run) app.go(run.first + clamp(message.chunk ?? 0, 0, run.count - 1));
  };
  model.on?.("msg:custom", select);
  app.cleanups.push(() => model.off?.("msg:custom", select));
  return app;
}
