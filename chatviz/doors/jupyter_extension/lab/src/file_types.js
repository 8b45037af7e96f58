// Which files chatviz opens, and which of them a double-click gives to it.

/** Types that JupyterLab does not know by itself. */
export const NEW_TYPES = [
  {
    name: "har",
    displayName: "HTTP Archive",
    extensions: [".har"],
    mimeTypes: ["application/har+json"],
  },
  {
    name: "sse",
    displayName: "Server-Sent Events",
    extensions: [".sse"],
    mimeTypes: ["text/event-stream"],
  },
];

/** What a double-click opens here: nothing else in JupyterLab reads these. */
export const DEFAULT_FOR = NEW_TYPES.map((type) => type.name);

/** What "Open With" offers it for, besides; .ndjson files are JupyterLab's "jsonl". */
export const FILE_TYPES = [...DEFAULT_FOR, "jsonl", "json", "yaml"];
