"""cv.fault_matrix: each run in a process of its own, which a limit ends."""

from __future__ import annotations

from typing import Any

import pytest

import chatviz as cv
from tests.evidence.fault_matrix import clients
from tests.evidence.fault_matrix.here import FIREWORKS


def test_a_client_is_tried_at_each_fault_and_chunk() -> None:
    matrix = cv.fault_matrix(
        FIREWORKS, clients.careful, ["cut", "refuse"], chunks=[0, 7], match="any"
    )
    assert [cell.verdict for cell in matrix.cells] == ["raised", "raised", "right"]
    assert matrix.cells == cv.fault_matrix(
        cv.load_cassette(cv.sample(FIREWORKS)), clients.careful, ["cut", "refuse"], chunks=[0, 7],
        match="any",
    ).cells  # fmt: skip
    assert matrix.unasked == (1,) and matrix.stopped == ""
    assert matrix.sentence == (
        "3 cells: 1 right answer, 2 error raised; the client could have done better in 0; not "
        "asked for: interaction 1."
    )


def test_what_hangs_is_ended_and_the_next_is_tried_in_a_new_process() -> None:
    matrix = cv.fault_matrix(
        FIREWORKS, clients.stuck_on_a_pause, ["stall", "drop"], chunks=[0, 42],
        match="any", limit_s=1.0,
    )  # fmt: skip
    assert [cell.verdict for cell in matrix.cells] == ["hung", "hung", "right", "right"]
    assert all(cell.is_failure for cell in matrix.cells[:2])
    assert all(cell.seconds >= 1.0 for cell in matrix.cells[:2])


def test_what_ends_its_process_is_told() -> None:
    matrix = cv.fault_matrix(
        FIREWORKS, clients.exiting, ["refuse", "stall"], chunks=[3], match="any"
    )
    stall, refuse = sorted(matrix.cells, key=lambda cell: cell.verdict, reverse=True)
    assert (stall.verdict, refuse.verdict) == ("right", "died")
    assert "exit code 7" in refuse.message and refuse.is_failure
    with pytest.raises(ValueError, match="would end pytest"):
        matrix.as_test("refuse")


def test_a_function_of_a_function_is_sent_and_what_cannot_be_is_refused() -> None:
    ending = "!"

    def shouting(client: Any) -> str:
        return clients.naive(client) + ending

    matrix = cv.fault_matrix(FIREWORKS, shouting, ["cut"], chunks=[3], match="any")
    assert matrix.cells[0].got == '"I\'ll add and!"'
    with pytest.raises(ValueError, match="made by def"):
        matrix.as_test("cut", 3)
    generator = (number for number in range(3))

    def holding(client: Any) -> int:
        return next(generator)

    with pytest.raises(TypeError, match="holds on to something that cannot"):
        cv.fault_matrix(FIREWORKS, holding)


def test_what_was_not_recorded_is_told_with_the_difference() -> None:
    with pytest.raises(
        cv.BaselineError, match=r"NoMatchingInteraction.*what you? asked|match='any'"
    ):
        cv.fault_matrix(FIREWORKS, clients.careful, ["cut"], chunks=[0])


def test_a_test_that_hangs_without_a_fault_is_ended_too() -> None:
    with pytest.raises(cv.BaselineError, match="did not end within its limit"):
        cv.fault_matrix(FIREWORKS, stuck, ["cut"], limit_s=0.5, start_s=4.0)


def stuck(_: Any) -> str:
    import threading

    threading.Event().wait()
    return ""


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"over": "smoke"}, "over should be one of 'httpx', 'httpx2', 'server'"),
        ({"limit_s": 0}, "wanted a number as limit_s, above 0"),
        ({"faults": ["cuts"]}, "wanted the name of a fault"),
        ({"start_s": float("nan")}, "wanted a number as start_s, above 0"),
        ({"match": "all"}, "match should be a function, 'any' or None"),
        ({"ignore": ["a["]}, "a path"),
    ],
)
def test_wrong_use_is_said_in_a_sentence(options: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        cv.fault_matrix(FIREWORKS, clients.naive, **options)


def test_what_it_is_asked_over_must_be_installed(monkeypatch: Any) -> None:
    import sys

    for name, over in (("uvicorn", "server"), ("httpx2", "httpx2")):
        monkeypatch.setitem(sys.modules, name, None)
        with pytest.raises(ImportError, match=name):
            cv.fault_matrix(FIREWORKS, clients.naive, over=over)  # type: ignore[arg-type]


def test_a_sample_that_is_called_almost_so_is_named() -> None:
    with pytest.raises(cv.CassetteError, match="A sample is called 'openrouter_kimi-k2_fireworks'"):
        cv.fault_matrix("openrouter_kimi-k2_firework", clients.naive)
