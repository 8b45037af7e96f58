"""FaultKind: one row of the matrix, a fault that is put at one chunk after another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from chatviz.evidence.fault_matrix.planning.chunk_choice import FIRST_OF_SEVERAL
from chatviz.given_values import check_list, shown
from chatviz.runs.run import StreamRun
from chatviz.transports.playing.faults import (
    Corrupt,
    Cut,
    Drop,
    Duplicate,
    End,
    Fault,
    FaultAtChunk,
    Refuse,
    SendError,
    SplitCharacter,
    Stall,
)

__all__ = ["FAULTS", "FaultKind", "fault_kinds"]

USUAL_S: Final = 0.2  # seconds of a stall
FAULTS: Final[Mapping[str, Fault]] = {
    "cut": Cut(0),
    "end": End(0),
    "stall": Stall(0, seconds=USUAL_S),
    "duplicate": Duplicate(0),
    "drop": Drop(0),
    "corrupt": Corrupt(0),
    "split": SplitCharacter(0),
    "error": SendError(0),
    "refuse": Refuse(retry_after_s=0.1),
}
"""The faults by their names, as they are unless others are given; the chunk is put in later."""

SHORT_S: Final = 1.0  # seconds: nobody should give up on a pause that is no longer


@dataclass(frozen=True, slots=True)
class FaultKind:
    """One kind of fault.

    Attributes
    ----------
    name : str
        ``"cut"`` …, with the seconds of a stall that is not the usual one: ``"stall:2.5"``.
    template : Fault
        The fault; which chunk and which interaction it strikes is put in by `at`.
    """

    name: str
    template: Fault = field(repr=False)

    @property
    def words(self) -> str:
        """The kind as a reader is told: ``"split character"``, ``"stall of 0.2 s"``."""
        if isinstance(self.template, Stall):
            return f"stall of {self.template.seconds:g} s"
        return _WORDS.get(self.name, self.name)

    @property
    def is_harmless(self) -> bool:
        """Whether all bytes come, in their order: then nothing but the right answer is right."""
        if isinstance(self.template, Stall):
            return self.template.seconds <= SHORT_S
        return isinstance(self.template, SplitCharacter)

    @property
    def has_chunk(self) -> bool:
        """Whether it strikes a chunk; a refusal comes before all of them."""
        return not isinstance(self.template, Refuse)

    def at(self, run: StreamRun, chunk: int | None) -> Fault | None:
        """Return the fault at one chunk of an answer, once; None where it cannot strike there."""
        if isinstance(self.template, Refuse):
            return replace(self.template, interaction=run.interaction)
        if chunk is None or not 0 <= chunk < len(run.chunks):
            return None
        fault = replace(self.template, chunk=chunk, interaction=run.interaction, times=1)
        is_ascii = max(run.chunks[chunk].data, default=0) < FIRST_OF_SEVERAL
        if isinstance(fault, SplitCharacter) and is_ascii:
            return None
        return fault


_WORDS: Final = {"end": "early end", "split": "split character", "error": "error event"}


def fault_kinds(faults: str | Fault | Iterable[str | Fault] | None) -> tuple[FaultKind, ...]:
    """Return the kinds that are meant; all of them for None.

    Raises
    ------
    ValueError
        A name is not known, none is given, or the same kind is given twice.
    TypeError
        Something is neither a name nor a fault.
    """
    if isinstance(faults, str | FaultAtChunk | Refuse):
        faults = [faults]
    wanted = "names of faults, and faults such as cv.Stall(0, seconds=2)"
    kinds = tuple(map(_kind, FAULTS if faults is None else check_list(faults, wanted)))
    names = [kind.name for kind in kinds]
    if not kinds or len(set(names)) < len(names):
        found = ", ".join(map(repr, names)) or "none"
        raise ValueError(
            f"wanted some of the faults {', '.join(FAULTS)}, each once, found {found}."
        )
    return kinds


def _kind(given: str | Fault) -> FaultKind:
    if isinstance(given, str):
        return _named(given)
    for name, usual in FAULTS.items():
        if type(given) is type(usual):
            if isinstance(given, Stall) and given.seconds != USUAL_S:
                name = f"stall:{given.seconds:g}"
            return FaultKind(name, given)
    raise TypeError(
        f"wanted the name of a fault ({', '.join(FAULTS)}) or a fault such as "
        f"cv.Stall(0, seconds=2), found {shown(given)}."
    )


def _named(text: str) -> FaultKind:
    name, _, amount = text.partition(":")
    if name == "stall" and amount:
        try:
            return _kind(Stall(0, seconds=float(amount)))
        except ValueError:
            pass
    elif name in FAULTS and not amount:
        return FaultKind(name, FAULTS[name])
    raise ValueError(
        f"wanted the name of a fault, one of {', '.join(FAULTS)}, or stall:SECONDS, found "
        f"{shown(text)}."
    )
