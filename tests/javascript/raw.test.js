// Raw chunks.

import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./load.js";

const { changedLines, eventData, jsonLines, rawOf } = await load("views/js/panes/raw.js");
const utf8 = (text) => new TextEncoder().encode(text);

test("the bytes of a chunk are cut from the body, which may be text, base64 or left out", () => {
  const run = { begins: [0, 2], ends: [2, 4] };
  assert.equal(rawOf({ ...run, raw: "aäb" }, 1), "\ufffdb");
  assert.equal(rawOf({ ...run, raw64: btoa("abcd") }, 1), "cd");
  assert.equal(rawOf(run, 0), null);
  assert.equal(rawOf({ ...run, raw: "abcd", size: 3 }, 1), null);
});

test("the data of an event is what stands behind data:", () => {
  assert.equal(eventData(utf8("data: {\ndata:  1}\r\nid: 7\n\n"), "sse"), "{\n 1}");
  assert.equal(eventData(utf8(' {"a": 1}\n'), "json"), '{"a": 1}');
  assert.equal(eventData(utf8(' {"a": 1}\n'), "json_lines"), '{"a": 1}');
});

test("the data of an element of an array is the element without what lies around it", () => {
  assert.equal(eventData(utf8('[{"a": [1]}\n,\r\n'), "json_array"), '{"a": [1]}');
  assert.equal(eventData(utf8('{"b": 2}\n]\n'), "json_array"), '{"b": 2}');
  assert.equal(eventData(utf8("[1,"), "json_array"), "");
});

test("the data of a frame is its payload", () => {
  const payload = utf8('{"a": "ä"}');
  const body = new Uint8Array(3 + 12 + 2 + payload.length + 4).fill(0x7d); // a brace everywhere
  const lengths = new DataView(body.buffer, 3);
  lengths.setUint32(0, body.length - 3);
  lengths.setUint32(4, 2);
  body.set(payload, 3 + 12 + 2);
  assert.equal(eventData(body.subarray(3), "aws_frames"), '{"a": "ä"}');
});

test("JSON is indented without a change to any literal", () => {
  const text = '{"a":{}, "b":[1.0,12345678901234567890,[ ],"x, {\\""],"b":null}';
  assert.deepEqual(jsonLines(text), [
    "{",
    '  "a": {},',
    '  "b": [',
    "    1.0,",
    "    12345678901234567890,",
    "    [ ],",
    '    "x, {\\""',
    "  ],",
    '  "b": null',
    "}",
  ]);
  assert.deepEqual(jsonLines("7"), ["7"]);
  assert.deepEqual(jsonLines("{oops"), []);
});

test("lines that the chunk before does not have are marked, but in the first chunk", () => {
  const lines = jsonLines('{"a":1,"b":2}');
  assert.deepEqual(changedLines(lines, jsonLines('{"a":1,"b":3}')), [false, false, true, false]);
  assert.deepEqual(changedLines(lines, jsonLines('{"b":2,"a":1}')), [false, false, false, false]);
  assert.deepEqual(changedLines(lines, []), [false, false, false, false]);
});
