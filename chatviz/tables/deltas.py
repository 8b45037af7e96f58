"""delta_table: one row for each delta."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final, assert_never

import pandas as pd

from chatviz.chat.assembly.call_slots import CallSlots
from chatviz.chat.deltas import (
    Delta,
    ErrorDelta,
    FinishDelta,
    IdentityDelta,
    ReasoningDelta,
    ReasoningDetailDelta,
    RefusalDelta,
    RoleDelta,
    TextDelta,
    ToolCallDelta,
    UnknownDelta,
    UsageDelta,
)
from chatviz.chat.findings.log import FindingLog
from chatviz.runs.given_runs import Runs, runs_of
from chatviz.runs.run import StreamRun
from chatviz.tables.columns import Column, build_frame_from_rows, with_columns

__all__ = ["delta_table"]

DELTA_KINDS: Final = (
    "identity",
    "role",
    "text",
    "reasoning",
    "reasoning_detail",
    "refusal",
    "tool_call",
    "finish",
    "usage",
    "error",
    "unknown",
)
DELTA_COLUMNS: Final = (
    Column("run", "Int64", "The run's number among those given, from 0."),
    Column("delta", "Int64", "The delta's number in the run, from 0."),
    Column("chunk", "Int64", "The chunk that said it."),
    Column("choice", "Int64", "The choice that it belongs to; none where it concerns them all."),
    Column("kind", "category", "What it is.", DELTA_KINDS),
    Column(
        "text",
        "string",
        "What it says: the text, the fragment of arguments, the role, the finish reason, the "
        "error's message; of usage, of a reasoning detail and of what is unknown its JSON text.",
    ),
    Column("call", "Int64", "The tool call that it belongs to, by its number in the run."),
    Column("fragment", "Int64", "Its number among the fragments of that call, from 0."),
    Column("index", "Int64", "The index of the tool call, as sent."),
    Column("id", "string", "The id, as sent, of the tool call or (an identity) of the answer."),
    Column("name", "string", "The name, as sent, of the tool or (an identity) of the model."),
    Column("field", "string", "Where reasoning, usage or something unknown stood in the chunk."),
)


@with_columns(DELTA_COLUMNS)
def delta_table(runs: Runs) -> pd.DataFrame:
    r"""Return all that was said, in its smallest pieces: one row for each delta.

    Parameters
    ----------
    runs : StreamRun, Conversation, or an iterable of them

    Returns
    -------
    DataFrame
        The deltas in the order of the stream. What only repeats (a role or an identity with each
        chunk) has no row. An ``id`` that was sent as null is ``""``, one that was not sent is
        ``<NA>``. A lone half of a character is shown as its escape, ``\udc00``.

    Raises
    ------
    TypeError
        It is none of these; for a path the message names ``cv.read_runs``.

    Examples
    --------
    >>> run = cv.read_runs(cv.sample("openrouter_kimi-k2_fireworks"))[0]
    >>> calls = cv.delta_table(run).query("kind == 'tool_call'")
    >>> calls[["chunk", "call", "fragment", "text"]].head(4)
        chunk  call  fragment  text
    15     14     0      <NA>  <NA>
    16     15     0         0    {"
    17     16     0         1     a
    18     17     0         2    ":
    """
    rows = (row for number, run in enumerate(runs_of(runs)) for row in _rows(number, run))
    return build_frame_from_rows(DELTA_COLUMNS, rows)


def _rows(number: int, run: StreamRun) -> Iterator[tuple[object, ...]]:
    places = _CallPlaces(run)
    for position, (chunk, delta) in enumerate(run.deltas):
        call = places.find(delta, chunk) if isinstance(delta, ToolCallDelta) else (None, None)
        choice = getattr(delta, "choice", None)
        kind, text, field = _tell(delta)
        yield (number, position, chunk, choice, kind, text, *call, *_names(delta), field)


def _tell(delta: Delta) -> tuple[str, str | None, str | None]:
    """Return the kind of a delta, what it says, and where it stood."""
    match delta:
        case IdentityDelta():
            return "identity", None, None
        case RoleDelta():
            return "role", delta.role, None
        case TextDelta():
            return "text", delta.text, None
        case ReasoningDelta():
            return "reasoning", delta.text, delta.field
        case ReasoningDetailDelta():
            return "reasoning_detail", delta.json, "reasoning_details"
        case RefusalDelta():
            return "refusal", delta.text, None
        case ToolCallDelta():
            return "tool_call", None if delta.form == "absent" else delta.arguments, None
        case _:
            return _tell_the_rest(delta)


def _tell_the_rest(
    delta: FinishDelta | UsageDelta | ErrorDelta | UnknownDelta,
) -> tuple[str, str | None, str | None]:
    match delta:
        case FinishDelta():
            return "finish", delta.reason, None
        case UsageDelta():
            return "usage", delta.usage.sent, delta.field
        case ErrorDelta():
            return "error", delta.error.message, None
        case UnknownDelta():
            return "unknown", delta.json, delta.path
        case _:
            assert_never(delta)


def _names(delta: Delta) -> tuple[int | None, str | None, str | None]:
    """Return index, id and name."""
    match delta:
        case ToolCallDelta():
            return delta.index, delta.id, delta.name
        case IdentityDelta():
            return None, delta.id or None, delta.model or None
        case _:
            return None, None, None


class _CallPlaces:
    """Finds the call and the fragment of each tool delta, by the rule that put them together."""

    def __init__(self, run: StreamRun) -> None:
        self._first_calls: dict[int, int] = {}
        calls = 0
        for message in run.messages:
            self._first_calls[message.choice] = calls
            calls += len(message.tool_calls)
        self._slots: defaultdict[int, _Slots] = defaultdict(_Slots)

    def find(self, delta: ToolCallDelta, chunk: int) -> tuple[int, int | None]:
        call, fragment = self._slots[delta.choice].find(delta, chunk)
        return self._first_calls[delta.choice] + call, fragment


class _Slots(CallSlots):
    def __init__(self) -> None:
        super().__init__(FindingLog())

    def find(self, delta: ToolCallDelta, chunk: int) -> tuple[int, int | None]:
        self.add(delta, chunk, finished_by="", streamed=True)
        slot = self._written
        assert slot is not None, "a delta is always written to a slot"
        return slot.position, None if delta.form == "absent" else len(slot.texts) - 1
