"""Which fault strikes which chunk."""

from __future__ import annotations

from typing import Any

import pytest

import chatviz as cv
from chatviz.evidence.fault_matrix.planning.chunk_choice import boundaries, choose_chunks
from chatviz.evidence.fault_matrix.planning.kinds import FAULTS, fault_kinds
from chatviz.evidence.fault_matrix.planning.plan import plan_cases
from tests.evidence.fault_matrix.here import FIREWORKS


@pytest.fixture(scope="module")
def run() -> cv.StreamRun:
    return cv.read_runs(cv.sample(FIREWORKS))[0]


def names(faults: Any) -> list[str]:
    return [kind.name for kind in fault_kinds(faults)]


def test_all_kinds_are_tried_unless_some_are_named() -> None:
    assert names(None) == list(FAULTS)
    assert names(["cut", "stall:2.5", "refuse"]) == ["cut", "stall:2.5", "refuse"]
    assert names("drop") == ["drop"]
    assert names([cv.Stall(0, seconds=5), cv.Cut(0)]) == ["stall:5", "cut"]
    assert names([cv.Stall(3, seconds=0.2)]) == ["stall"]


@pytest.mark.parametrize("faults", [["cu"], ["cut:1"], ["stall:long"], [], ["cut", "cut"]])
def test_a_kind_that_is_not_known_or_there_twice_is_refused(faults: list[str]) -> None:
    with pytest.raises(ValueError, match=r"wanted .* cut, end, stall"):
        fault_kinds(faults)


def test_what_is_no_fault_is_refused() -> None:
    with pytest.raises(TypeError, match=r"or a fault such as .*, found 3"):
        fault_kinds([3])  # type: ignore[list-item]


def test_only_what_loses_nothing_is_harmless() -> None:
    harmless = [kind.name for kind in fault_kinds(None) if kind.is_harmless]
    assert harmless == ["stall", "split"]
    (long,) = fault_kinds([cv.Stall(0, seconds=30)])
    assert not long.is_harmless and long.words == "stall of 30 s"


def test_a_fault_strikes_one_answer_once(run: cv.StreamRun) -> None:
    (cut, refuse) = fault_kinds(["cut", "refuse"])
    assert cut.at(run, 3) == cv.Cut(3, interaction=0, times=1)
    assert refuse.at(run, None) == cv.Refuse(retry_after_s=0.1, interaction=0)
    assert cut.at(run, len(run.chunks)) is None and cut.at(run, None) is None


def test_a_character_is_split_only_where_one_has_several_bytes() -> None:
    (split,) = fault_kinds(["split"])
    second = cv.read_runs(cv.sample(FIREWORKS))[1]
    struck = [n for n in range(len(second.chunks)) if split.at(second, n)]
    assert [second.chunks[n].json["choices"][0]["delta"]["content"] for n in struck] == [" ×"]


def test_boundaries_are_where_something_else_begins(run: cv.StreamRun) -> None:
    assert boundaries(run) == (0, 1, 14, 28, 42, 43)
    blocks = cv.read_runs(cv.sample("anthropic_claude-sonnet-4"))[0]
    assert set(boundaries(blocks)) >= {0, 2, 7, 13, 19, 20}


def test_of_many_chunks_the_ends_and_the_boundaries_are_taken_first(run: cv.StreamRun) -> None:
    assert choose_chunks(run) == tuple(range(44))
    assert choose_chunks(run, most=44) == tuple(range(44))
    assert choose_chunks(run, most=6) == boundaries(run)
    assert choose_chunks(run, most=1) == (0,) and choose_chunks(run, most=2) == (0, 43)
    ten = choose_chunks(run, most=10)
    assert len(ten) == 10 and set(boundaries(run)) < set(ten)
    assert choose_chunks(run, most=4) == (0, 14, 42, 43)
    second = cv.read_runs(cv.sample(FIREWORKS))[1]
    assert choose_chunks(second, most=3) == (0, 22, 29)  # a character can be split in 22 alone
    assert choose_chunks(run, chunks=[50, 3, 3, -1]) == (3,)


def test_the_plan_goes_by_answer_by_kind_by_chunk() -> None:
    runs = cv.read_runs(cv.sample(FIREWORKS))
    cases = plan_cases(runs, fault_kinds(["cut", "refuse"]), chunks=[0, 35])
    told = [(case.interaction, case.kind.name, case.chunk) for case in cases]
    assert told == [
        (0, "cut", 0), (0, "cut", 35), (0, "refuse", None), (1, "cut", 0), (1, "refuse", None),
    ]  # fmt: skip
    assert cases[1].sentence == "cut at chunk 35 of interaction 0"
    assert cases[2].sentence == "refuse of interaction 0"


def test_a_plan_of_nothing_says_what_there_is(run: cv.StreamRun) -> None:
    with pytest.raises(ValueError, match="the answers have 44 chunks"):
        plan_cases([run], fault_kinds(["cut"]), chunks=[99])
    with pytest.raises(ValueError, match="more than one byte"):
        plan_cases([run], fault_kinds(["split"]))
