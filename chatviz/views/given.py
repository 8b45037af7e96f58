"""What a view was given: runs and conversations as they are; paths and recordings are read first.

A view knows only runs. How a path or a recording becomes runs, the registry of sources knows.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

from chatviz.registry import SOURCES
from chatviz.runs.conversation import Conversation
from chatviz.runs.given_runs import conversations_of
from chatviz.runs.linking import link_runs
from chatviz.runs.run import StreamRun

__all__ = ["Given", "conversations_given"]


class _Recording(Protocol):
    """A cassette."""

    @property
    def interactions(self) -> Sequence[Any]: ...


_One: TypeAlias = StreamRun | Conversation | str | os.PathLike[str] | _Recording
Given: TypeAlias = _One | Iterable[_One]


def conversations_given(given: Given) -> tuple[Conversation, ...]:
    """Return the conversations of whatever a view was given.

    Parameters
    ----------
    given : run, Conversation, cassette, path, a sample's name, or an iterable of them
        Single runs are linked; what a file holds is linked by itself, as ``cv.read_conversations``
        does.

    Raises
    ------
    TypeError
        It is none of these; the message says what was wanted.
    CassetteError
        A file cannot be read; the message names it, the reason and what to do.
    """
    if (read := _read(given)) is not None:
        return read
    items: Any = given
    is_one = isinstance(given, StreamRun | Conversation | bytes | bytearray | memoryview | Mapping)
    if not is_one and not hasattr(given, "conversation") and isinstance(given, Iterable):
        items = [one for item in given for one in _expand(item)]
    return conversations_of(items)


def _expand(item: object) -> Iterable[object]:
    read = _read(item)
    return (item,) if read is None else read


def _read(given: object) -> tuple[Conversation, ...] | None:
    """Return what a path or a recording holds; None for anything else."""
    if isinstance(given, str | os.PathLike):
        return link_runs(SOURCES.load("path")(given))
    if hasattr(given, "interactions"):
        return link_runs(SOURCES.load("cassette")(given))
    return None
