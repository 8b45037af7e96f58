"""How a shrunk recording shows itself: before and after, what is left, the texts in it."""

from __future__ import annotations

from typing import Any, Final

from chatviz.cassettes.formats.go_vcr import write
from chatviz.evidence.shrinking.shrunk import Shrunk
from chatviz.evidence.shrinking.writing import shown_bytes
from chatviz.views.drawing.html import Cell, Table
from chatviz.views.drawing.text import cut_text
from chatviz.views.page_module import Mount, pane_module
from chatviz.views.view import View

__all__ = ["SHRUNK_PANES", "show_shrunk"]

SHRUNK_PANES: Final = ("shrunk",)

MOST_TEXTS: Final = 100  # in a page
MOST_SHOWN: Final = 4_000  # characters of one text, and of the bytes
MOST_MADE: Final = 60_000  # characters of a test, an issue, a recording


def show_shrunk(shrunk: Shrunk) -> View:
    """Show what is left of a recording, and how much there was; where scripts run, with buttons."""
    return View(
        shrunk.sentence,
        tables=(
            Table("Before and after", ("what", "before", "after"), tuple(_sizes(shrunk))),
            Table("What is left", ("what", "bytes"), tuple(_left(shrunk))),
            Table(
                "Texts that are left: look at them before you post",
                ("text", "place"),
                tuple((one.text, one.place) for one in shrunk.texts),
            ),
        ),
        make_mount=lambda: Mount(pane_module(*SHRUNK_PANES), _data(shrunk)),
    )


def _sizes(shrunk: Shrunk) -> list[tuple[Cell, ...]]:
    before, after = shrunk.before, shrunk.after
    raised = [("errors of the predicate", None, shrunk.raised)] if shrunk.raised else []
    return [
        ("chunks", len(before.chunks), len(after.chunks)),
        ("bytes of the answer", len(before.body), len(after.body)),
        ("bytes of the request", len(before.head.body), len(after.head.body)),
        ("tries", None, shrunk.tries),
        ("minimal", None, "yes" if shrunk.is_minimal else f"no: stopped by {shrunk.stopped}"),
        *raised,
    ]


def _left(shrunk: Shrunk) -> list[tuple[Cell, ...]]:
    request = shrunk.after.head.body
    asked: list[tuple[Cell, ...]] = [("request", shown_bytes(request))] if request else []
    kinds = {"data": "chunk", "done": "end", "comment": "comment"}
    return asked + [
        (kinds.get(event.kind, event.kind), shown_bytes(event.raw)) for event in shrunk.after.events
    ]


def _data(shrunk: Shrunk) -> dict[str, Any]:
    texts = [(cut_text(one.text, MOST_SHOWN), one.place) for one in shrunk.texts[:MOST_TEXTS]]
    rest = len(shrunk.texts) - len(texts)
    return {
        "left_out": [f"Not shown of the texts that are left: {rest:,}; see shrunk.texts."]
        if rest
        else [],
        "sentence": shrunk.sentence,
        "sizes": _sizes(shrunk),
        "bytes": cut_text(shown_bytes(shrunk.after.body), MOST_SHOWN),
        "texts": texts,
        "made": [
            _made(
                "recording", write(shrunk.cassette).decode("utf-8", "replace"), "cv.save_cassette"
            ),
            _made("test", *_test_of(shrunk)),
            _made("issue", shrunk.as_issue(), "shrunk.as_issue()"),
        ],
    }


def _test_of(shrunk: Shrunk) -> tuple[str | None, str]:
    try:
        return shrunk.as_test(), "shrunk.as_test()"
    except ValueError as error:
        return None, str(error)


def _made(name: str, text: str | None, note: str) -> dict[str, str | None]:
    """Return what a button copies; None with a note where it cannot, or is too long for a page."""
    is_long = text is not None and len(text) > MOST_MADE
    told = f"too long for a page: {note}" if is_long else note if text is None else ""
    return {"name": name, "text": None if is_long else text, "note": told}
