// Panes inside of another view: they have a model of their own.

import { renderPanes } from "./frame.js";

/** Mount panes in an element, with a style; `hear` takes what they send. */
export function mountPanes(css, panes, el, hear) {
  const acts = {},
    traits = { css };
  const on = (event, act) => (acts[event] ??= new Set()).add(act),
    off = (event, act) => acts[event]?.delete(act);
  const say = (event, ...told) => acts[event]?.forEach((act) => act(...told));
  const model = { get: (trait) => traits[trait], send: hear, on, off };
  let stop = null;
  return {
    show: (data) => {
      traits.data = data;
      if (stop) say("change:data");
      else stop = renderPanes({ model, el }, panes);
    },
    tell: (message) => say("msg:custom", message),
    stop: () => {
      stop?.();
      stop = null;
    },
  };
}
