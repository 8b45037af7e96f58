"""How many searches of the web an answer is charged for, and which other tools ran."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from chatviz.chat.messages import ServerToolCall, ServerToolResult
from chatviz.runs.run import StreamRun

__all__ = ["ServerWork", "count_server_work"]


class ServerWork(NamedTuple):
    """What the provider's own tools did that may be charged.

    Attributes
    ----------
    searches : int
        Searches of the web: as the provider counted them, else the calls that searched.
    others : int
        Calls of other tools.
    is_from_calls : bool
        Whether there are searches that had to be counted from the calls.
    """

    searches: int
    others: int
    is_from_calls: bool


def count_server_work(run: StreamRun) -> ServerWork:
    """Return what the provider's own tools did; calls that are free are left out."""
    calls = list(_charged_calls(run))
    found = sum(map(_is_search, calls))
    counted = None if run.usage is None else run.usage.charges.searches
    searches = found if counted is None else max(counted, 0)
    return ServerWork(searches, len(calls) - found, counted is None and found > 0)


def _charged_calls(run: StreamRun) -> Iterator[ServerToolCall]:
    is_free = run.spoken.manners.is_free_call
    for message in run.messages:
        results = [part for part in message.parts if isinstance(part, ServerToolResult)]
        for call in message.server_tool_calls:
            if not is_free(call, [one for one in results if call.id and one.call_id == call.id]):
                yield call


def _is_search(call: ServerToolCall) -> bool:
    return "web_search" in call.name
