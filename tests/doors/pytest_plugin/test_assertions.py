"""What a test may say of answers, and what it is told where that is not so."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import pytest

import chatviz as cv
from chatviz.cassettes.cassette import RecordedRequest, RecordedResponse

KEY = "sk-proj-" + "Ab3dE6gH" * 6


def answer(*calls: tuple[str, str], finish: str | None = "tool_calls") -> bytes:
    """Build an answer of one JSON value, with calls of tools."""
    told = [
        {"id": f"c{n}", "type": "function", "function": {"name": name, "arguments": arguments}}
        for n, (name, arguments) in enumerate(calls)
    ]
    message = {"role": "assistant", "content": None, "tool_calls": told}
    choice = {"index": 0, "message": message, "finish_reason": finish}
    return json.dumps({"object": "chat.completion", "choices": [choice]}).encode()


def test_a_call_is_found_by_some_of_its_arguments_and_returned(seeds: Any) -> None:
    runs = cv.read_runs(seeds.fireworks)
    assert cv.assert_called(runs[0], "add", a=2) is runs[0].message.tool_calls[0]
    assert cv.assert_called(runs, "multiply").parsed == {"a": 2, "b": 3}
    assert cv.assert_called(seeds.fireworks, "multiply", a=ANY, b=pytest.approx(3.0)).name


@pytest.mark.parametrize("source", ["conversation", "cassette", "path", "sample"])
def test_whatever_a_view_takes_can_be_asked(seeds: Any, source: str) -> None:
    given = {
        "conversation": cv.read_conversation(seeds.fireworks),
        "cassette": cv.load_cassette(seeds.fireworks),
        "path": seeds.fireworks,
        "sample": "openrouter_kimi-k2_fireworks",
    }[source]
    cv.assert_called(given, "add", a=2, b=3)
    cv.assert_no_findings(given)


def test_a_call_that_is_not_there_is_told_with_those_that_are(seeds: Any) -> None:
    with pytest.raises(AssertionError) as caught:
        cv.assert_called(cv.read_runs(seeds.fireworks), "add", a=3, c=1)
    assert str(caught.value) == (
        "wanted a call of 'add' with a=3, c=1, found:\n"
        '  add {"a": 2, "b": 3}: a is 2, c is not given\n'
        '  multiply {"a": 2, "b": 3}: another tool'
    )
    with pytest.raises(AssertionError, match=r"^wanted a call of 'add', found no call of a tool.$"):
        cv.assert_called(cv.read_runs(seeds.fireworks)[1], "add")


def test_arguments_may_be_called_as_they_like() -> None:
    run = cv.read_stream(answer(("f", '{"name": 1, "source": 2, "a-b": 3}')))
    cv.assert_called(run, "f", name=1, source=2, **{"a-b": 3})


def test_a_truth_value_is_no_number() -> None:
    run = cv.read_stream(answer(("f", '{"a": true, "b": 1}')))
    cv.assert_called(run, "f", a=True, b=1.0)
    for wrong in ({"a": 1}, {"b": True}):
        with pytest.raises(AssertionError):
            cv.assert_called(run, "f", **wrong)


def test_arguments_that_are_no_object_match_nothing() -> None:
    run = cv.read_stream(answer(("f", "[1"), ("f", "")))
    with pytest.raises(AssertionError, match="its arguments are no JSON object"):
        cv.assert_called(run, "f", a=1)
    assert cv.assert_called(run, "f").arguments == ""


def test_what_is_told_of_a_call_is_short_and_holds_no_key_and_no_control() -> None:
    calls = [("f\x1b[2J", json.dumps({"k": KEY})), ("f", "x" * 9000)] + [("g", "{}")] * 30
    with pytest.raises(AssertionError) as caught:
        cv.assert_called(cv.read_stream(answer(*calls)), "f", k=1)
    told = str(caught.value)
    assert KEY not in told and "\x1b" not in told
    assert len(told) < 3000
    assert told.endswith("and 22 more")


BROKEN = b'data: {"choices":[{"index":0,"delta":{"content":"Hi"}}]}\n\ndata: {oops\n\n'


def test_findings_are_told_with_place_and_sentence() -> None:
    run = cv.read_stream(BROKEN)
    worst = run.findings[0]
    with pytest.raises(AssertionError) as caught:
        cv.assert_no_findings(run)
    first, second, *_ = str(caught.value).splitlines()
    assert first.startswith("wanted no finding of severity 'warning' or worse, found ")
    assert second.startswith(f"  {worst.severity} {worst.code} (step 1")
    assert second.endswith(worst.message)


def test_milder_findings_and_those_that_are_ignored_do_not_count(seeds: Any) -> None:
    run = cv.read_stream(BROKEN)
    codes = {one.code for one in run.findings}
    cv.assert_no_findings(run, at_least="info", ignore=codes)
    errors = {one.code for one in run.findings if one.severity == "error"}
    assert errors and errors != codes
    cv.assert_no_findings(run, at_least="error", ignore=errors)
    with pytest.raises(AssertionError):
        cv.assert_no_findings(run, at_least="warning", ignore=errors)


@pytest.mark.parametrize("source", ["list", "iterator", "cassette", "path", "no chat"])
def test_where_there_is_no_answer_a_test_has_shown_nothing(source: str, tmp_path: Path) -> None:
    """A recording that is empty, or holds no chat, would keep a test green for ever."""
    request = RecordedRequest("GET", "https://api.test/health")
    other = cv.Cassette((cv.Interaction(request, RecordedResponse(200, body=b"fine")),))
    path = tmp_path / "a.yaml"
    cv.save_cassette(other, path)
    given: Any = {
        "list": [],
        "iterator": iter(()),
        "cassette": cv.Cassette(),
        "path": path,
        "no chat": other,
    }
    for check in (cv.assert_no_findings, lambda answers: cv.assert_called(answers, "add")):
        with pytest.raises(AssertionError, match="wanted answers of a chat, found none"):
            check(given[source])
    for check in (cv.assert_no_findings, lambda answers: cv.assert_called(answers, "add")):
        with pytest.raises(TypeError, match="a dict is no list of runs"):
            check({})


def test_what_cannot_be_asked_for_is_named() -> None:
    run = cv.read_stream(BROKEN)
    with pytest.raises(ValueError, match=r"at_least should be one of .*'fatal'"):
        cv.assert_no_findings(run, at_least="fatal")  # type: ignore[arg-type]
    for wrong in ("nonsense", ["nonsense"], iter(["nonsense", 5])):
        with pytest.raises(ValueError, match="no finding has the code 'nonsense'"):
            cv.assert_no_findings(run, ignore=wrong)
    with pytest.raises(TypeError, match=r"wanted codes as ignore, found 5: ignore=\['role_"):
        cv.assert_no_findings(run, ignore=5)  # type: ignore[arg-type]


def test_they_need_no_pytest(seeds: Any) -> None:
    code = f"""
import sys
import chatviz as cv
cv.assert_called({str(seeds.fireworks)!r}, "add", a=2)
cv.assert_no_findings({str(seeds.fireworks)!r})
assert "pytest" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)
