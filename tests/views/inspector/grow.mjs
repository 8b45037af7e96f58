// Compares answers that grew with those that were opened whole; a file that is named has the cases.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

const { openMarks } = await import("../../../chatviz/views/js/arguments.js");
const { openRun } = await import("../../../chatviz/views/js/film/film.js");
const { growRuns } = await import("../../../chatviz/views/js/film/growth.js");
const bytesOf = (text) => new Uint8Array(Buffer.from(text, "base64"));
const viewOf = (text) => {
  const bytes = bytesOf(text),
    odd = new Uint8Array(bytes.length + 3); // it may lie anywhere
  odd.set(bytes, 3);
  return new DataView(odd.buffer, 3);
};
const near = (a, b, what) =>
  a.forEach((value, n) =>
    assert.ok(Math.abs(value - b[n]) < 1e-4, `${what} ${n}: ${value} ${b[n]}`),
  );

for (const { name, opened, told } of JSON.parse(readFileSync(process.argv[2], "utf8"))) {
  const runs = [];
  for (const { columns, buffers } of told)
    growRuns(runs, [[{ index: 0, ...columns }, (n) => viewOf(buffers[n])]]);
  const grown = runs[0] ?? { count: 0, parts: [] },
    whole = openRun(opened);
  try {
    assert.equal(grown.count, whole.count);
    if (!whole.count && !told.length) continue;
    for (const key of [
      "begins",
      "ends",
      "comments",
      "unread",
      "finish",
      "errors",
      "findings",
      "provider",
      "model",
      "status",
      "ending",
      "sent",
      "error",
      "clock",
      "framing",
      "duration_s",
    ])
      assert.deepEqual(grown[key], whole[key], key);
    assert.deepEqual(grown.usage.at(-1), whole.usage.at(-1));
    assert.equal(Boolean(grown.times), Boolean(whole.times) || !whole.count, "times");
    if (whole.times) near(grown.times, whole.times, "time");
    assert.deepEqual([...grown.speaking], [...whole.speaking], "speaking");
    const body =
      opened.raw === undefined ? bytesOf(opened.raw64) : new TextEncoder().encode(opened.raw);
    assert.deepEqual(
      Buffer.from(grown.body?.subarray(0, grown.size) ?? []),
      Buffer.from(body),
      "body",
    );
    assert.deepEqual(
      grown.parts.map((part) => part.kind),
      whole.parts.map((part) => part.kind),
      "kinds",
    );
    for (const call of [...(grown.calls ?? []), ...whole.calls]) openMarks(call);
    grown.parts.forEach((part, n) => {
      const other = whole.parts[n],
        isCall = part.kind === "call";
      for (const key of [
        "choice",
        "chunks",
        "lengths",
        "ends",
        ...(part.kind === "signed" ? [] : ["text"]),
        ...(isCall
          ? [
              "position",
              "name",
              "id",
              "from",
              "runnable",
              "fault",
              "check",
              "starts",
              "stops",
              "parents",
              "steps",
              "kinds",
              "depths",
            ]
          : []),
      ])
        assert.deepEqual(part[key], other[key], `part ${n} ${key}`);
    });
  } catch (error) {
    error.message = `${name}: ${error.message}`;
    throw error;
  }
}
