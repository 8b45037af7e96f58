// Tool bars: the tools that a live conversation runs, drawn on the timeline between two answers.

import { toolsEnd } from "../../views/js/film/film.js";
import { callColour } from "../../views/js/palette.js";
import { LANE, STRIP } from "../../views/js/timeline/drawing.js";
import { laneOf } from "../../views/js/timeline/lanes.js";
import { saySeconds } from "../../views/js/words.js";

/** Draw when each tool of an answer ran, between two places on the canvas. */
export function drawTools(drawing, run, from, to) {
  const { app, colours, lanes, scale } = drawing;
  const unit = app.axis.mode === "time" ? scale : (to - from) / (toolsEnd(run) || 1);
  for (const [position, name, , start, took] of run.tools) {
    const lane = lanes.findIndex(({ key }) => key === laneOf(position));
    const x = from + start * unit,
      top = STRIP + Math.max(0, lane) * LANE;
    const isOver = took !== null,
      wide = isOver ? Math.max(3, took * unit) : to - x;
    drawing.drawBox(colours[callColour(position)], x, top + 4, wide, isOver ? LANE - 8 : 3);
    if (wide <= 60 || !isOver) continue;
    const words = `${name} ${saySeconds(took)}`;
    drawing.write(words, x + 4, top + LANE / 2, wide - 8, colours.ground, "left");
  }
}
