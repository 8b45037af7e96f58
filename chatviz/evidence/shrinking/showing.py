"""How a shrunk recording shows itself: before and after, what is left, the texts in it."""

from __future__ import annotations

from chatviz.evidence.shrinking.shrunk import Shrunk
from chatviz.evidence.shrinking.writing import shown_bytes
from chatviz.views.drawing.html import Cell, Table
from chatviz.views.view import View

__all__ = ["show_shrunk"]


def show_shrunk(shrunk: Shrunk) -> View:
    """Show what is left of a recording, and how much there was."""
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
