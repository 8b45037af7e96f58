"""FaultCell: what became of a client's answer when one fault struck one chunk."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias, assert_never

from chatviz.cassettes.cassette import Cassette
from chatviz.evidence.fault_matrix.planning.broken import read_broken
from chatviz.evidence.fault_matrix.planning.plan import FaultCase
from chatviz.evidence.workers.ending import Ending
from chatviz.runs.run import StreamRun

__all__ = ["SIGNS", "VERDICTS", "FaultCell", "FaultVerdict", "judge"]

FaultVerdict: TypeAlias = Literal["right", "raised", "wrong", "asked_else", "hung", "died"]

VERDICTS: Final[dict[FaultVerdict, str]] = {
    "right": "right answer",
    "raised": "error raised",
    "wrong": "wrong answer without an error",
    "asked_else": "asked for what was not recorded",
    "hung": "no end within the limit",
    "died": "its process ended",
}
"""The verdicts, in words."""

SIGNS: Final[dict[FaultVerdict, str]] = {
    "right": "✓",
    "raised": "E",
    "wrong": "W",
    "asked_else": "A",
    "hung": "H",
    "died": "D",
}
"""The sign of each verdict."""


@dataclass(frozen=True, slots=True)
class FaultCell:
    """One cell of the matrix.

    Attributes
    ----------
    case : FaultCase
        The fault, and where it struck.
    verdict : str
        ``"right"``: the test returned what it returns without a fault; ``"raised"``; ``"wrong"``:
        it returned something else; ``"asked_else"``: it went on, and asked for something that was
        not recorded, so that nobody knows; ``"hung"``; ``"died"``: its process ended.
    error, message : str
        The type and the text of what it raised; of ``"died"`` and ``"asked_else"`` what happened.
    got : str
        The value that it returned, where that was wrong, as its ``repr``, at most 500 characters.
    seconds : float
        How long it took.
    findings : tuple of str
        The codes of what chatviz finds in the broken answer and not in the whole one: by these
        a client can know. Not looked for where the answer was right.
    order : tuple of int
        Which interactions answered, one after another.
    """

    case: FaultCase
    verdict: FaultVerdict
    error: str = ""
    message: str = field(default="", repr=False)
    got: str = field(default="", repr=False)
    seconds: float = field(default=0.0, repr=False, compare=False)
    findings: tuple[str, ...] = ()
    order: tuple[int, ...] = field(default=(), repr=False)

    @property
    def fault(self) -> str:
        """The name of its kind: ``"cut"`` …."""
        return self.case.kind.name

    @property
    def chunk(self) -> int | None:
        """Which chunk was struck; None for a refusal."""
        return self.case.chunk

    @property
    def interaction(self) -> int:
        """Which answer of the recording was struck."""
        return self.case.interaction

    @property
    def is_noticeable(self) -> bool:
        """Whether the wire shows the fault: something is odd that is not so in the whole answer."""
        return bool(self.findings)

    @property
    def is_failure(self) -> bool:
        """Whether the client could have done better.

        It could where it hung or died; where it was wrong though the wire shows the fault; and
        where it was not right though nothing was lost. Where it asked for something that was not
        recorded nobody knows: it may have told the model of the fault.
        """
        match self.verdict:
            case "right":
                return False
            case "raised" | "asked_else":
                return self.case.kind.is_harmless
            case "wrong":
                return self.is_noticeable or self.case.kind.is_harmless
            case "hung" | "died":
                return True
            case _:
                assert_never(self.verdict)

    @property
    def sentence(self) -> str:
        """The cell in words: ``"cut at chunk 3 of interaction 0: error raised (ValueError)"``."""
        behind = f" ({self.error})" if self.error else ""
        return f"{self.case.sentence}: {VERDICTS[self.verdict]}{behind}"


def judge(
    case: FaultCase, ending: Ending, cassette: Cassette, whole: StreamRun, seconds: float
) -> FaultCell:
    """Return the cell that the end of one try makes.

    Parameters
    ----------
    case : FaultCase
    ending : Ending
        What `try_broken` returned, or how it ended without.
    cassette : Cassette
        The recording, and `whole` its answer that was struck, as it is played without a fault.
    seconds : float
    """
    told: dict[str, Any] = ending.value if ending.ending == "returned" else {}
    verdict = _verdict(ending, told)
    error, message = told.get("error", ending.error), told.get("message", ending.message)
    if verdict == "asked_else":  # what the replay made of that is not the client's error
        error, message = "", told["miss"]
    return FaultCell(
        case,
        verdict,
        error=error,
        message=message,
        got=told.get("shown", ""),
        seconds=seconds if ending.seconds is None else ending.seconds,
        findings=() if verdict == "right" else _new_findings(cassette, case, whole),
        order=tuple(told.get("order", ())),
    )


def _verdict(ending: Ending, told: dict[str, Any]) -> FaultVerdict:
    if ending.ending in ("hung", "died"):
        return "hung" if ending.ending == "hung" else "died"
    how = told.get("ending", "raised")
    if how == "same":
        return "right"
    if told.get("miss"):
        return "asked_else"
    return "wrong" if how == "other" else "raised"


def _new_findings(cassette: Cassette, case: FaultCase, whole: StreamRun) -> tuple[str, ...]:
    before = {finding.code for finding in whole.findings}
    codes = (finding.code for finding in read_broken(cassette, case).findings)
    return tuple(dict.fromkeys(code for code in codes if code not in before))
