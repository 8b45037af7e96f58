// What the extension of JupyterLab does without a browser: lines, words, themes, kinds of files.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  DEFAULT_FOR,
  FILE_TYPES,
} from "../../chatviz/doors/jupyter_extension/lab/src/file_types.js";
import {
  progressOf,
  readLines,
  sizeText,
} from "../../chatviz/doors/jupyter_extension/lab/src/lines.js";
import { withTheme } from "../../chatviz/doors/jupyter_extension/lab/src/theme.js";

const TEXT = '{"doing":"file","size":3}\n{"page":"<p>größer, 大</p>"}\n';

/** A stream of the bytes of a text, so many at a time. */
function streamOf(text, size) {
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) controller.close();
      else controller.enqueue(bytes.slice(at, (at += size)));
    },
  });
}

async function read(text, size) {
  const lines = [];
  for await (const line of readLines(streamOf(text, size))) lines.push(line);
  return lines;
}

test("lines are the same wherever the bytes are cut", async () => {
  const wanted = [{ doing: "file", size: 3 }, { page: "<p>größer, 大</p>" }];
  for (const size of [1, 7, 1000]) assert.deepEqual(await read(TEXT, size), wanted);
});

test("a line that has not ended is none", async () => {
  assert.deepEqual(await read('{"doing":"page"}\n{"page":"<p', 5), [{ doing: "page" }]);
});

test("who has read enough leaves the stream", async () => {
  for await (const line of readLines(streamOf(TEXT, 1))) {
    assert.equal(line.doing, "file");
    break;
  }
});

test("sizes are said in units that fit", () => {
  const said = [0, 999, 1000, 94_000, 999_600, 1_500_000, 106_124_279, 5e9, 5e12].map(sizeText);
  assert.deepEqual(said, [
    "0 bytes", "999 bytes", "1 kB", "94 kB", "1.0 MB", "1.5 MB", "106 MB", "5.0 GB", "5000 GB",
  ]);
});

test("a bar is shown where it is known how much is done", () => {
  const told = { doing: "answers", done: 1500, total: 6000 };
  assert.deepEqual(progressOf(told, 9), {
    text: "Reading the answers: 1,500 of 6,000",
    part: 0.25,
  });
  assert.equal(progressOf({ doing: "answers", done: 0, total: 0 }, 9).part, null);
  assert.equal(progressOf({ doing: "recording" }, 2e6).text, "Reading the recording (2.0 MB)");
  assert.equal(progressOf({ doing: "file" }, null).text, "Reading the file");
  assert.equal(progressOf({ doing: "page" }, 9).part, null);
});

test("a theme's values go into the head of the page, once", () => {
  const values = [["--jp-layout-color1", "#111"]];
  const page = "<head></head><body>$& </head></body>";
  assert.equal(
    withTheme(page, { isDark: true, values }),
    "<head><style>:root{color-scheme:dark;--jp-layout-color1:#111}" +
      "body{background:var(--jp-layout-color1);color:var(--jp-ui-font-color1)}</style></head>" +
      "<body>$& </head></body>",
  );
});

test("YAML, JSON and lines of JSON keep their editor", () => {
  assert.deepEqual(DEFAULT_FOR, ["har", "sse"]);
  assert.deepEqual(FILE_TYPES, ["har", "sse", "jsonl", "json", "yaml"]);
});
