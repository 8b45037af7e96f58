"""A fault matrix as a value: cells, streams, table; stopped and gone on with."""

from __future__ import annotations

import pytest

import chatviz as cv
from chatviz.evidence.fault_matrix.cells import VERDICTS
from chatviz.evidence.fault_matrix.fault_table import FAULT_COLUMNS
from tests.evidence.fault_matrix import clients
from tests.evidence.fault_matrix.here import Here, try_here
from tests.fake_clock import FakeClock


def test_a_cell_opens_the_stream_that_did_it() -> None:
    matrix = try_here(clients.naive, ["cut", "refuse"], chunks=[7])
    run = matrix.run("cut", 7)
    assert run.message.text == "I'll add and multiply the numbers "
    assert run == matrix.run(matrix.cells[0]) and len(run.chunks) == 7
    assert matrix.run("refuse").response.status == 429
    again = cv.read_runs(matrix.cassette("cut", 7))
    assert again[0].body == run.body and again[-1].body == matrix.runs[0].body


def test_a_cell_that_was_not_tried_is_said_to_be_none() -> None:
    matrix = try_here(clients.naive, ["cut", "refuse"], chunks=[7, 9])
    with pytest.raises(LookupError, match="tried were cut, refuse, at the chunks 7, 9"):
        matrix.run("cut", 8)
    with pytest.raises(LookupError, match="tried were cut, refuse"):
        matrix.cell("dorp", 7)
    with pytest.raises(LookupError, match="of interaction 1"):
        matrix.as_test("cut", 7, interaction=1)


def test_ctrl_c_keeps_what_was_done_and_resume_does_the_rest() -> None:
    part = try_here(clients.naive, ["cut", "drop"], chunks=[3, 7, 9], runner=Here(calls_left=4))
    assert (part.stopped, len(part.cells), len(part.plan)) == ("interrupted", 2, 6)
    assert "stopped (interrupted) with 4 to go: matrix.resume() goes on" in part.sentence
    whole = part.resume()
    assert whole.stopped == "" and whole.cells[:2] == part.cells
    assert [cell.case for cell in whole.cells] == list(whole.plan)
    assert whole.cells == try_here(clients.naive, ["cut", "drop"], chunks=[3, 7, 9]).cells
    assert whole.seconds > part.seconds


class Slow(Here):
    """Takes a second for each call."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self.clock = clock

    def run(self, *call: object) -> object:  # type: ignore[override]
        self.clock.sleep(1.0)
        return super().run(*call)  # type: ignore[arg-type]


def test_a_budget_of_time_is_kept() -> None:
    clock = FakeClock()
    part = try_here(
        clients.naive, ["cut"], chunks=range(9), runner=Slow(clock), clock=clock, max_s=3.0
    )
    assert (part.stopped, len(part.cells), part.seconds) == ("max_s", 3, 3.0)
    assert len(part.go_on(Here(), max_s=None, clock=clock).cells) == 9


def test_its_table_has_a_row_for_each_cell_and_says_what_its_columns_are() -> None:
    matrix = try_here(clients.naive, ["cut", "refuse"], chunks=[7, 20])
    table = matrix.table
    assert list(table.columns) == [column.name for column in FAULT_COLUMNS]
    assert list(table.verdict) == ["wrong", "right", "wrong"]
    assert list(table.verdict.cat.categories) == list(VERDICTS)
    assert list(table.is_failure) == [True, False, True]
    assert table.chunk.isna().tolist() == [False, False, True]
    assert table.got[0] == repr("I'll add and multiply the numbers ") and table.got.isna()[1]
    told = type(matrix).table.__doc__ or ""
    assert "is_failure : boolean" in told and "One of 'right', 'raised', 'wrong'" in told
    assert len(try_here(clients.naive, ["cut"], chunks=[7], runner=Here(2)).table) == 0


def test_its_repr_is_short_and_holds_no_bytes() -> None:
    matrix = try_here(clients.naive, ["cut"], chunks=[7])
    assert "data:" not in repr(matrix) and len(repr(matrix)) < 300
