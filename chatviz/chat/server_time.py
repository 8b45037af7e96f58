"""ServerTime: a duration that the server says it measured, and where dialects keep theirs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, TypeAlias

__all__ = ["SECONDS_IN", "Measure", "ServerTime", "ServerTimeField", "TimeUnit"]

Measure: TypeAlias = Literal[
    "total",  # the whole request, as the server sees it
    "processing",  # the server behind a gateway or load balancer, up to its answer's headers
    "queue",  # waiting before any work
    "load",  # bringing the model into memory
    "before_prompt",  # all work before the model reads the prompt
    "prompt",  # reading the prompt
    "first_token",  # from the request to the first token
    "completion",  # writing the answer
    "per_token",  # between two tokens
]
TimeUnit: TypeAlias = Literal["s", "ms", "ns"]
SECONDS_IN: Final[dict[TimeUnit, float]] = {"s": 1.0, "ms": 1e-3, "ns": 1e-9}


@dataclass(frozen=True, slots=True)
class ServerTime:
    """A duration that the server says it measured: never one of ours.

    Attributes
    ----------
    measure : str
        ``"total"``, ``"processing"``, ``"queue"``, ``"load"``, ``"before_prompt"``, ``"prompt"``,
        ``"first_token"``, ``"completion"`` or ``"per_token"``.
    seconds : float
    field : str
        Where it is: ``"usage.queue_time"``, or a header's name.
    unit : str
        In which it was sent: ``"s"``, ``"ms"`` or ``"ns"``.
    meaning : str
        What the server's documents say that it is.
    source : str
        ``"chunk"`` or ``"header"``.
    chunk : int | None
        The last chunk that says it; None for a header.
    resolution_s : float | None
        The step of the server's clock where it is coarse; None where that is not known.
    """

    measure: Measure
    seconds: float
    field: str
    unit: TimeUnit
    meaning: str
    source: Literal["chunk", "header"] = "chunk"
    chunk: int | None = None
    resolution_s: float | None = None


class ServerTimeField(NamedTuple):
    """Where a dialect's chunks hold a duration.

    Attributes
    ----------
    path : tuple of str
        The keys that lead to the number.
    unit, measure, meaning : str
        As in ``ServerTime``.
    since : tuple of str
        The keys of the stamp that it is counted from, where the number is a stamp itself.
    """

    path: tuple[str, ...]
    unit: TimeUnit
    measure: Measure
    meaning: str
    since: tuple[str, ...] = ()
