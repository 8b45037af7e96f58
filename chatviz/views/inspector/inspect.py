"""inspect: a stream that is played like a film, with all that was true at each chunk."""

from __future__ import annotations

from typing import Final

from chatviz.views.given import Given, conversations_given
from chatviz.views.inspector.data import MAX_BYTES, mount_film
from chatviz.views.timeline.timeline import timeline
from chatviz.views.view import View

__all__ = ["INSPECTOR_PANES", "inspect"]

INSPECTOR_PANES: Final = (
    "header",
    "player",
    "timeline",
    "transcript",
    "raw",
    "calls",
    "usage",
    "findings",
)


def inspect(runs: Given, *, max_bytes: int = MAX_BYTES) -> View:
    """Show a stream as it came: play it, stop at a chunk, and see all that was true there.

    Where scripts run the view is interactive, without a kernel and without a network; elsewhere it
    is the picture and the table of ``timeline``.

    Parameters
    ----------
    runs : StreamRun | Conversation | Cassette | path | iterable of them
        A path to a recording, or the name of a sample, is read as ``cv.read_conversations`` does.
    max_bytes : int
        How much the data may weigh; it never weighs more than twice the streams' own bytes and the
        explanations of the findings. Raw bytes are left out first, and the view says so.

    Returns
    -------
    View
    """
    conversations = conversations_given(runs)
    still = timeline(conversations)
    return View(
        still.sentence.replace("Timeline", "Inspector", 1),
        still.svg,
        still.tables,
        still.findings,
        mount_film(conversations, *INSPECTOR_PANES, max_bytes=max_bytes),
    )
