// The talk: what a live view has heard, batch by batch; nothing is taken twice or passed over.

import { sayCount } from "../../views/js/words.js";

/** What is known before anything was heard. */
export const emptyTalk = () => ({
  have: 0,
  state: "idle",
  words: "",
  answers: 0,
  chunks: 0,
  bytes: 0,
  chunksBefore: 0,
  bytesBefore: 0,
  tokens: null,
  cost: null,
  rows: [],
  findings: null,
  explained: {},
});

/** Take the entries that are new; false where some before them are missing. */
export function takeBatch(talk, first, buffers) {
  if (first > talk.have) return false;
  const entries = JSON.parse(new TextDecoder().decode(buffers[0]));
  for (const [kind, at, ...values] of entries.slice(talk.have - first))
    TAKE[kind]?.(talk, (n) => buffers[at + n], ...values);
  talk.have = Math.max(talk.have, first + entries.length);
  return true;
}

const TAKE = {
  state: (talk, _, state, words) => Object.assign(talk, { state, words }),
  run: (talk, bufferOf, columns) => talk.rows.push([columns, bufferOf]),
  findings: (talk, _, rows) => (talk.findings = rows),
  explain: (talk, _, texts) => Object.assign(talk.explained, texts),
  count: (talk, _, chunks, bytes) => Object.assign(talk, { chunks, bytes }),
  sums: (talk, _, answers, tokens, cost) => Object.assign(talk, { answers, tokens, cost }),
  ask(talk) {
    talk.chunksBefore += talk.chunks;
    talk.bytesBefore += talk.bytes;
    talk.chunks = talk.bytes = 0;
  },
};

/** The sums in words: what is not known is left out. */
export function saySums(talk) {
  const chunks = talk.chunksBefore + talk.chunks,
    bytes = talk.bytesBefore + talk.bytes;
  const { answers, tokens, cost } = talk;
  const sums = [sayCount(answers, "answer"), sayCount(chunks, "chunk"), sayCount(bytes, "byte")];
  if (tokens !== null) sums.push(sayCount(tokens, "token"));
  if (cost !== null) sums.push(`${cost} USD`);
  return sums.join(" · ");
}

/** The message that Run sends. */
export function runMessage(prompt, system, model, maxTokens) {
  const limit = Number.parseInt(maxTokens, 10);
  return { kind: "run", prompt, system, model, max_tokens: limit > 0 ? limit : null };
}
