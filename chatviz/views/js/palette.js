// The palette: which colour a thing has; the colours themselves are in the style beside it.

const NAMES = ["ground", "ink", "muted", "line", "soft", "grey", "accent"];
const OF_PARTS = ["text", "reasoning", "refusal", "call0", "call1", "call2", "call3"];

/** The name of a call's colour: one of four, in turn. */
export const callColour = (position) => `call${position % 4}`;

/** The class that gives an element the colour of a call. */
export const callClass = (position) => `c${position % 4}`;

/** The colours as a canvas takes them, and the font; parts without one of their own are grey. */
export function readColours(node) {
  const style = getComputedStyle(node);
  const colours = { font: style.fontFamily };
  for (const name of [...NAMES, ...OF_PARTS])
    colours[name] = style.getPropertyValue(`--${name}`).trim();
  return { ...colours, signed: colours.reasoning, citation: colours.text };
}
