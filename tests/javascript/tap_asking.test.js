// The packed batches of a tap: whole whatever their pieces are cut like.

import assert from "node:assert/strict";
import test from "node:test";

import { load } from "./load.js";

const { makeUnpacker } = await load("doors/js/tap_asking.js");

/** A batch as Python packs it: how many buffers, how long each is, and they. */
function pack(...texts) {
  const buffers = texts.map((text) => new TextEncoder().encode(text));
  const sizes = new Uint32Array([buffers.length, ...buffers.map(({ length }) => length)]);
  return Buffer.concat([new Uint8Array(sizes.buffer), ...buffers]);
}

for (const size of [1, 7, 1000])
  test(`batches come whole in pieces of ${size}`, () => {
    const bytes = Buffer.concat([pack("[1]", "ä", ""), pack(), pack("x".repeat(300))]);
    const taken = [];
    const keep = (buffers) => taken.push(buffers.map((one) => `${Buffer.from(one)}`));
    const unpack = makeUnpacker(keep);
    for (let at = 0; at < bytes.length; at += size) unpack(bytes.subarray(at, at + size));
    assert.deepEqual(taken, [["[1]", "ä", ""], [], ["x".repeat(300)]]);
  });

test("a batch that is not whole is waited for", () => {
  const taken = [];
  const unpack = makeUnpacker((buffers) => taken.push(buffers));
  unpack(pack("abc").subarray(0, -1));
  assert.deepEqual(taken, []);
});
