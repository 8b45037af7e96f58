"""AnswerIdentity: who answers, as far as it was sent, and when the provider's clock moved."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import chain
from math import nan
from operator import ne
from typing import Final

from chatviz.chat.deltas import IdentityDelta
from chatviz.chat.findings.log import FindingLog, shorten

__all__ = ["AnswerIdentity"]

MAX_CREATED: Final = 1e11  # seconds since 1970: what is more counts something else
_UNKNOWN: Final = IdentityDelta()


class AnswerIdentity:
    """The last that is not empty, each field by itself.

    Attributes
    ----------
    known : IdentityDelta
        All that was sent so far.
    last : IdentityDelta | None
        What was sent last: the same value again is nothing new.
    clock_chunks, clock_times : array
        The chunks at which the provider's clock moved, and what it then said, in seconds; NaN
        where a chunk comes without a stamp.
    is_clock_whole : bool
        Whether each chunk since the first stamp has one.
    """

    def __init__(self) -> None:
        self.known = _UNKNOWN
        self.last: IdentityDelta | None = None
        self.clock_chunks = array("Q")
        self.clock_times = array("d")
        self.is_clock_whole = True
        self._stamp: float | None = None  # of the last that was taken

    @property
    def clock(self) -> tuple[Sequence[int], Sequence[float], bool]:
        """When the clock moved, what it said, and whether it never fell silent."""
        return self.clock_chunks, self.clock_times, self.is_clock_whole

    def take_again(
        self, delta: IdentityDelta, first: int, stamps: Sequence[float | None], log: FindingLog
    ) -> None:
        """Take what chunks say that follow one, from a first on: the same but for the clock."""
        if stamps.count(delta.created) == len(stamps):
            return
        known = self.known
        times = [stamp for stamp in stamps if stamp]
        is_running = len(times) == len(stamps) and all(map(ne, times, chain([self._stamp], times)))
        if is_running and min(times) > 0 and max(times) < MAX_CREATED:
            self.clock_chunks.extend(range(first, first + len(times)))
            self.clock_times.extend(times)
            self._stamp = times[-1]
            self.known = IdentityDelta(known.id, known.model, known.provider, times[-1])
            self.last = None
            return
        for chunk, stamp in enumerate(stamps, first):
            self.take(IdentityDelta(delta.id, delta.model, delta.provider, stamp), chunk, log)

    def take(self, delta: IdentityDelta, chunk: int, log: FindingLog) -> bool:
        """Take what a chunk says; return whether it changes who answers."""
        self.last, known, created = delta, self.known, delta.created
        if created != self._stamp:
            self._take_stamp(created, chunk)
        if delta.model == known.model and delta.id == known.id and delta.provider == known.provider:
            if created:
                self.known = delta  # nothing but the time has changed: the usual case
            return False
        if known is _UNKNOWN and chunk == 0:
            self.known = delta
            return True
        merged = self.known = IdentityDelta(
            delta.id or known.id,
            delta.model or known.model,
            delta.provider or known.provider,
            delta.created or known.created,
        )
        is_new = False
        for name in ("id", "model", "provider"):
            before, after = getattr(known, name), getattr(merged, name)
            if before == after:
                continue
            is_new = True
            if before:
                log.add(
                    "identity_changed", name, chunk, before=shorten(before), after=shorten(after)
                )
            elif chunk > 0:
                log.add("identity_late", name, chunk)
        return is_new

    def _take_stamp(self, created: float | None, chunk: int) -> None:
        """Take what the clock says where it has moved, or fallen silent."""
        self._stamp = created
        if created and 0 < created < MAX_CREATED:
            self.clock_chunks.append(chunk)
            self.clock_times.append(created)
        elif self.clock_times:
            self.clock_chunks.append(chunk)
            self.clock_times.append(nan)
            self.is_clock_whole = False
