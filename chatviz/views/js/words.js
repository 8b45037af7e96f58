// Words: how numbers and streamed text are written for a reader.

const HIDDEN = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

const escapeUnit = (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** Text in which controls, marks that turn it round and lone surrogates are to be seen. */
export const showText = (text) => (text.toWellFormed?.() ?? text).replace(HIDDEN, escapeUnit);

/** "1 chunk", "2,000 chunks" */
export const sayCount = (n, noun) => `${n.toLocaleString("en")} ${noun}${n === 1 ? "" : "s"}`;

/** Seconds to three digits. */
export const saySeconds = (s) => `${s.toFixed(s < 1 ? 3 : s < 100 ? 2 : 0)} s`;

/** A number with commas, text as it is, "?" for what is not known. */
export const sayValue = (value) => value?.toLocaleString("en") ?? "?";

/** What is put before the name of a part: nothing for the first choice. */
export const inChoice = (n) => (n ? `choice ${n}: ` : "");
