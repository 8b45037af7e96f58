// What the timeline hears of: pointers and wheels on its canvas.

import { isWhole, moveView } from "../film/axis.js";
import { upTo } from "../numbers.js";

const MOVED = 4; // pixels from which on a press is a drag

/** The chunk that is nearest to a place on the canvas. */
function nearestChunk({ app, toValue }, x) {
  const value = toValue(x),
    places = app.axis.x,
    n = upTo(places, value);
  const isBefore = n > 0 && value - places[n - 1] < places[n] - value;
  return n === app.film.count || isBefore ? n - 1 : n;
}

/** Let pointers choose, pan and mark a range, and wheels zoom. */
export function watchPointers(timeline) {
  const { app, canvas } = timeline;
  const place = (event) => event.clientX - canvas.getBoundingClientRect().left;
  let drag = null;
  const acts = {
    pointerdown: (event) => {
      if (event.button || drag) return;
      canvas.setPointerCapture(event.pointerId);
      drag = { x: place(event), view: app.view, moved: false };
      drag.marks = event.shiftKey || isWhole(app.axis, app.view);
      drag.value = timeline.toValue(drag.x);
    },
    pointermove: (event) => movePointer(timeline, drag, place(event)),
    pointerup: () => {
      if (drag && !drag.moved) {
        app.brush = null;
        app.go(nearestChunk(timeline, drag.x));
      }
      drag = null;
    },
    pointercancel: () => (drag = null),
    pointerleave: () => {
      timeline.hover = null;
      timeline.explain();
    },
  };
  for (const name in acts) canvas.addEventListener(name, acts[name]);
  const turn = (event) => turnWheel(timeline, event, place(event));
  canvas.addEventListener("wheel", turn, { passive: false });
}

function movePointer(timeline, drag, x) {
  if (!drag) {
    timeline.hover = nearestChunk(timeline, x);
    return timeline.explain();
  }
  drag.moved ||= Math.abs(x - drag.x) > MOVED;
  if (!drag.moved) return;
  if (drag.marks) timeline.setBrush(drag.value, timeline.toValue(x));
  else timeline.look(moveView(timeline.app.axis, drag.view, (drag.x - x) / timeline.scale));
}

/** A wheel zooms with Ctrl or where the canvas is focused; else the page scrolls. */
function turnWheel(timeline, event, x) {
  const { app, canvas, scale } = timeline,
    { deltaX, deltaY, ctrlKey } = event;
  if (!ctrlKey && app.root.activeElement !== canvas) return;
  event.preventDefault();
  if (Math.abs(deltaX) > Math.abs(deltaY))
    timeline.look(moveView(app.axis, app.view, deltaX / scale));
  else timeline.zoom(Math.exp(deltaY * (ctrlKey ? 0.01 : 0.002)), timeline.toValue(x));
}
