"""Verdicts: what became of each argument path of a call, in rows for pictures and tables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chatviz.chat.messages import ToolCall
from chatviz.views.drawing.html import Cell, Table

__all__ = ["PathRow", "is_object", "path_rows", "path_table"]

MAX_VALUE = 300  # characters that are kept of a value


@dataclass(frozen=True, slots=True)
class PathRow:
    """One argument path, from its first fragment to its last.

    Attributes
    ----------
    path, kind : str
    first, last : int | None
        Fragments; None for a path that is missing.
    first_chunk, last_chunk : int | None
    value : str
        Its JSON text as it was sent, cut where it is long.
    verdict : str
        What the schema says: ``"right"``, ``"not described"``, ``"wrong type"``, … ``"missing"``;
        ``"no schema"``; or what became of it: ``"unfinished"``, ``"replaced"`` by a later key of
        the same name.
    message : str
        What is wrong.
    """

    path: str
    kind: str
    first: int | None
    last: int | None
    first_chunk: int | None
    last_chunk: int | None
    value: str
    verdict: str
    message: str = ""

    @property
    def is_wrong(self) -> bool:
        """Whether the schema, or the end of the stream, broke it."""
        return self.verdict not in ("right", "not described", "no schema", "replaced")


def is_object(call: ToolCall) -> bool:
    """Whether the arguments are a JSON object, nothing at all, or a text that is to be none.

    No object is made to tell.
    """
    if call.is_free_text or not call.arguments.strip():
        return True
    return call.growth.is_valid and call.growth.paths[0].kind == "object"


def path_rows(call: ToolCall, *, limit: int) -> tuple[list[PathRow], int]:
    """Return the rows of a call, wrong ones first where not all are wanted, and how many it has."""
    verdicts = _verdicts(call)
    known = {index: row for index, row in verdicts if index is not None}
    missing = [
        PathRow(path, "", None, None, None, None, "", verdict, message)
        for index, (path, verdict, message) in verdicts
        if index is None
    ]
    count = len(call.growth.marks)
    wanted = range(count)
    if count > limit:
        right = ("right", "not described")
        wrong = [index for index, row in known.items() if row[1] not in right][:limit]
        wanted = sorted({*wrong, *range(limit - len(wrong))})  # type: ignore[assignment]
    rows = [_row(call, index, known.get(index)) for index in wanted]
    return [*rows, *missing[:limit]], count + len(missing)


def path_table(calls: Iterable[tuple[str, ToolCall]]) -> Table:
    """Return the argument paths of calls as a table, each call under its title."""
    columns = ("call", "path", "value", "verdict", "first fragment", "last fragment",
               "first chunk", "last chunk")  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for title, call in calls:
        shown, count = path_rows(call, limit=200)
        for row in shown:
            verdict = f"{row.verdict}: {row.message}" if row.message else row.verdict
            rows.append(
                (title, row.path, row.value, verdict, row.first, row.last,
                 row.first_chunk, row.last_chunk)
            )  # fmt: skip
        if count > len(shown):
            rows.append((title, f"… ({count - len(shown):,} more paths)", *[None] * 6))
    return Table("The argument paths", columns, tuple(rows))


def _verdicts(call: ToolCall) -> list[tuple[int | None, tuple[str, str, str]]]:
    check = call.check
    if check is None:
        return []
    return [(row.index, (row.path, row.verdict, row.message)) for row in check.verdicts]


def _row(call: ToolCall, index: int, known: tuple[str, str, str] | None) -> PathRow:
    growth = call.growth
    path = growth.paths[index]
    value = growth.text[path.start : path.end]
    if len(value) > MAX_VALUE:
        value = f"{value[:MAX_VALUE]}… ({len(value) - MAX_VALUE:,} more characters)"
    _, verdict, message = known or ("", _without_verdict(call), "")
    if not path.is_complete and verdict in ("right", "not described", "no schema"):
        verdict = "unfinished"
    streamed = path.first_chunk >= 0
    return PathRow(
        path.path,
        path.kind,
        path.first_fragment,
        path.last_fragment,
        path.first_chunk if streamed else None,
        path.last_chunk if streamed else None,
        value,
        verdict,
        message,
    )


def _without_verdict(call: ToolCall) -> str:
    """Return why a path has no verdict."""
    if call.check is None:
        return "no schema"
    return "not checked" if call.check.fault else "replaced"
