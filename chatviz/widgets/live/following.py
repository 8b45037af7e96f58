"""FollowedFeed: an answer that somebody else has asked for, told to a browser while it comes."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Protocol

from chatviz.runs.reader import StreamReader
from chatviz.runs.run import StreamRun
from chatviz.views.inspector.growth import Buffers
from chatviz.widgets.live.entries import pack_entries
from chatviz.widgets.live.log import LiveLog
from chatviz.wire.exchange import RequestHead

__all__ = ["FollowedAnswer", "FollowedFeed"]

WAIT_FOR_FILE_S = 3.0


class FollowedAnswer(Protocol):
    """What is followed: it reads when it is told to."""

    @property
    def asked(self) -> RequestHead:
        """What was asked."""
        ...

    @property
    def reader(self) -> StreamReader | None:
        """What reads it, once its head has come."""
        ...

    @property
    def run(self) -> StreamRun | None:
        """What it turned out to be, once it is kept."""
        ...

    @property
    def has_ended(self) -> bool:
        """Whether nothing more comes."""
        ...

    @property
    def is_kept(self) -> bool:
        """Whether it is in a file."""
        ...

    def read(self) -> bool:
        """Read what has come since; say whether anything has."""
        ...


class FollowedFeed:
    """Gives what is new of an answer, in batches.

    Parameters
    ----------
    answer : FollowedAnswer
    name : str
        What it is called.
    clock : callable
        Seconds that never go back.

    Attributes
    ----------
    is_over : bool
        Whether all of it was given.
    """

    def __init__(
        self, answer: FollowedAnswer, name: str, clock: Callable[[], float] = monotonic
    ) -> None:
        self.is_over = False
        self._answer = answer
        self._log = LiveLog(clock)
        self._clock = clock
        self._ended_s: float | None = None
        asked = (
            answer.run.chat_request if answer.run else StreamReader(answer.asked).run.chat_request
        )
        self._log.follow(asked.messages, name)

    def take(self) -> Buffers | None:
        """Return what is new, packed as for a live view; None where nothing is, or not yet due."""
        answer, log = self._answer, self._log
        has_ended = answer.has_ended
        if answer.read() and answer.reader is not None:
            log.take(answer.reader)
        if has_ended:
            self._end()
        elif log.due_in_s > 0:
            return None
        _, entries = log.make_batch()
        return pack_entries(entries) if entries else None

    def _end(self) -> None:
        """Tell the end by what is kept; a while is waited for that."""
        if self._ended_s is None:
            self._ended_s = self._clock()
        answer = self._answer
        if not answer.is_kept and self._clock() < self._ended_s + WAIT_FOR_FILE_S:
            return
        run, reader = answer.run, answer.reader
        if reader is not None and (run is None or len(run.body) != reader.growing.wire.size):
            run = reader.close()
        if run is not None:
            self._log.take(run)
        self._log.tell_state("idle")
        self.is_over = True
