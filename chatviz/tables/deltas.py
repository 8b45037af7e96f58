"""delta_table: one row for each delta."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final, assert_never

from chatviz.chat.deltas import (
    CitationDelta,
    Delta,
    EndDelta,
    ErrorDelta,
    FinishDelta,
    IdentityDelta,
    MediaDelta,
    NoteDelta,
    ReasoningDelta,
    RefusalDelta,
    RoleDelta,
    ServerCallDelta,
    ServerResultDelta,
    SignatureDelta,
    TextDelta,
    ToolCallDelta,
    UnknownDelta,
    UsageDelta,
)
from chatviz.runs.given_runs import Runs, runs_of
from chatviz.runs.run import StreamRun
from chatviz.tables.columns.columns import Column, TableColumns, columns_from_rows
from chatviz.tables.columns.kinds import with_columns

__all__ = ["delta_table"]

DELTA_KINDS: Final = (
    "identity",
    "role",
    "text",
    "reasoning",
    "signature",
    "refusal",
    "tool_call",
    "server_call",
    "server_result",
    "media",
    "citation",
    "finish",
    "usage",
    "end",
    "error",
    "note",
    "unknown",
)
DELTA_COLUMNS: Final = (
    Column("run", "Int64", "The run's number among those given, from 0."),
    Column("delta", "Int64", "The delta's number in the run, from 0."),
    Column("chunk", "Int64", "The chunk that brought it."),
    Column("choice", "Int64", "The choice that it belongs to; none where it concerns them all."),
    Column("kind", "category", "What it is.", DELTA_KINDS),
    Column(
        "text",
        "string",
        "What it says: the text, the fragment of arguments, the role, the finish reason, the "
        "error's message, the code of a note; of all else (usage, signatures, results of the "
        "provider's own tools, media, citations, what is unknown) its JSON text.",
    ),
    Column("call", "Int64", "The tool call that it belongs to, by its number in the run."),
    Column("fragment", "Int64", "Its number among the fragments of that call, from 0."),
    Column("index", "Int64", "The index of the tool call, as sent."),
    Column("id", "string", "The id, as sent, of the tool call or (an identity) of the answer."),
    Column("name", "string", "The name, as sent, of the tool or (an identity) of the model."),
    Column(
        "field",
        "string",
        "The field that reasoning, usage or something unknown came in; the type of media and of "
        "what the provider's own tools did; the kind of part that a signature belongs to.",
    ),
)


@with_columns(DELTA_COLUMNS)
def delta_table(runs: Runs) -> TableColumns:
    r"""Return everything that was sent, in its smallest pieces: one row for each delta.

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
    return columns_from_rows(DELTA_COLUMNS, rows)


def _rows(number: int, run: StreamRun) -> Iterator[tuple[object, ...]]:
    places = _CallPlaces(run)
    for position, (chunk, delta) in enumerate(run.deltas):
        call = places.find(delta) if isinstance(delta, ToolCallDelta) else (None, None)
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
            return "reasoning", delta.text, delta.sent_as or None
        case RefusalDelta():
            return "refusal", delta.text, None
        case ToolCallDelta():
            return "tool_call", None if delta.form == "absent" else delta.arguments, None
        case ServerCallDelta():
            return "server_call", delta.arguments, delta.type
        case _:
            return _tell_the_rest(delta)


def _tell_the_rest(
    delta: SignatureDelta
    | ServerResultDelta
    | MediaDelta
    | CitationDelta
    | FinishDelta
    | UsageDelta
    | EndDelta
    | ErrorDelta
    | NoteDelta
    | UnknownDelta,
) -> tuple[str, str | None, str | None]:
    match delta:
        case SignatureDelta():
            return "signature", delta.json, delta.of
        case ServerResultDelta() | MediaDelta():
            return _KINDS[type(delta)], delta.json, delta.type
        case CitationDelta():
            return "citation", delta.json, None
        case FinishDelta():
            return "finish", delta.reason, None
        case UsageDelta():
            return "usage", delta.usage.sent, delta.field
        case EndDelta():
            return "end", None, None
        case ErrorDelta():
            return "error", delta.error.message, None
        case NoteDelta():
            return "note", delta.code, delta.part or None
        case UnknownDelta():
            return "unknown", delta.json, delta.path
        case _:
            assert_never(delta)


_KINDS: Final = {ServerResultDelta: "server_result", MediaDelta: "media"}


def _names(delta: Delta) -> tuple[int | None, str | None, str | None]:
    """Return index, id and name."""
    match delta:
        case ToolCallDelta():
            return delta.index, delta.id, delta.name
        case ServerCallDelta():
            return None, delta.id or None, delta.name or None
        case ServerResultDelta():
            return None, delta.call_id or None, None
        case IdentityDelta():
            return None, delta.id or None, delta.model or None
        case _:
            return None, None, None


class _CallPlaces:
    """Finds the call and the fragment of each tool delta, as the assembler put them together."""

    def __init__(self, run: StreamRun) -> None:
        self._first_calls: dict[int, int] = {}
        self._positions = {state.number: iter(state.call_positions) for state in run.answer.choices}
        self._fragments: Counter[tuple[int, int]] = Counter()
        calls = 0
        for message in run.messages:
            self._first_calls[message.choice] = calls
            calls += len(message.tool_calls)

    def find(self, delta: ToolCallDelta) -> tuple[int, int | None]:
        """Return the call of the next tool delta, and its fragment; None where it brings none."""
        position = next(self._positions[delta.choice])
        call = self._first_calls[delta.choice] + position
        if delta.form == "absent":
            return call, None
        self._fragments[delta.choice, position] += 1
        return call, self._fragments[delta.choice, position] - 1
