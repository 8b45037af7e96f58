"""FaultCase: one fault at one chunk of one answer; and which of them are to be tried."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from chatviz.evidence.fault_matrix.planning.chunk_choice import choose_chunks
from chatviz.evidence.fault_matrix.planning.kinds import FaultKind
from chatviz.runs.run import StreamRun
from chatviz.transports.playing.faults import Fault

__all__ = ["FaultCase", "plan_cases"]


@dataclass(frozen=True, slots=True)
class FaultCase:
    """One fault at one place of a recording.

    Attributes
    ----------
    kind : FaultKind
    interaction : int
        Which answer is struck, by its place in the recording.
    chunk : int | None
        Which chunk of it; None for a refusal, which comes before all.
    fault : Fault
        What is played.
    """

    kind: FaultKind
    interaction: int
    chunk: int | None
    fault: Fault

    @property
    def sentence(self) -> str:
        """The fault and its place in words: ``"cut at chunk 3 of interaction 0"``."""
        place = "" if self.chunk is None else f" at chunk {self.chunk}"
        return f"{self.kind.words}{place} of interaction {self.interaction}"


def plan_cases(
    runs: Sequence[StreamRun],
    kinds: Iterable[FaultKind],
    *,
    chunks: Iterable[int] | None = None,
    max_chunks: int | None = None,
) -> tuple[FaultCase, ...]:
    """Return what is to be tried: by answer, by kind, by chunk.

    Raises
    ------
    ValueError
        Nothing can be tried: no answer has such chunks, or no chunk lets itself be split.
    """
    wanted = None if chunks is None else tuple(chunks)
    kinds = tuple(kinds)
    chosen = [choose_chunks(run, chunks=wanted, most=max_chunks) for run in runs]
    cases = tuple(
        case
        for run, some in zip(runs, chosen, strict=True)
        for kind in kinds
        for case in _cases(run, kind, some)
    )
    if not runs:
        raise ValueError(
            "wanted a test that asks the recording, found one that asked for none of its answers: "
            "let it ask with the client, or the base URL, that it is given."
        )
    if not cases:
        counts = ", ".join(f"{len(run.chunks):,}" for run in runs)
        names = ", ".join(kind.name for kind in kinds)
        raise ValueError(
            f"wanted chunks that can be struck by {names}, found none: the answers have {counts} "
            "chunks, numbered from 0, and a character can be split in those alone that hold one of "
            "more than one byte."
        )
    return cases


def _cases(run: StreamRun, kind: FaultKind, chunks: Iterable[int]) -> Iterator[FaultCase]:
    for chunk in chunks if kind.has_chunk else (None,):
        fault = kind.at(run, chunk)
        if fault is not None:
            yield FaultCase(kind, run.interaction or 0, chunk, fault)
