"""Faults in bodies whose chunks do not end themselves: a JSON array, lines without a last break."""

from __future__ import annotations

import json
from itertools import combinations
from typing import Any

import pytest

import chatviz as cv
from chatviz.transports.playing.faults import (
    Corrupt,
    Cut,
    Drop,
    Duplicate,
    End,
    Fault,
    SendError,
    SplitCharacter,
    Stall,
)
from chatviz.transports.playing.pace import Piece
from chatviz.transports.playing.planned_answer import PlannedAnswer
from chatviz.transports.playing.striking import apply_faults

GAPS = [b",", b",\r\n", b"\n , \n", b" ,"]


def array(count: int, gap: bytes = b",\r\n", begin: bytes = b"[", end: bytes = b"]\n") -> bytes:
    return begin + gap.join(b'{"n": "%d \xc3\xa9"}' % n for n in range(count)) + end


def sent(body: bytes, *faults: Fault, size: int = 0) -> bytes:
    """What is sent of a body that came whole, or in pieces of some bytes."""
    size = size or len(body)
    pieces = tuple(Piece(body[at : at + size], at) for at in range(0, len(body), size))
    answer = apply_faults(PlannedAnswer(200, pieces=pieces), faults)
    return b"".join(piece.data for piece in answer.pieces)


def numbers(body: bytes) -> list[int]:
    return [int(each["n"][0]) for each in json.loads(body)]


def expected(count: int, faults: tuple[Fault, ...]) -> list[int]:
    """What an array of numbers is once the faults have struck it."""
    left: list[int] = []
    for number in range(count):
        copies = 1
        for fault in (each for each in faults if getattr(each, "chunk", None) == number):
            if isinstance(fault, End):
                return left
            copies *= {Drop: 0, Duplicate: 2}.get(type(fault), 1)  # type: ignore[call-overload]
        left += [number] * copies
    return left


@pytest.mark.parametrize("size", [0, 1, 7])
@pytest.mark.parametrize("count", [1, 2, 4])
def test_an_array_stays_one_whatever_goes_comes_twice_or_ends(count: int, size: int) -> None:
    """Gemini without ``alt=sse``; its commas stand on lines of their own, or behind an element."""
    kinds = (Drop, Duplicate, End, SplitCharacter, Stall)
    all_faults: list[Any] = [kind(number) for kind in kinds for number in range(count)]
    for gap in GAPS:
        for faults in (
            *combinations(all_faults, 1),
            *combinations(all_faults, 2),
            tuple(Drop(number) for number in range(count)),
            tuple(Duplicate(number) for number in range(count)),
            tuple(Drop(number) for number in range(count - 1)),
        ):
            body = sent(array(count, gap), *faults, size=size)
            assert numbers(body) == expected(count, faults), (faults, body)


@pytest.mark.parametrize(
    ("begin", "end"), [(b"[", b"]"), (b"\xef\xbb\xbf [\n", b"\n]\n"), (b"  [ ", b" ]")]
)
def test_what_is_around_an_array_stays(begin: bytes, end: bytes) -> None:
    for faults in ([Drop(0)], [Drop(1)], [Drop(2)], [Duplicate(2)], [Drop(0), Drop(1)]):
        body = sent(array(3, begin=begin, end=end), *faults)
        assert (body.startswith(begin), body.endswith(end)) == (True, True)


def test_the_other_faults_break_an_array_as_they_say() -> None:
    body, first = array(3), b'{"n": "0 \xc3\xa9"}'
    half = len(first) // 2
    assert sent(body, Cut(1)) == b"[" + first + b",\r\n" + first.replace(b"0", b"1")[:half]
    assert sent(body, Corrupt(1)).count(b"\xff") == 1
    error = b'{"error": {}}]'
    assert json.loads(sent(body, SendError(0, event=error))) == [{"error": {}}]
    assert len(json.loads(sent(body, SendError(2, event=error)))) == 3
    assert len(json.loads(sent(body, Drop(0), SendError(1, event=error)))) == 1
    assert json.loads(sent(body, Drop(0), End(0))) == []


def test_the_last_line_comes_twice_on_lines_of_their_own() -> None:
    """NDJSON without a line break at its end."""
    lines = b'{"n": 1}\n{"n": 2}'
    assert sent(lines, Duplicate(1)) == lines + b'\n{"n": 2}'
    assert sent(lines + b"\n", Duplicate(1)) == lines + b'\n{"n": 2}\n'
    assert sent(lines, Drop(1)) == b'{"n": 1}\n'


def test_an_array_with_a_fault_is_read_to_its_end() -> None:
    gemini = b'{"candidates": [{"content": {"parts": [{"text": "%s"}], "role": "model"}}]}'
    body = b"[" + b",\r\n".join(gemini % word for word in (b"a", b"b", b"c")) + b"]"
    for fault, text in ((Drop(1), "ac"), (Drop(2), "ab"), (Duplicate(2), "abcc"), (End(2), "ab")):
        run = cv.read_stream(sent(body, fault))
        assert run.message.text == text
        assert "stream_cut" not in {finding.code for finding in run.findings}
        assert all(event.kind == "data" for event in run.events)
