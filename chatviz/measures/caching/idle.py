"""When a request was answered, by a clock that its recording carries; none is made up."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Literal, NamedTuple, TypeAlias

from chatviz.runs.run import StreamRun
from chatviz.wire.exchange import header

__all__ = ["IDLE_CLOCKS", "Idle", "IdleClock", "measure_idle"]

IdleClock: TypeAlias = Literal["date", "created"]
IDLE_CLOCKS: tuple[IdleClock, ...] = ("date", "created")


class Idle(NamedTuple):
    """How long it was between two answers, and by which clock.

    Attributes
    ----------
    seconds : float | None
        From one answer to the next; None where no clock tells, or the one there is goes back.
    clock : str | None
        ``"date"``: the header that HTTP servers send; ``"created"``: a stamp in the answer itself.
    """

    seconds: float | None = None
    clock: IdleClock | None = None


def measure_idle(earlier: StreamRun, later: StreamRun) -> Idle:
    """Return how long it was between two answers: by the same clock for both of them."""
    if "simulated" in (earlier.response.time_source, later.response.time_source):
        return Idle()
    before, after = _read_date(earlier), _read_date(later)
    if before and after and after >= before:
        return Idle(after - before, "date")
    before, after = earlier.answer.identity.created, later.answer.identity.created
    if before and after and after >= before:
        return Idle(float(after - before), "created")
    return Idle()


def _read_date(run: StreamRun) -> float | None:
    """Return the ``Date`` of an answer's headers in seconds since 1970; None where it has none."""
    return _parse_date(header(run.response.headers, "date"))


@lru_cache(maxsize=1024)  # of two requests, the earlier one's is asked for again
def _parse_date(text: str) -> float | None:
    """Read the form of RFC 9110, section 6.6.1."""
    try:
        return parsedate_to_datetime(text).timestamp() if text else None
    except (ValueError, OverflowError):
        return None
