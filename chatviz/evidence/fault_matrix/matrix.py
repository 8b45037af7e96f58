"""FaultMatrix: what a client made of a recording, with each fault at each chunk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from chatviz.cassettes.cassette import Cassette
from chatviz.clock import SYSTEM_CLOCK, Clock
from chatviz.evidence.fault_matrix.cells import VERDICTS, FaultCell
from chatviz.evidence.fault_matrix.fault_table import FAULT_COLUMNS, fault_table
from chatviz.evidence.fault_matrix.planning.broken import break_cassette, read_broken
from chatviz.evidence.fault_matrix.planning.kinds import FaultKind
from chatviz.evidence.fault_matrix.planning.plan import FaultCase
from chatviz.evidence.fault_matrix.test_writing import write_fault_test
from chatviz.evidence.fault_matrix.trying import (
    Baseline,
    Limits,
    Runner,
    open_worker,
    try_cases,
)
from chatviz.evidence.fault_matrix.user_test import UserTest
from chatviz.runs.run import StreamRun
from chatviz.shown import Shown
from chatviz.tables.columns.columns import TableColumns
from chatviz.tables.columns.kinds import with_columns

__all__ = ["FaultMatrix"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultMatrix(Shown):
    """What a client made of a recording, with each fault at each chunk.

    It shows itself as a grid of faults and chunks, with what went wrong folded below it.

    Attributes
    ----------
    cells : tuple of FaultCell
        What was tried, in the order of the plan.
    plan : tuple of FaultCase
        What is to be tried in all.
    kinds : tuple of FaultKind
        The kinds of fault; one that no chunk can have (a split character in plain ASCII) has no
        cells.
    runs : tuple of StreamRun
        The whole answers that are struck.
    expected : str
        What the test returns without a fault, as its ``repr``, at most 500 characters.
    unasked : tuple of int
        The chat interactions that the test does not ask for: they have no cells.
    stopped : str
        Why not all was tried: ``"interrupted"`` (Ctrl-C), ``"max_s"``; ``""`` where it was.
    seconds : float
        How long it took.
    test : callable
        The test that was given.
    """

    cells: tuple[FaultCell, ...] = field(repr=False)
    plan: tuple[FaultCase, ...] = field(repr=False)
    kinds: tuple[FaultKind, ...] = field(repr=False)
    runs: tuple[StreamRun, ...] = field(repr=False)
    unasked: tuple[int, ...] = ()
    stopped: str = ""
    seconds: float = field(default=0.0, compare=False)
    test: Callable[[Any], Any] = field(repr=False)
    user_test: UserTest = field(repr=False)
    baseline: Baseline = field(repr=False)
    limits: Limits = field(repr=False)

    @property
    def expected(self) -> str:
        """What the test returns without a fault, as its ``repr``, at most 500 characters."""
        return self.baseline.shown

    @property
    def failures(self) -> tuple[FaultCell, ...]:
        """The cells in which the client could have done better: see `FaultCell.is_failure`."""
        return tuple(cell for cell in self.cells if cell.is_failure)

    @property
    def sentence(self) -> str:
        """The matrix in one sentence."""
        counts = Counter(cell.verdict for cell in self.cells)
        named = ((counts[one], words) for one, words in VERDICTS.items())
        said = ", ".join(f"{count:,} {words}" for count, words in named if count)
        unseen = sum(cell.verdict == "wrong" and not cell.is_failure for cell in self.cells)
        told = f"{len(self.cells):,} cells: {said or 'none tried'}"
        if unseen:
            told += f" (of the wrong ones {unseen:,} by faults that nothing on the wire shows)"
        told += f"; the client could have done better in {len(self.failures):,}"
        if self.stopped:
            left = len(self.plan) - len(self.cells)
            told += f"; stopped ({self.stopped}) with {left:,} to go: matrix.resume() goes on"
        if self.unasked:
            told += f"; not asked for: interaction {', '.join(map(str, self.unasked))}"
        return f"{told}."

    @property
    @with_columns(FAULT_COLUMNS)
    def table(self) -> TableColumns:
        """The cells as a table: one row for each that was tried."""
        return fault_table(self.cells)

    def struck(self, interaction: int | None) -> tuple[int, ...]:
        """Return which chunks of an answer are struck, those that were not tried yet among them."""
        chunks = {case.chunk for case in self.plan if case.interaction == interaction}
        return tuple(sorted(chunk for chunk in chunks if chunk is not None))

    def say_struck(self, run: StreamRun) -> str:
        """Say how many chunks of one of `runs` are struck."""
        struck, count = len(self.struck(run.interaction)), len(run.chunks)
        told = f"{count:,} chunks" if struck == count else f"{struck:,} of {count:,} chunks"
        return f"interaction {run.interaction}: {told}"

    def cell(
        self, fault: str, chunk: int | None = None, *, interaction: int | None = None
    ) -> FaultCell:
        """Return one cell.

        Parameters
        ----------
        fault : str
            Its kind: ``"cut"`` ….
        chunk : int | None
            None for a refusal.
        interaction : int | None
            Which answer was struck; None for the first that was.

        Raises
        ------
        LookupError
            No such cell was tried; the message says which were.
        """
        wanted = self.runs[0].interaction if interaction is None else interaction
        for cell in self.cells:
            if (cell.fault, cell.chunk, cell.interaction) == (fault, chunk, wanted):
                return cell
        kinds = dict.fromkeys(cell.fault for cell in self.cells)
        chunks = [
            cell.chunk
            for cell in self.cells
            if cell.fault == fault and cell.interaction == wanted and cell.chunk is not None
        ]
        tried = f", at the chunks {', '.join(map(str, chunks))}" if chunks else ""
        raise LookupError(
            f"wanted the cell of {fault!r} at chunk {chunk} of interaction {wanted}, and it was "
            f"not tried: tried were {', '.join(kinds) or 'none'}{tried}."
        )

    def run(
        self,
        fault: FaultCell | str,
        chunk: int | None = None,
        *,
        interaction: int | None = None,
    ) -> StreamRun:
        """Return a cell's broken answer as the client saw it; parameters as for `cell`."""
        return read_broken(self.user_test.cassette, self._cell(fault, chunk, interaction).case)

    def cassette(
        self,
        fault: FaultCell | str,
        chunk: int | None = None,
        *,
        interaction: int | None = None,
    ) -> Cassette:
        """Return a cell's recording, to be kept or played: ``cv.ReplayTransport(cassette)``.

        The broken answer is in its place, and the whole one at the end, for who asks again.
        Parameters as for `cell`. Secrets are still in it; ``cv.save_cassette`` removes them.
        """
        return break_cassette(self.user_test.cassette, self._cell(fault, chunk, interaction).case)

    def as_test(
        self,
        fault: FaultCell | str,
        chunk: int | None = None,
        *,
        interaction: int | None = None,
    ) -> str:
        """Return a pytest file of a cell: the bytes, your function, and no chatviz.

        Parameters as for `cell`. Secrets are removed. It passes where your function returns what
        it returns without a fault, or raises (but where nothing is lost); so it fails for a cell
        that is wrong, until that is mended.

        Raises
        ------
        ValueError
            Your function's source cannot stand in a file (a lambda, a function that holds on to
            values around it), or what it returns cannot be written.
        """
        cell = self._cell(fault, chunk, interaction)
        return write_fault_test(
            cell,
            self.test,
            user_test=self.user_test,
            baseline=self.baseline,
            limit_s=self.limits.limit_s,
        )

    def resume(self, *, max_s: float | None = None, clock: Clock | None = None) -> FaultMatrix:
        """Try what was not tried yet, and return a matrix of both.

        Parameters
        ----------
        max_s : float | None
            When to stop, in seconds; the case that runs is ended first.
        clock : Clock | None
            The time; the machine's, unless given.
        """
        with open_worker(self.user_test, self.limits) as worker:
            return self.go_on(worker, max_s=max_s, clock=clock or SYSTEM_CLOCK)

    def go_on(self, worker: Runner, *, max_s: float | None, clock: Clock) -> FaultMatrix:
        """Do what `resume` does, with a worker that is there."""
        start_ns = clock.now_ns()
        cells, stopped = try_cases(
            self.plan[len(self.cells) :],
            user_test=self.user_test,
            baseline=self.baseline,
            worker=worker,
            clock=clock,
            max_s=max_s,
        )
        seconds = self.seconds + (clock.now_ns() - start_ns) / 1e9
        return replace(self, cells=(*self.cells, *cells), stopped=stopped, seconds=seconds)

    def _cell(
        self, fault: FaultCell | str, chunk: int | None, interaction: int | None
    ) -> FaultCell:
        if isinstance(fault, FaultCell):
            return fault
        return self.cell(fault, chunk, interaction=interaction)
