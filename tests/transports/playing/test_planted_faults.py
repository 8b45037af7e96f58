"""Faults are checked when they are made, and when they are planted into a recording."""

from __future__ import annotations

from collections.abc import Callable
from math import inf, nan
from typing import Any

import httpx
import pytest

import chatviz as cv
from chatviz.cassettes.cassette import Cassette, Interaction, RecordedRequest, RecordedResponse
from chatviz.cassettes.metadata import RecordingMetadata
from chatviz.evidence.fault_matrix.planning.kinds import fault_kinds
from chatviz.transports.playing.faults import Fault, UnfitFault
from chatviz.transports.playing.striking import PlantedFaults, plant_faults

ONE = b"data: 1\n\n"
AT_CHUNK: tuple[Any, ...] = (
    cv.Cut, cv.End, cv.Stall, cv.Duplicate, cv.Drop, cv.Corrupt, cv.SplitCharacter, cv.SendError,
)  # fmt: skip


def recorded(*bodies: bytes, fault: str = "") -> Cassette:
    request = RecordedRequest("POST", "https://api.test/v1/chat/completions", body=b"{}")
    metadata = RecordingMetadata(fault=fault) if fault else None
    answers = (RecordedResponse(200, body=body, metadata=metadata) for body in bodies)
    return Cassette(tuple(Interaction(request, answer) for answer in answers))


@pytest.mark.parametrize("make", AT_CHUNK)
@pytest.mark.parametrize(
    ("chunk", "options", "told"),
    [
        ("a", {}, "wanted a whole number as chunk, 0 or more, found 'a'"),
        (1.5, {}, "wanted a whole number as chunk, 0 or more, found 1.5"),
        (True, {}, "wanted a whole number as chunk, 0 or more, found True"),
        (-1, {}, "wanted a whole number as chunk, 0 or more, found -1"),
        (1, {"times": 0}, "wanted a whole number as times, 1 or more, found 0"),
        (1, {"times": "x"}, "wanted a whole number as times, 1 or more, found 'x'"),
        (1, {"interaction": -1}, "wanted a whole number as interaction, 0 or more, found -1"),
        (1, {"interaction": "a"}, "wanted a whole number as interaction, 0 or more, found 'a'"),
    ],
)
def test_where_a_fault_strikes_is_checked_when_it_is_made(
    make: Callable[..., Fault], chunk: object, options: dict[str, object], told: str
) -> None:
    with pytest.raises((TypeError, ValueError), match=told):
        make(chunk, **options)


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: cv.Stall(1, seconds=-3), "wanted a number as seconds, 0 or more, found -3"),
        (lambda: cv.Stall(1, seconds=nan), "wanted a number as seconds, 0 or more, found nan"),
        (lambda: cv.Stall(1, seconds="x"), "wanted a number as seconds, 0 or more, found 'x'"),
        (lambda: cv.Stall(1, seconds=inf), "wanted at most a year of seconds, found inf"),
        (lambda: cv.Corrupt(1, "x"), "wanted a single byte as byte, found 'x'"),
        (lambda: cv.Corrupt(1, b""), "wanted a single byte as byte, found 0 bytes"),
        (lambda: cv.Corrupt(1, b"ab"), "wanted a single byte as byte, found 2 bytes"),
        (lambda: cv.SendError(1, 5), "wanted a text as message, found 5"),
        (lambda: cv.SendError(1, event="x"), "wanted bytes as event, found 'x'"),
        (lambda: cv.Refuse(0), "wanted a whole number as times, 1 or more, found 0"),
        (lambda: cv.Refuse("a"), "wanted a whole number as times, 1 or more, found 'a'"),
        (lambda: cv.Refuse(status=200), "wanted a whole number as status, 400 or more, found 200"),
        (lambda: cv.Refuse(status="x"), "wanted a whole number as status, 400 or more, found 'x'"),
        (lambda: cv.Refuse(status=700), "wanted a status from 400 to 599, found 700"),
        (lambda: cv.Refuse(retry_after_s=-1), "wanted a number as retry_after_s, 0 or more"),
        (lambda: cv.Refuse(interaction=-1), "wanted a whole number as interaction"),
    ],
)
def test_what_is_a_faults_own_is_checked_when_it_is_made(
    make: Callable[[], Fault], told: str
) -> None:
    with pytest.raises((TypeError, ValueError), match=told):
        make()


def test_what_an_error_event_holds_is_not_in_its_repr() -> None:
    assert "secret" not in repr(cv.SendError(1, event=b"data: secret"))


@pytest.mark.parametrize(
    ("faults", "told"),
    [
        (cv.Cut(1, interaction=99), "names interaction 99, and the recording has 2, from 0"),
        (cv.Refuse(interaction=2), "names interaction 2, and the recording has 2, from 0"),
        (cv.Cut(9), "names chunk 9, and the answer of interaction 1 has 3, .* None of 2 fits"),
        (cv.Cut(2, interaction=0), "names chunk 2, and the answer of interaction 0 has 2"),
        (cv.SplitCharacter(1), "chunk 1 is all ASCII.* None of 2 fits"),
        ([cv.Cut(1), cv.Cut(9)], "names chunk 9"),
    ],
)
def test_a_fault_that_can_strike_nothing_is_told_before_any_request(
    faults: PlantedFaults, told: str
) -> None:
    source = recorded(ONE * 2, ONE * 3)
    for player in (cv.ReplayTransport, cv.ReplayServer):
        with pytest.raises(UnfitFault, match=told):
            player(source, faults=faults)


def test_a_fault_that_fits_one_of_the_answers_passes() -> None:
    source = recorded(ONE * 2, ONE * 3)
    assert plant_faults([cv.Cut(2)], source) == (cv.Cut(2),)
    assert plant_faults(iter([cv.Refuse(2)]), source) == (cv.Refuse(2),)


def test_what_cannot_be_struck_is_left_to_the_request() -> None:
    """Of an empty recording, and of answers that were not read, other things are told."""
    assert plant_faults(cv.Cut(2, interaction=5), Cassette()) == (cv.Cut(2, interaction=5),)
    assert plant_faults(cv.Cut(2), recorded(b"", fault="torn")) == (cv.Cut(2),)


@pytest.mark.parametrize("faults", [5, [5], "cut", ["cut"], [cv.Cut], {"a": 1}, None])
def test_what_is_no_fault_is_refused(faults: Any) -> None:
    for call in (
        lambda: cv.ReplayTransport(recorded(ONE), faults=faults),
        lambda: cv.ReplayServer(recorded(ONE), faults=faults),
    ):
        with pytest.raises(TypeError, match=r"wanted faults such as cv\.Cut\(10\)"):
            call()


def test_a_single_fault_needs_no_list() -> None:
    with httpx.Client(transport=cv.ReplayTransport(recorded(ONE * 3), faults=cv.End(1))) as client:
        answer = client.post("https://api.test/v1/chat/completions", content=b"{}")
    assert answer.content == ONE
    assert [kind.name for kind in fault_kinds(cv.Cut(0))] == ["cut"]
    with pytest.raises(TypeError, match="wanted names of faults, and faults such as"):
        fault_kinds(5)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["speed", "chunks_per_second"])
@pytest.mark.parametrize("pace", ["x", 0, nan, True, []])
def test_a_pace_is_a_number_above_0(name: str, pace: Any) -> None:
    with pytest.raises((TypeError, ValueError), match=f"wanted a number as {name}, above 0"):
        cv.ReplayTransport(recorded(ONE), **{name: pace})
