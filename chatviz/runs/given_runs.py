"""What a table or a view was given, as runs or conversations; what is no run is named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from chatviz.given_values import holds_key, is_content, shown, wrong_type
from chatviz.runs.conversation import Conversation
from chatviz.runs.linking import link_runs
from chatviz.runs.run import StreamRun

__all__ = ["Runs", "conversations_of", "each_conversation", "runs_of"]

Runs: TypeAlias = StreamRun | Conversation | Iterable[StreamRun | Conversation]


def runs_of(runs: Runs) -> tuple[StreamRun, ...]:
    """Return the runs of whatever a table or view was given.

    Raises
    ------
    TypeError
        It is no run, conversation or iterable of them; for a path or a cassette the message
        names ``cv.read_runs``.
    """
    return tuple(
        run
        for item in _items(runs)
        for run in (item.runs if isinstance(item, Conversation) else (item,))
    )


def conversations_of(runs: Runs) -> tuple[Conversation, ...]:
    """Return the conversations of whatever a view was given; single runs are linked.

    Raises
    ------
    TypeError
        As for ``runs_of``.
    """
    found: list[Conversation] = []
    waiting: list[StreamRun] = []
    for item in _items(runs):
        if isinstance(item, Conversation):
            if waiting:
                found += link_runs(waiting)
                waiting = []
            found.append(item)
        else:
            waiting.append(item)
    return (*found, *link_runs(waiting))


def each_conversation(runs: Runs) -> Iterable[Conversation]:
    """Return the conversations of whatever a view was given, for whoever goes through them once.

    What reads them one after another (``reads_one_by_one``: those of a data set) is not listed;
    nor is an iterator of conversations.

    Raises
    ------
    TypeError
        As for ``runs_of``.
    """
    if getattr(runs, "reads_one_by_one", False):
        return runs  # type: ignore[return-value]  # it holds nothing else
    return _one_by_one(runs) if isinstance(runs, Iterator) else conversations_of(runs)


def _one_by_one(items: Iterator[StreamRun | Conversation]) -> Iterator[Conversation]:
    for item in items:
        if not isinstance(item, Conversation):  # single runs are linked, and so all are wanted
            yield from conversations_of([item, *items])
            return
        yield item


def _items(runs: Runs) -> list[StreamRun | Conversation]:
    if isinstance(runs, StreamRun | Conversation):
        return [runs]
    conversation = getattr(runs, "conversation", None)
    if isinstance(conversation, Conversation):
        return [conversation]
    found = type(runs).__name__
    if isinstance(runs, bytes | bytearray | memoryview):
        raise TypeError(f"wanted runs, found {found}: read them first, cv.read_stream(body).")
    if _is_path(runs):
        raise _refuse_path(runs)
    if hasattr(runs, "interactions"):
        raise TypeError(f"wanted runs, found a {found}: read it first, cv.read_runs(cassette).")
    if isinstance(runs, Mapping) or not isinstance(runs, Iterable):
        advice = "a dict is no list of runs: give its values" if isinstance(runs, Mapping) else ""
        raise wrong_type("a run, a Conversation or an iterable of them", runs, advice)
    items = list(runs)
    for item in items:
        if not isinstance(item, StreamRun | Conversation):
            if _is_path(item) or hasattr(item, "interactions"):
                _items(item)  # raises what it would say alone
            raise TypeError(f"wanted runs or Conversations, found {shown(item)} among them.")
    return items


def _is_path(given: object) -> bool:
    return isinstance(given, str) or hasattr(type(given), "__fspath__")


def _refuse_path(given: Any) -> TypeError:
    """Return the error for a path, or for the text of an answer, which no error repeats."""
    path = given if isinstance(given, str) else str(given.__fspath__())
    if is_content(path, longest=_LONGEST_SHOWN) or holds_key(path):
        return TypeError(
            f"wanted runs, found {len(path):,} characters of text: where it is the body of an "
            "answer, read it first, cv.read_stream(text.encode())."
        )
    return TypeError(
        f"wanted runs, found the path {path!r}: read it first, runs = cv.read_runs({path!r})."
    )


_LONGEST_SHOWN: Final = 200  # characters
