"""Shrunk: what is left of a recording, and what can be made of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from chatviz.cassettes.cassette import Cassette
from chatviz.evidence.reductions.trees import texts_in
from chatviz.evidence.shrinking.candidate import Candidate
from chatviz.evidence.shrinking.failing import Failing
from chatviz.evidence.shrinking.writing import write_issue, write_test
from chatviz.runs.run import StreamRun
from chatviz.shown import Shown

__all__ = ["LeftText", "Shrunk", "texts_left"]

MOST_UNLISTED: Final = 3  # characters: a shorter text says nothing about anybody


class LeftText(NamedTuple):
    """A text that is left: where it is (``"chunk 0: choices[0].delta.role"``), and the text."""

    place: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shrunk(Shown):
    """The smallest recording that was found for which something is still true.

    It shows itself: before and after, what is left, the texts in it, and buttons that copy the
    test and the issue.

    Attributes
    ----------
    cassette : Cassette
        What is left, without secrets: one interaction. ``cv.save_cassette`` writes it.
    before, after : StreamRun
        The answer that was given, and what is left of it.
    interaction : int | None
        Which interaction of the given recording it was.
    failing : Failing
        What is true of both.
    tries : int
        How many candidates were run.
    raised : int
        For how many of them the predicate raised an error, which counted as not failing.
    seconds : float
        How long it took.
    is_minimal : bool
        Whether nothing is left that can go alone: no chunk, field, element or character.
    stopped : str
        Why it is not: ``"max_tries"`` or ``"max_s"``; ``""`` where it is.
    expected, got : str
        What should come of what is left, and what came, in words.
    texts : tuple of LeftText
        The strings of more than 3 characters that are left, to be looked at before it is posted.
    """

    cassette: Cassette = field(repr=False)
    before: StreamRun = field(repr=False)
    after: StreamRun = field(repr=False)
    interaction: int | None
    failing: Failing = field(repr=False)
    tries: int
    raised: int
    seconds: float = field(repr=False, compare=False)
    is_minimal: bool
    stopped: str = ""
    expected: str = field(repr=False)
    got: str = field(repr=False)
    texts: tuple[LeftText, ...] = field(repr=False)

    @property
    def sentence(self) -> str:
        """Before and after in one sentence."""
        left = "" if self.is_minimal else f"; stopped by {self.stopped}, so it may not be minimal"
        counts = [
            f"{len(run.chunks):,} {'chunk' if len(run.chunks) == 1 else 'chunks'} "
            f"({len(run.body):,} bytes)"
            for run in (self.before, self.after)
        ]
        return f"{self.failing.name}: {counts[0]} became {counts[1]} in {self.tries:,} tries{left}."

    def as_test(self) -> str:
        """Return a pytest file with the bytes inside, which fails until it is mended.

        It needs the SDK alone where the failure is an SDK's; where it is a finding's it needs
        chatviz, and passes as long as the finding is there.

        Raises
        ------
        ValueError
            The failure is a function without a source of its own, such as a lambda.
        """
        return write_test(self.cassette, self.failing, self.after)

    def as_issue(self) -> str:
        """Return an issue in Markdown: versions, bytes, what was expected, what came, the test."""
        told = (self.expected, self.got)
        return write_issue(self.cassette, self.failing, self.after, *told)


def texts_left(candidate: Candidate) -> tuple[LeftText, ...]:
    """Return the strings of more than 3 characters that are left in a recording."""
    return tuple(one for one in _texts(candidate) if len(one.text) > MOST_UNLISTED)


def _texts(candidate: Candidate) -> Iterator[LeftText]:
    request, number = candidate.request, -1
    if request.url:
        yield LeftText("request: URL", request.url)
    for where, headers in (("request", request.headers), ("response", candidate.head.headers)):
        for name, values in headers.items():
            yield from (LeftText(f"{where}: header {name}", value) for value in values)
    asked = candidate.request_json
    if asked is not None:
        yield from (LeftText(f"request: {_say(path)}", text) for path, text in texts_in(asked))
    elif request.body:
        yield LeftText("request: body", request.body.decode("utf-8", "replace"))
    for event in candidate.parts.events:
        number += event.kind == "data"
        place = f"chunk {max(number, 0)}"
        yield from (LeftText(place, line.decode("utf-8", "replace")) for line in event.lines)
        value = event.json
        if value is not None:
            yield from (LeftText(f"{place}: {_say(path)}", text) for path, text in texts_in(value))
        elif event.kind not in ("between", "done"):
            yield LeftText(f"{place}: bytes", event.raw.decode("utf-8", "replace"))


def _say(path: tuple[str | int, ...]) -> str:
    said = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)
    return said.removeprefix(".") or "(whole)"
