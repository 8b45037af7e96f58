"""How long to wait before the same request is sent again, or why it is not."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from math import isfinite

from chatviz.given_values import check_count, check_number
from chatviz.runs.run import StreamRun
from chatviz.wire.exchange import header

__all__ = ["Patience", "is_worth_a_retry", "read_retry_after"]


@dataclass(frozen=True, slots=True)
class Patience:
    """How often, and how long, to wait for a server that is busy.

    Attributes
    ----------
    retries : int
        How often a request is sent again.
    longest_wait_s : float
        A server that wants a longer wait is not asked again.
    first_wait_s : float
        The first wait where the server names none; each further one is twice as long.
    """

    retries: int = 2
    longest_wait_s: float = 60.0
    first_wait_s: float = 1.0

    def __post_init__(self) -> None:
        check_count(self.retries, "retries", "0 asks once; a Patience says how long", least=0)
        for name in ("longest_wait_s", "first_wait_s"):
            check_number(getattr(self, name), name, "in seconds", may_be_zero=True)

    def wait_s(self, attempt: int, wanted_s: float | None) -> float | None:
        """Return the wait before a retry; None where there shall be none.

        Parameters
        ----------
        attempt : int
            How many attempts have failed.
        wanted_s : float | None
            What the server asks for.
        """
        if attempt > self.retries:
            return None
        if wanted_s is None:
            return min(self.first_wait_s * 2.0 ** (attempt - 1), self.longest_wait_s)
        return wanted_s if wanted_s <= self.longest_wait_s else None


def is_worth_a_retry(run: StreamRun) -> bool:
    """Tell whether an answer failed for a while only (429, 5xx), before it said anything."""
    if run.error is None or run.answer.said_at is not None:
        return False
    code = str(run.error.status or run.error.code)
    if run.error.code in run.spoken.manners.passing_errors:
        return True
    return code == "429" or (len(code) == 3 and code.isdecimal() and code.startswith("5"))


def read_retry_after(run: StreamRun, unix_s: float) -> float | None:
    """Return the seconds that ``Retry-After`` asks for; None where there is none to be read.

    A date is counted from the answer's own ``Date``, else from ``unix_s``, seconds since 1970.
    RFC 9110, section 10.2.3.
    """
    text = header(run.response.headers, "retry-after").strip()
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        wanted = _read_date(text)
        sent = _read_date(header(run.response.headers, "date"))
        seconds = float("nan") if wanted is None else wanted - (unix_s if sent is None else sent)
    return max(seconds, 0.0) if isfinite(seconds) else None


def _read_date(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError):
        return None
