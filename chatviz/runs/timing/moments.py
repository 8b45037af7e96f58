"""Moments: the chunks at which an answer begins to say something, can be used, and ends."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, NamedTuple

from chatviz.chat.deltas import Delta, ReasoningDelta, RefusalDelta, TextDelta, ToolCallDelta
from chatviz.runs.choices import tool_calls_of

if TYPE_CHECKING:
    from chatviz.chat.tool_call import ToolCall
    from chatviz.runs.run import StreamRun

__all__ = ["Moments", "find_moments"]

_VISIBLE: Final = (TextDelta, RefusalDelta, ToolCallDelta)
_TOKENS: Final = (*_VISIBLE, ReasoningDelta)


class Moments(NamedTuple):
    """The number of a chunk for each moment; None for one that never came.

    Attributes
    ----------
    first_token, last_token : int | None
        The first and the last chunk with text, reasoning, a refusal or a tool call.
    first_visible_token : int | None
        The first with anything of these but reasoning.
    first_tool_fragment : int | None
        The first with a piece of the arguments of a call that is not empty.
    first_runnable_call : int | None
        The first after which the arguments of a call are complete and of use.
    """

    first_token: int | None
    first_visible_token: int | None
    first_tool_fragment: int | None
    first_runnable_call: int | None
    last_token: int | None


def find_moments(run: StreamRun) -> Moments:
    """Return the moments of a run, whatever clock it has."""
    said = run.deltas
    calls = [call for call in tool_calls_of(run) if call.fragments]
    begun = (_first_filled(call) for call in calls)
    runnable = [
        call.growth.chunks[after]
        for call in calls
        if call.parsed is not None and (after := call.growth.runnable_after) is not None
    ]
    backward = zip(reversed(said.chunks), reversed(said.values), strict=True)
    return Moments(
        _first(zip(said.chunks, said.values, strict=True), _TOKENS),
        _first(zip(said.chunks, said.values, strict=True), _VISIBLE),
        min((chunk for chunk in begun if chunk is not None), default=None),
        min(runnable, default=None),
        _first(backward, _TOKENS),
    )


def _first_filled(call: ToolCall) -> int | None:
    """Return the chunk of a call's first piece that is not empty."""
    return next((fragment.chunk for fragment in call.fragments if fragment.text), None)


def _first(said: Iterable[tuple[int, Delta]], kinds: tuple[type, ...]) -> int | None:
    return next((chunk for chunk, delta in said if isinstance(delta, kinds)), None)
