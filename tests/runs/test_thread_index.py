"""The index of threads proposes candidates, and never misses one; history is held once."""

from __future__ import annotations

import json
import pickle
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatviz.runs import linking
from chatviz.runs.linking import link_runs
from chatviz.runs.reader import StreamReader
from chatviz.runs.run import StreamRun
from chatviz.runs.thread_index import ThreadIndex
from chatviz.wire.exchange import RequestHead, ResponseHead

Said = dict[str, Any]

URL = "https://host/v1/chat/completions"


def user(text: str) -> Said:
    return {"role": "user", "content": text}


def saying(text: str) -> Said:
    return {"role": "assistant", "content": text}


def calling(arguments: str, id: str) -> Said:
    function = {"name": "add", "arguments": arguments}
    return {
        "role": "assistant",
        "tool_calls": [{"id": id, "type": "function", "function": function}],
    }


def result(id: str) -> Said:
    return {"role": "tool", "tool_call_id": id, "content": "5"}


def run_of(messages: Sequence[Said], answer: Said | None) -> StreamRun:
    """Make the run of a request that is answered so; with None it fails."""
    body = json.dumps({"model": "m", "messages": messages}).encode()
    payload: dict[str, Any] = {"error": {"message": "slow down"}}
    if answer is not None:
        payload = {"choices": [{"index": 0, "message": answer, "finish_reason": "stop"}]}
    response = ResponseHead(429 if answer is None else 200)
    reader = StreamReader(RequestHead("POST", URL, body=body), response=response)
    reader.feed(json.dumps(payload).encode())
    return reader.close()


WORDS = st.sampled_from("ab")
IDS = st.sampled_from(["x", "y", ""])
ARGUMENTS = st.sampled_from(['{"a": 1}', '{"a":1}', '"{\\"a\\": 1}"', "{"])
ANSWERS = st.none() | WORDS.map(saying) | st.builds(calling, ARGUMENTS, IDS)
BEGINNINGS = st.lists(
    WORDS.map(user) | WORDS.map(lambda text: {"role": "system", "content": text}),
    min_size=1, max_size=3,
)  # fmt: skip


@st.composite
def runs_of_few_words(draw: st.DrawFn) -> list[StreamRun]:
    """Runs of which many look alike: each begins anew, or goes on from an earlier one."""
    asked: list[tuple[list[Said], Said | None]] = []
    for _ in range(draw(st.integers(2, 8))):
        messages = draw(BEGINNINGS)
        if asked and draw(st.integers(0, 3)):
            messages, answer = draw(st.sampled_from(asked))
            more = draw(st.sampled_from(["again", "as it came", "rewritten", "another answer"]))
            if more != "again":
                sent_back = answer if more != "another answer" else saying("b")
                if sent_back and more == "rewritten" and "tool_calls" in sent_back:
                    sent_back = calling(draw(ARGUMENTS), draw(IDS))
                behind = [result(draw(IDS))] if draw(st.booleans()) else [user(draw(WORDS))]
                messages = [*messages, *([sent_back] if sent_back else []), *behind]
            if draw(st.integers(0, 3)) == 0:
                messages = [{"role": "system", "content": draw(WORDS)}, *messages]
        asked.append((messages, draw(ANSWERS)))
    return [run_of(*one) for one in asked]


class AllThreads(ThreadIndex):
    """An index that proposes every thread: slow, and surely right."""

    def find_attempts(self, run: StreamRun) -> list[int]:
        return sorted(self._keys, reverse=True)

    find_continued = find_attempts


@given(runs_of_few_words())
@settings(max_examples=300, deadline=None)
def test_it_links_as_a_look_at_every_thread_does(runs: list[StreamRun]) -> None:
    indexed = link_runs(runs)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(linking, "ThreadIndex", AllThreads)
        assert [talk.steps for talk in link_runs(runs)] == [talk.steps for talk in indexed]


def test_a_long_conversation_holds_its_history_once() -> None:
    messages, runs = [user("x" * 20_000)], []
    for number in range(5):
        answer = saying(f"answer {number}")
        runs.append(run_of(messages, answer))
        messages = [*messages, answer, user("go on")]
    (talk,) = link_runs(runs)
    asked = [step.run.chat_request.messages for step in talk.steps]
    assert [len(each) for each in asked] == [1, 3, 5, 7, 9]
    assert all(one is other for one, other in zip(asked[3], asked[4], strict=False))


def test_lists_that_differ_in_their_middle_are_told_apart() -> None:
    """Their keys are the same, since only their ends count; they are compared in full."""
    middle = [user(text) for text in "abcdefghijkl"]
    first, other = run_of(middle, None), run_of([*middle[:6], user("?"), *middle[7:]], saying("x"))
    assert len(link_runs([first, other])) == 2
    assert len(link_runs([first, run_of(middle, saying("x"))])) == 1


def test_what_another_process_reads_is_linked_here() -> None:
    """Hashes of texts differ between processes: none is carried over."""
    messages = [user("hello"), saying("a"), user("go on")]
    first, second = run_of(messages[:1], saying("a")), run_of(messages, saying("b"))
    assert len(link_runs([first, second])) == 1
    noted = second.chat_request.messages[0]
    assert "_digest" in vars(noted)
    copy = pickle.loads(pickle.dumps(noted))
    assert copy == noted and vars(copy) == {"role": "user", "parts": noted.parts, "choice": 0}
