// Asks the Jupyter server for the page of a recording.
import { ServerConnection } from "@jupyterlab/services";
import { readLines } from "./lines.js";

const NOT_THERE =
  "The part of chatviz that runs in the Jupyter server is not there. " +
  "In a terminal: jupyter server extension enable chatviz; then start Jupyter again.";
const CUT_OFF = "The Jupyter server stopped before the page was made. Is it still running?";

/**
 * Yield what the server says of a recording, in lines: see lines.js.
 *
 * What goes wrong is a line, too: { unreadable: why }.
 */
export async function* askForPage(path, settings, signal) {
  const url = new URL("chatviz/page", settings.baseUrl);
  url.searchParams.set("path", path);
  try {
    const asked = { headers: { Accept: "application/x-ndjson" }, signal };
    const answer = await ServerConnection.makeRequest(url.href, asked, settings);
    if (!answer.ok) {
      yield { unreadable: await reasonOf(answer) };
      return;
    }
    for await (const line of readLines(answer.body)) {
      yield line;
      if ("page" in line || "unreadable" in line) return;
    }
    yield { unreadable: CUT_OFF };
  } catch (error) {
    if (!signal.aborted) yield { unreadable: `${CUT_OFF} (${error.message})` };
  }
}

/** Why the server refused: its own words, if chatviz answered. */
async function reasonOf(answer) {
  const isOurs = answer.headers.get("content-type")?.startsWith("application/json");
  if (!isOurs) return answer.status === 404 ? NOT_THERE : `Jupyter answered ${answer.status}.`;
  const { message } = await answer.json();
  return message || `Jupyter answered ${answer.status}.`;
}
