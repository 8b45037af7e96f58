"""What a table or view was given: conversations one after another, without holding them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chatviz.runs.conversation import Conversation, Step
from chatviz.runs.given_runs import conversations_of, each_conversation
from chatviz.runs.reader import read_stream
from chatviz.runs.run import StreamRun

RUN = read_stream(b'data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n')
TALK = Conversation((Step(RUN),))


def test_conversations_that_are_yielded_are_not_held() -> None:
    asked: list[int] = []

    def talks() -> Iterator[Conversation]:
        for number in range(3):
            asked.append(number)
            yield TALK

    found = iter(each_conversation(talks()))
    assert next(found) is TALK and asked == [0]
    assert len(list(found)) == 2


@pytest.mark.parametrize(
    "given", [RUN, TALK, [RUN, TALK], (RUN,), [], iter([TALK, RUN, TALK]), iter([RUN]), iter([])]
)
def test_they_are_those_that_a_list_gives(given: object) -> None:
    items = given if isinstance(given, StreamRun | Conversation) else list(given)  # type: ignore[call-overload]
    again = iter(items) if isinstance(items, list) and isinstance(given, Iterator) else given
    assert list(each_conversation(again)) == list(conversations_of(items))


@pytest.mark.parametrize(
    "wrong", ["a.yaml", b"data: {}", 5, {}, {"a": RUN}, Path("a.yaml"), iter(["a.yaml"])]
)
def test_what_is_no_run_is_refused(wrong: object) -> None:
    with pytest.raises(TypeError, match="wanted"):
        list(each_conversation(wrong))  # type: ignore[arg-type]
