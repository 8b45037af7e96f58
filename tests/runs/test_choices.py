"""What an answer says in all its choices, and which choices of several answers belong together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chatviz.runs.choices import (
    finish_reasons,
    finish_reasons_sent,
    in_choice,
    pair_choices,
    say_by_choice,
    tool_calls_of,
)
from chatviz.runs.reader import read_stream
from chatviz.runs.run import StreamRun
from tests.several_choices import REQUEST, two_choices

Build = Callable[..., bytes]


def of_choices(sse: Build, *numbers: int, finish: str | None = None) -> StreamRun:
    """Return an answer with a text of each of these choices."""
    return read_stream(
        sse(*(
            {"choices": [{"index": n, "delta": {"content": f"text {n}"}, "finish_reason": finish}]}
            for n in numbers
        ))
    )  # fmt: skip


def places(*runs: StreamRun | None) -> list[tuple[int, list[str | None]]]:
    """Return what is put together: the text of each side."""
    return [
        (number, [None if one is None else one.text for one in messages])
        for number, messages in pair_choices(runs)
    ]


def test_calls_and_endings_are_those_of_all_choices() -> None:
    run = read_stream(two_choices())
    assert run.message.tool_calls == ()
    assert [(call.choice, call.id) for call in tool_calls_of(run)] == [(1, "call_b")]
    assert finish_reasons(run) == finish_reasons_sent(run) == ("stop", "tool_calls")
    assert finish_reasons(run)[0] == run.finish_reason


def test_an_ending_is_put_into_our_words_choice_by_choice() -> None:
    run = read_stream(two_choices(finish="stop"))
    assert finish_reasons_sent(run) == ("stop", "stop")
    assert finish_reasons(run) == ("stop", "tool_calls")


def test_what_is_the_same_for_all_choices_is_said_once(sse: Build) -> None:
    run = of_choices(sse, 0, 1, 3)
    assert say_by_choice(run, ["stop", "stop", "stop"], "none") == "stop"
    assert say_by_choice(run, [None, None, None], "none") is None
    told = say_by_choice(run, [None, "stop", "length"], "none")
    assert told == "none; choice 1: stop; choice 3: length"


def test_a_lone_choice_is_not_named_whatever_its_number() -> None:
    assert (in_choice(0), in_choice(2)) == ("", "choice 2: ")


@pytest.mark.parametrize(
    ("sides", "wanted"),
    [
        (((0,), (0,)), [(0, ["text 0", "text 0"])]),
        (((0,), (5,)), [(0, ["text 0", "text 5"])]),
        (((0, 1), (1, 0)), [(0, ["text 0", "text 0"]), (1, ["text 1", "text 1"])]),
        (((0, 1), (1,)), [(0, ["text 0", None]), (1, ["text 1", "text 1"])]),
        (((0, 2), None), [(0, ["text 0", None]), (2, ["text 2", None])]),
        ((None, (3,)), [(0, [None, "text 3"])]),
    ],
)
def test_choices_are_put_together_by_their_number(sse: Build, sides: Any, wanted: Any) -> None:
    assert places(*(None if one is None else of_choices(sse, *one) for one in sides)) == wanted


def test_an_answer_has_ended_when_each_of_its_choices_has(sse: Build) -> None:
    """A JSON answer says so by its finish reasons alone."""
    message: dict[str, Any] = {"message": {"content": "a"}, "finish_reason": "stop"}
    choices = [{"index": n, **message} for n in range(2)]
    whole = b'{"object": "chat.completion", "choices": %s}'
    told = str(choices).replace("'", '"').encode()
    assert read_stream(whole % told).has_ended
    cut = told[::-1].replace(b'"pots"', b"llun", 1)[::-1]
    assert not read_stream(whole % cut).has_ended


def test_a_tool_that_was_not_offered_is_found_in_any_choice() -> None:
    body = two_choices().replace(b'"name": "f"', b'"name": "g"')
    found = [one for one in read_stream(body, REQUEST).findings if one.code == "tool_not_offered"]
    assert [one.part for one in found] == ["'call_b'"]
    codes = {one.code for one in read_stream(two_choices(), REQUEST).findings}
    assert "tool_not_offered" not in codes
