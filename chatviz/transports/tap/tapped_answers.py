"""TappedAnswer and TapLog: what passes through a tap, and what has passed, to be looked at."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Final

from chatviz.cassettes.cassette import RecordedRequest
from chatviz.cassettes.redaction.redaction import RedactionRules, redact_request
from chatviz.clock import Clock
from chatviz.runs.run import StreamRun
from chatviz.transports.clients.recording import InteractionRecording
from chatviz.wire.exchange import show_url

__all__ = ["RefusedRequest", "TapLog", "TappedAnswer"]

_MOST_LISTED: Final = 1_000
_MOST_HELD: Final = 200  # with what was said in them


@dataclass(slots=True, eq=False)
class TappedAnswer:
    """One answer that passes through a tap, or has passed.

    Attributes
    ----------
    number : int
        Its place among all, from 0.
    server : str
        The name of its upstream.
    method, url : str
        What was asked, without secrets and without a query.
    started_unix_s : float
        When the request was sent on, in seconds since 1970.
    state : str
        ``"waiting"`` for the answer's head, ``"streaming"``, ``"ended"``; or why the answer is not
        whole (``"closed by the caller"``, ``"broken by the server: ReadError"``), or why there is
        none (``"no answer: ConnectError: Connection refused"``).
    status : int | None
        The status that the client was given.
    path : Path | None
        The file that it is kept in, once it is.
    run : StreamRun | None
        What was read in it, once it has ended; None where it is no chat, or long ago.
    recording : InteractionRecording | None
        What has come of it, while it goes on.
    """

    number: int
    server: str
    method: str
    url: str
    started_unix_s: float
    asked: RecordedRequest | None = field(repr=False)
    recording: InteractionRecording | None = field(repr=False)
    state: str = "waiting"
    status: int | None = None
    path: Path | None = None
    run: StreamRun | None = field(default=None, repr=False)

    @property
    def is_going_on(self) -> bool:
        """Whether more of it may come."""
        return self.state in ("waiting", "streaming")

    def keep(self, path: Path, run: StreamRun | None) -> None:
        """Note where it is kept, and what was read in it; let go of what came."""
        self.path, self.run = path, run
        self.recording = self.asked = None

    def forget(self) -> None:
        """Let go of what was said in it: the file has it."""
        self.run = None


@dataclass(frozen=True, slots=True)
class RefusedRequest:
    """A request that was not passed on: when it came, and what it was answered."""

    unix_s: float
    method: str
    status: int
    message: str


class TapLog:
    """The answers that have passed through a tap: of many, the last ones.

    Parameters
    ----------
    clock : Clock
    rules : RedactionRules

    Attributes
    ----------
    version : int
        Another number whenever something has changed, but what has come of an answer.
    refusals : deque of RefusedRequest
        Of many, the last ones.
    refused : int
        How many there were.
    """

    def __init__(self, clock: Clock, rules: RedactionRules) -> None:
        self.version = 0
        self.refused = 0
        self.refusals: deque[RefusedRequest] = deque(maxlen=_MOST_LISTED)
        self._clock = clock
        self._rules = rules
        self._lock = Lock()
        self._answers: dict[int, TappedAnswer] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[TappedAnswer]:
        with self._lock:
            return iter(list(self._answers.values()))

    def find(self, number: int) -> TappedAnswer | None:
        """Return an answer by its number; None where it is not there, or not any more."""
        return self._answers.get(number)

    def begin(self, server: str, asked: RecordedRequest) -> TappedAnswer:
        """Note a request that is about to be sent on: its time begins."""
        shown = redact_request(_only_head(asked), rules=self._rules)
        with self._lock:
            number = self._count
            self._count += 1
            answer = TappedAnswer(
                number=number,
                server=server,
                method=shown.method,
                url=show_url(shown.url).removesuffix("?…"),
                started_unix_s=self._clock.unix_s(),
                asked=asked,
                recording=InteractionRecording(asked, self._clock, number),
            )
            self._answers[number] = answer
            self._let_go(number)
            self.version += 1
        return answer

    def change(self, answer: TappedAnswer, state: str, status: int | None = None) -> None:
        """Note in which state an answer is now."""
        answer.state = state
        answer.status = answer.status if status is None else status
        self.version += 1

    def keep(self, number: int, path: Path, run: StreamRun | None) -> None:
        """Note where an answer is kept."""
        answer = self._answers.get(number)
        if answer is not None:
            answer.keep(path, run)
            self.version += 1

    def refuse(self, method: str, status: int, message: str) -> None:
        """Note a request that was refused."""
        self.refused += 1
        self.refusals.append(RefusedRequest(self._clock.unix_s(), method, status, message))
        self.version += 1

    def _let_go(self, newest: int) -> None:
        """Forget what is long ago."""
        self._answers.pop(newest - _MOST_LISTED, None)
        held = self._answers.get(newest - _MOST_HELD)
        if held is not None:
            held.forget()


def _only_head(asked: RecordedRequest) -> RecordedRequest:
    """Return a request with what the log shows of it, and what shows its secrets."""
    return RecordedRequest(asked.method, asked.url, headers=asked.headers)
