"""The glance at a usual line says what the full reading says, or nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatviz.cassettes.reading import read_runs
from chatviz.chat.deltas import Delta
from chatviz.dialects.ollama.fast_path import read_usual_line
from chatviz.dialects.ollama.known_fields import METRICS
from chatviz.dialects.ollama.stream import Ollama
from chatviz.wire.json_text import load_json
from chatviz.wire.wire_event import WireEvent
from tests.dialects.ollama.lines_made import call, end, line

DIALECT = Ollama()


def event_of(data: bytes) -> WireEvent:
    return WireEvent("data", 0, len(data), data)


def read_in_full(sent: WireEvent) -> list[Delta] | None:
    """Read without the glance; None where it is no strict JSON object."""
    try:
        payload = load_json(sent.data)
    except ValueError:
        return None
    return list(DIALECT.read_event(sent, payload)) if isinstance(payload, dict) else None


def check(data: bytes) -> bool:
    """Hold the glance against the full reading; return whether the glance read it."""
    sent = event_of(data)
    glance = read_usual_line(sent)
    assert glance is None or glance == read_in_full(sent)
    return glance is not None


ODD = st.sampled_from([None, "", "x", 0, -1, 2**63, 2**64, 1.0, True, False, [], {}, ["x"]])
STAMPS = ("2026-01-05T11:27:44.428572128Z", "2026-01-05T11:27:44Z", "2026-01-05T12:27:46.5+01:00")


def usually(*values: Any) -> st.SearchStrategy[Any]:
    """Draw a usual value, seldom an odd one."""
    return st.one_of(*[st.sampled_from(values)] * 8, ODD)


MESSAGE = st.fixed_dictionaries(
    {"role": usually("assistant"), "content": usually("", "hi")},
    optional={
        "thinking": usually("hm"),
        "tool_calls": st.one_of(ODD, st.just([call("f", {"a": 1})])),
        "images": ODD,
        "extra": ODD,
    },
)
LINE = st.fixed_dictionaries(
    {
        "model": usually("m"),
        "created_at": usually(*STAMPS),
        "message": st.one_of(MESSAGE, MESSAGE, MESSAGE, ODD),
        "done": usually(False, True),
    },
    optional={
        "done_reason": usually("stop", "length", "load"),
        **{name: usually(5, 0) for name in METRICS},
        "remote_model": usually("n"),
        "remote_host": usually("https://ollama.com:443"),
        "response": ODD,
        "error": ODD,
        "extra": ODD,
    },
)


@given(LINE)
def test_the_glance_is_the_full_reading(payload: dict[str, Any]) -> None:
    check(json.dumps(payload).encode())


TEXT = json.dumps({**line("h\u00e9", thinking="hm"), **dict.fromkeys(METRICS, 5)}).encode()


@given(st.integers(0, len(TEXT) - 1), st.binary(min_size=0, max_size=3))
def test_damaged_lines_are_refused_or_read_alike(at: int, put: bytes) -> None:
    check(TEXT[:at] + put + TEXT[at + len(put) :])


def test_lines_of_every_usual_kind_are_read_at_a_glance() -> None:
    usual = [line("a"), line(thinking="a"), line(), end(), line("a", remote_model="n")]
    assert all(check(json.dumps(one).encode()) for one in usual)


@pytest.mark.parametrize(
    "odd", [line(tool_calls=[call("f", {})]), line(role="model"), {"error": "x"}, line(extra=1)]
)
def test_what_is_seldom_is_left_to_the_full_reading(odd: dict[str, Any]) -> None:
    assert not check(json.dumps(odd).encode())


def test_real_lines_are_read_at_a_glance_but_for_calls(shared_cassettes: Path) -> None:
    read = left = 0
    for path in sorted((shared_cassettes / "go-vcr").glob("ollama_*.yaml")):
        for run in read_runs(path):
            for chunk in run.chunks:
                if check(chunk.data):
                    read += 1
                else:
                    assert b'"tool_calls"' in chunk.data
                    left += 1
    assert (read, left) == (2196, 1)
