// The icon of a recording: chunks on a line.
import { LabIcon } from "@jupyterlab/ui-components";

export const recordingIcon = new LabIcon({
  name: "chatviz:recording",
  svgstr:
    '<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16" viewBox="0 0 16 16">' +
    '<g class="jp-icon3" fill="#616161"><path d="M1 13h14v1.5H1z"/>' +
    '<path d="M2 8h2v4H2zM5.5 3h2v9h-2zM9 6h2v6H9zM12.5 9.5h2V12h-2z"/></g></svg>',
});
