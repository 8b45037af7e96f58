"""A recording as a client saw it: the same bytes as were played."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

import chatviz as cv
from chatviz.evidence.fault_matrix.planning.broken import break_cassette, read_broken
from chatviz.evidence.fault_matrix.planning.kinds import FAULTS, fault_kinds
from chatviz.evidence.fault_matrix.planning.plan import FaultCase, plan_cases
from tests.evidence.fault_matrix.here import FIREWORKS

WHOLE = cv.load_cassette(cv.sample(FIREWORKS))
SECOND = cv.read_runs(WHOLE)[1]


def case_of(name: str) -> FaultCase:
    """Return a case at the chunk of the second answer whose character can be split."""
    return plan_cases([SECOND], fault_kinds([name]), chunks=[22])[0]


def asked(transport: cv.ReplayTransport) -> list[tuple[int, bytes, bool]]:
    """Ask twice for the second answer; return status, bytes, and whether each came to its end."""
    request, answers = WHOLE.interactions[1].request, []
    with httpx.Client(transport=transport) as client:
        for _ in range(2):
            data, is_whole = b"", True
            with client.stream("POST", request.url, content=request.body) as response:
                try:
                    for piece in response.iter_raw():
                        data += piece
                except httpx.RemoteProtocolError:
                    is_whole = False
            answers.append((response.status_code, data, is_whole))
    return answers


@pytest.mark.parametrize("name", FAULTS)
def test_it_plays_what_the_fault_played_and_then_the_whole(name: str) -> None:
    case = case_of(name)
    broken, whole = asked(cv.ReplayTransport(WHOLE, faults=[case.fault], repeat=True))
    assert asked(cv.ReplayTransport(break_cassette(WHOLE, case), speed=1.0)) == [broken, whole]
    assert read_broken(WHOLE, case).body == broken[1]
    assert whole == (200, WHOLE.interactions[1].response.body, True)


def test_a_broken_answer_knows_what_became_of_it() -> None:
    codes = {
        name: {one.code for one in read_broken(WHOLE, case_of(name)).findings} for name in FAULTS
    }
    assert {"recording_cut_short", "unfinished_event"} <= codes["cut"]
    assert "http_error" in codes["refuse"] and "error_in_stream" in codes["error"]
    whole = {one.code for one in SECOND.findings}
    assert codes["split"] == codes["duplicate"] == codes["drop"] == whole
    assert read_broken(WHOLE, case_of("refuse")).response.status == 429


def test_a_stall_is_never_called_measured(tmp_path: Path) -> None:
    broken = break_cassette(WHOLE, case_of("stall"))
    path = tmp_path / "stalled.yaml"
    cv.save_cassette(broken, path)
    run = cv.read_runs(path)[1]
    assert run.timing != "measured" and run.response.time_source == "simulated"
    metadata = broken.interactions[1].response.metadata
    assert metadata is not None and [at for _, at in metadata.pieces] == [
        0,
        200_000_000,
        200_000_000,
        200_000_000,
    ]
