"""What is lossy and what is wrong: one rule each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import chatviz as cv
from chatviz.evidence.sdks.comparing import SentAndRead, compare_result
from chatviz.evidence.sdks.result import check_result
from tests.several_choices import REQUEST, two_choices


@pytest.fixture
def run() -> cv.StreamRun:
    """An answer with text, two calls, usage and cost."""
    return cv.read_runs(cv.sample("openrouter_kimi-k2_fireworks"))[0]


@pytest.fixture
def whole(run: cv.StreamRun) -> dict[str, Any]:
    """What a library returns that keeps all of it."""
    usage = run.usage
    assert usage is not None
    return {
        "text": run.message.text,
        "calls": [
            {"id": one.id, "name": one.name, "arguments": one.arguments}
            for one in run.message.tool_calls
        ],
        "finish": run.finish_reason_sent,
        "usage": {
            "input_tokens": usage.input_tokens,
            "output_tokens": usage.output_tokens,
            "total_tokens": usage.total_tokens,
        },
        "cost": run.cost,
        "id": run.answer.identity.id,
    }


def _compare(result: dict[str, Any], run: cv.StreamRun) -> list[tuple[str, str, str]]:
    checked = check_result(result)
    assert checked is not None
    return [(one.verdict, one.kind, one.place) for one in compare_result(checked, run)]


def test_what_is_whole_does_not_differ(run: cv.StreamRun, whole: dict[str, Any]) -> None:
    assert _compare(whole, run) == []


def test_what_has_no_place_is_lossy(run: cv.StreamRun, whole: dict[str, Any]) -> None:
    assert _compare({}, run) == [
        ("lossy", "text", "text"),
        ("lossy", "calls", "calls"),
        ("lossy", "finish", "finish"),
        ("lossy", "usage", "usage.input_tokens"),
        ("lossy", "usage", "usage.output_tokens"),
        ("lossy", "usage", "usage.total_tokens"),
        ("lossy", "cost", "cost"),
        ("lossy", "ids", "id"),
    ]
    for key, kind in (("finish", "finish"), ("cost", "cost"), ("id", "ids")):
        assert _compare({**whole, key: None}, run) == [("lossy", kind, key)]
    calls = [{**one, "id": ""} for one in whole["calls"]]
    assert _compare({**whole, "calls": calls}, run)[0] == ("lossy", "ids", "calls[0].id")


@pytest.mark.parametrize(
    ("key", "value", "found"),
    [
        ("text", "", ("wrong", "text", "text")),
        ("text", "other", ("wrong", "text", "text")),
        ("reasoning", "thought", ("wrong", "reasoning", "reasoning")),
        ("calls", [], ("wrong", "calls", "calls")),
        ("finish", "length", ("wrong", "finish", "finish")),
        ("cost", 0.5, ("wrong", "cost", "cost")),
        ("cost", "free", ("wrong", "cost", "cost")),
        ("usage", {"input_tokens": 1, "output_tokens": 55, "total_tokens": 265},
         ("wrong", "usage", "usage.input_tokens")),
        ("id", "other", ("lossy", "ids", "id")),  # its own: there is no place for what was sent
    ],
)  # fmt: skip
def test_what_contradicts_is_wrong(
    run: cv.StreamRun, whole: dict[str, Any], key: str, value: Any, found: tuple[str, str, str]
) -> None:
    assert _compare({**whole, key: value}, run) == [found]


def test_calls_are_compared_by_name_and_order_then_by_value_and_id(
    run: cv.StreamRun, whole: dict[str, Any]
) -> None:
    first, second = whole["calls"]
    assert _compare({**whole, "calls": [second, first]}, run) == [("wrong", "calls", "calls")]
    other = [first, {**second, "arguments": '{"a": 2}', "id": "x"}]
    assert _compare({**whole, "calls": other}, run) == [
        ("wrong", "arguments", "calls[1].arguments"),
        ("wrong", "ids", "calls[1].id"),
    ]
    spelled = [{**first, "arguments": {"b": 3, "a": 2}}, second]
    assert _compare({**whole, "calls": spelled}, run) == []


def test_what_was_not_sent_is_nobodys_difference(sse: Callable[..., bytes]) -> None:
    chunk = {
        "object": "chat.completion.chunk",
        "choices": [{"index": 0, "delta": {"content": "Hi"}}],
    }
    made = {
        "text": "Hi", "finish": "stop", "id": "own", "cost": 3, "usage": {"input_tokens": 3},
        "reasoning": None, "calls": [],
    }  # fmt: skip
    assert _compare(made, cv.read_stream(sse(chunk))) == []


def test_the_words_of_other_libraries_for_the_same_finish_are_the_same(
    run: cv.StreamRun, whole: dict[str, Any]
) -> None:
    for word in ("tool_calls", "tool-calls", "tool_call", "TOOL_USE"):
        assert _compare({**whole, "finish": word}, run) == []
    gemini = cv.read_runs(cv.sample("gemini_2.5-flash"))[0]
    assert "finish" not in [kind for _, kind, _ in _compare({"finish": "tool-calls"}, gemini)]


def test_numbers_that_are_none_are_missed_by_nobody(sse: Callable[..., bytes]) -> None:
    """Zero tokens from a cache, and a cost of nothing, are said by no number, too."""
    usage = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3, "cost": 0,
             "prompt_tokens_details": {"cached_tokens": 0}}  # fmt: skip
    chunk = {"object": "chat.completion.chunk", "choices": [], "usage": usage}
    counted = {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}
    assert _compare({"usage": counted}, cv.read_stream(sse(chunk))) == []


def test_reasoning_is_compared_without_its_spaces(sse: Callable[..., bytes]) -> None:
    delta = {"reasoning": "one\n\ntwo", "content": ""}
    run = cv.read_stream(
        sse({"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta}]})
    )
    assert _compare({"text": "", "reasoning": "one two"}, run) == []
    assert _compare({"text": "", "reasoning": ""}, run) == [("lossy", "reasoning", "reasoning")]


def test_arguments_that_are_no_json_are_compared_as_text(sse: Callable[..., bytes]) -> None:
    call = {"index": 0, "id": "c", "function": {"name": "f", "arguments": '{"a":'}}
    delta = {"tool_calls": [call]}
    run = cv.read_stream(
        sse({"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta}]})
    )
    calls = [{"id": "c", "name": "f", "arguments": '{"a":'}]
    assert _compare({"calls": calls}, run) == []
    assert _compare({"calls": [{**calls[0], "arguments": "{}"}]}, run)[0][1] == "arguments"


def test_an_error_that_nobody_raised_is_missing(sse: Callable[..., bytes]) -> None:
    run = cv.read_stream(
        sse({"object": "chat.completion.chunk", "choices": []}, {"error": {"message": "no"}})
    )
    checked = check_result({})
    assert checked is not None
    assert compare_result(checked, run) == (SentAndRead("error", "error", "no", "", "lossy"),)


@pytest.mark.parametrize(
    ("kind", "sent", "read", "relation"),
    [
        ("text", "Hi", "", "nothing"),
        ("text", "Hi", "H", "part"),
        ("finish", "stop", "stopstop", "around"),
        ("text", "Hi", "Ho", "other"),
        ("usage", "5", "0", "nothing"),
        ("usage", "5", "3", "less"),
        ("cost", "0.1", "0.2", "more"),
        ("cost", "0.1", "free", "less"),
        ("calls", "f", "ff", "other"),
        ("calls", "f", "f, f", "more"),
        ("calls", "f, g", "g", "less"),
        ("calls", "", "f", "more"),
    ],
)
def test_the_sides_are_told_apart_by_how_they_are_related(
    kind: str, sent: str, read: str, relation: str
) -> None:
    assert SentAndRead(kind, kind, sent, read, "wrong").relation == relation


# ---- several choices

SECOND = {
    "text": "yes",
    "calls": [{"id": "call_b", "name": "f", "arguments": {"x": 1}}],
    "finish": "tool_calls",
}
FIRST = {"text": "a", "calls": [], "finish": "stop", "id": "c1"}


@pytest.fixture
def two() -> cv.StreamRun:
    return cv.read_stream(two_choices(), REQUEST)


def test_each_choice_is_compared_with_that_at_its_place(two: cv.StreamRun) -> None:
    assert _compare({**FIRST, "choices": [SECOND]}, two) == []
    call = {"id": "", "name": "f", "arguments": {"x": 2}}
    other = {"text": "no", "calls": [call], "finish": "stop"}
    assert _compare({**FIRST, "choices": [other]}, two) == [
        ("wrong", "text", "choice 1: text"),
        ("wrong", "arguments", "choice 1: calls[0].arguments"),
        ("wrong", "finish", "choice 1: finish"),
        ("lossy", "ids", "choice 1: calls[0].id"),
    ]


def test_choices_that_have_no_place_are_lossy(two: cv.StreamRun) -> None:
    assert _compare(FIRST, two) == [
        ("lossy", "text", "choice 1: text"),
        ("lossy", "calls", "choice 1: calls"),
        ("lossy", "finish", "choice 1: finish"),
    ]


def test_a_list_of_choices_that_is_too_short_or_too_long_is_wrong(two: cv.StreamRun) -> None:
    assert _compare({**FIRST, "choices": []}, two) == [
        ("wrong", "text", "choice 1: text"),
        ("wrong", "calls", "choice 1: calls"),
        ("lossy", "finish", "choice 1: finish"),
    ]
    assert _compare({**FIRST, "choices": [SECOND, SECOND, {}]}, two) == [
        ("wrong", "text", "choice 2: text"),
        ("wrong", "calls", "choice 2: calls"),
    ]


def test_choices_that_are_mixed_are_wrong(two: cv.StreamRun) -> None:
    """As a parser reads that takes the first of each chunk's choices."""
    mixed = {**FIRST, "text": "ayes", "calls": SECOND["calls"], "finish": "tool_calls"}
    found = _compare(mixed, two)
    assert ("wrong", "text", "text") in found and ("wrong", "calls", "calls") in found
    assert ("lossy", "text", "choice 1: text") in found
