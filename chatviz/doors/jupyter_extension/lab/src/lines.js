// The answer of the server, in lines of JSON: what is done next, and at last the page.

/** Yield the lines of a stream of bytes, each as the value that it holds. */
export async function* readLines(stream) {
  const decoder = new TextDecoder();
  const reader = stream.getReader();
  let parts = []; // of a line that has not ended; a page is one long line
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return; // what is behind the last line break was cut off
      const pieces = decoder.decode(value, { stream: true }).split("\n");
      for (const piece of pieces.slice(0, -1)) {
        yield JSON.parse(parts.join("") + piece);
        parts = [];
      }
      parts.push(pieces[pieces.length - 1]);
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** A size as people say it: "106 MB". */
export function sizeText(bytes) {
  const units = ["bytes", "kB", "MB", "GB"];
  let power = 0;
  while (bytes >= 999.5 && power < units.length - 1) {
    bytes /= 1000;
    power += 1;
  }
  return `${power > 1 && bytes < 10 ? bytes.toFixed(1) : Math.round(bytes)} ${units[power]}`;
}

/** What is being done, in words, and how much of it is done, from 0 to 1: null if not known. */
export function progressOf(line, size) {
  const big = size ? ` (${sizeText(size)})` : "";
  switch (line.doing) {
    case "file":
      return { text: `Reading the file${big}`, part: null };
    case "recording":
      return { text: `Reading the recording${big}`, part: null };
    case "answers":
      return {
        text: `Reading the answers: ${line.done.toLocaleString("en")} of ` +
          line.total.toLocaleString("en"),
        part: line.total ? line.done / line.total : null,
      };
    default:
      return { text: "Drawing the page", part: null };
  }
}
