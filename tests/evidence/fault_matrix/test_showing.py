"""A fault matrix shows itself: a grid, and what went wrong below it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from chatviz.evidence.fault_matrix import picture
from chatviz.evidence.fault_matrix.cells import SIGNS, VERDICTS
from chatviz.evidence.fault_matrix.matrix import FaultMatrix
from chatviz.evidence.fault_matrix.showing import show_fault_matrix
from tests.evidence.fault_matrix import clients
from tests.evidence.fault_matrix.here import Here, try_here


@pytest.fixture(scope="module")
def naive() -> FaultMatrix:
    return try_here(clients.naive, ["cut", "drop", "split", "refuse"])


def words_of(svg: str) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def test_the_grid_has_a_sign_for_each_cell(naive: FaultMatrix) -> None:
    svg = show_fault_matrix(naive).svg
    words = words_of(svg)
    assert "interaction 0: 44 chunks" in words and "cut" in words and "43" in words
    signs = "".join(word for word in words if set(word) <= set(SIGNS.values()))
    legend = 2  # one of each verdict that occurs
    assert len(signs) == len(naive.cells) + legend
    assert "wrong answer without an error (28)" in words
    assert words.count("refuse") == 1  # once for an answer, however many rows its chunks fill
    assert words.count("not here: no character of more than one byte") == 1
    assert words.count("cut") == 2 and "interaction 0: 44 chunks, further on" in words


def test_what_could_have_been_done_better_is_framed(naive: FaultMatrix) -> None:
    svg = show_fault_matrix(naive).svg
    (*rows, _) = re.findall(r'<path d="([^"]*)" fill="none" stroke="#1a1a1a"', svg)
    assert sum(row.count("M") for row in rows) == len(naive.failures) == 15


def test_the_failures_are_told_first_and_fold_where_they_are_many(naive: FaultMatrix) -> None:
    view = show_fault_matrix(naive)
    failed, unseen, raised, right = view.tables
    assert len(failed.rows) == 15 and failed.rows[0][:5] == ("cut", 0, 0, "wrong", "''")
    assert str(failed.rows[0][6]).endswith(" more")
    assert len(unseen.rows) == 13 and raised.rows == ()
    assert right.rows == (("without a fault", naive.expected),)
    assert "<summary>The client could have done better (15 rows)</summary>" in view.html
    assert naive._repr_mimebundle_()["text/plain"] == view.sentence == naive.sentence
    assert "<script" not in view.html


def test_errors_are_counted_by_fault() -> None:
    raised = show_fault_matrix(try_here(clients.careful, ["cut", "refuse"], chunks=[3, 7])).tables[
        2
    ]
    assert raised.rows == (("cut", "httpx.RemoteProtocolError", 2),)


def test_what_was_not_tried_is_an_empty_box() -> None:
    part = try_here(clients.naive, ["cut"], chunks=range(9), runner=Here(calls_left=5))
    svg = show_fault_matrix(part).svg
    boxes = re.findall(r'<path d="([^"]*)" fill="none" stroke="#d2d2cc"/>', svg)
    assert boxes[-1].count("M") == 6 and "not tried (6)" in words_of(svg)


def test_every_verdict_has_a_sign_a_colour_and_words() -> None:
    assert set(SIGNS) == set(picture.FILLS) == set(VERDICTS)
    assert len(set(SIGNS.values())) == len(set(picture.FILLS.values())) == len(VERDICTS)


def test_of_very_many_chunks_not_all_are_drawn(
    naive: FaultMatrix, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture, "MOST_BANDS", 1)
    words = words_of(show_fault_matrix(naive).svg)
    assert "More chunks were struck than are drawn: matrix.table has all." in words
    assert "43" not in words


def test_what_a_stream_says_is_shown_as_text(naive: FaultMatrix) -> None:
    hostile = replace(naive.cells[0], got="<script>alert(1)</script>", error="<b>", message="</td>")
    html = show_fault_matrix(replace(naive, cells=(hostile,))).html
    assert "<script" not in html and "&lt;script&gt;alert(1)" in html and "<b>" not in html


def test_without_any_cell_it_says_so() -> None:
    empty: Any = try_here(clients.naive, ["cut"], runner=Here(calls_left=2))
    assert show_fault_matrix(empty).sentence.startswith("0 cells: none tried; ")
