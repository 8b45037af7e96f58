"""Reading: what a library made of an answer, and how that compares with what was sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias, get_args

from chatviz.evidence.sdks.comparing import SentAndRead, compare_result
from chatviz.evidence.workers.ending import Ending
from chatviz.runs.run import StreamRun

__all__ = ["VERDICTS", "Reading", "SDKVerdict", "judge_reading"]

SDKVerdict: TypeAlias = Literal["same", "lossy", "wrong", "raises", "hangs", "not read", "absent"]
VERDICTS: Final[tuple[SDKVerdict, ...]] = get_args(SDKVerdict)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a library made of an answer.

    Attributes
    ----------
    verdict : str
        ``"same"``; ``"lossy"`` where something that was sent is missing; ``"wrong"`` where
        something is contradicted; ``"raises"``, also where its process ended; ``"hangs"``;
        ``"not read"`` where it is not for such answers; ``"absent"``.
    differences : tuple of SentAndRead
        The gravest first.
    error, message : str
        The name and the text of what was raised; ``""`` where nothing was.
    place : tuple of str
        The file, the function and the line that raised it.
    seconds : float | None
        How long the whole answer took to read, the making of a client included.
    result : mapping
        What it read, by the keys of an adapter's result.
    """

    verdict: SDKVerdict
    differences: tuple[SentAndRead, ...] = field(default=(), repr=False)
    error: str = ""
    message: str = field(default="", compare=False)
    place: tuple[str, ...] = ()
    seconds: float | None = field(default=None, compare=False)
    result: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def how(self) -> tuple[str, ...]:
        """How it fails, to be told from other ways; () where it does not."""
        if self.error:
            return ("raises", self.error, *self.place)
        if self.verdict == "hangs":
            return ("hangs",)
        if not self.differences:
            return ()
        first = self.differences[0]
        return (self.verdict, first.kind, first.relation)


def judge_reading(ended: Ending, run: StreamRun, *, is_own: bool = False) -> Reading:
    """Return what a reading comes to.

    An error is right where the server sent one. A library that is installed without what it needs
    for a dialect is absent; a function of one's own (`is_own`) raises.
    """
    if ended.ending == "hung":
        return Reading("hangs")
    if ended.ending == "died":
        return Reading("raises", error="ProcessEnded", message=ended.message)
    if ended.ending == "raised":
        is_missing = ended.error == "ModuleNotFoundError" and not is_own
        right: SDKVerdict = "raises" if run.error is None else "same"
        return Reading(
            "absent" if is_missing else right,
            error=ended.error,
            message=ended.message,
            place=ended.place,
        )
    result = ended.value["result"]
    if result is None:
        return Reading("not read")
    differences = compare_result(result, run)
    return Reading(
        differences[0].verdict if differences else "same",
        differences,
        seconds=result["seconds"] or ended.value["seconds"],
        result=result,
    )
