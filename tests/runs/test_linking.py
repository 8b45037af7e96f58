"""Runs are linked by what the later requests repeat of the earlier answers."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from chatviz.cassettes.cassette import Cassette
from chatviz.cassettes.storage import load_cassette
from chatviz.chat.messages import ToolResult
from chatviz.runs import linking
from chatviz.runs.conversation import Conversation, Step, has_failed
from chatviz.runs.given_runs import conversations_of, each_conversation, runs_of
from chatviz.runs.linking import RunLinker, join_steps, link_runs
from chatviz.runs.reader import StreamReader
from chatviz.runs.run import StreamRun
from chatviz.tables import tool_call_table
from chatviz.wire.exchange import RequestHead, ResponseHead

Message = dict[str, Any]
Ask = Callable[..., StreamRun]

URL = "https://host/v1/chat/completions"
USER: Message = {"role": "user", "content": "add 2 and 3"}


def call(id: str, name: str = "add", arguments: str = '{"a": 2}') -> Message:
    return {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}


def calling(*calls: Message) -> Message:
    return {"role": "assistant", "content": None, "tool_calls": [*calls]}


def saying(text: str) -> Message:
    return {"role": "assistant", "content": text}


def result(id: str, text: str = "5") -> Message:
    return {"role": "tool", "tool_call_id": id, "content": text}


@pytest.fixture
def ask() -> Ask:
    """Make the run of a request with these messages that is answered with this message."""

    def make(
        messages: list[Message], answer: Message | None, cost: float | None = 0.1
    ) -> StreamRun:
        body = json.dumps({"model": "m", "messages": messages}).encode()
        usage = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3, "cost": cost}
        if answer is None:
            response, payload = ResponseHead(429), {"error": {"message": "slow down"}}
        else:
            finish = "tool_calls" if "tool_calls" in answer else "stop"
            choice = {"index": 0, "message": answer, "finish_reason": finish}
            response, payload = ResponseHead(200), {"choices": [choice], "usage": usage}
        reader = StreamReader(RequestHead("POST", URL, body=body), response=response)
        reader.feed(json.dumps(payload).encode())
        return reader.close()

    return make


def codes(talk: Conversation) -> list[tuple[str, str]]:
    return [(finding.code, finding.part) for finding in talk.own_findings]


# ---- linking


def test_a_request_that_repeats_the_answer_continues_it(ask: Ask) -> None:
    first = ask([USER], calling(call("x1"), call("x2", "mul")))
    second = ask(
        [USER, calling(call("x1"), call("x2", "mul")), result("x2", "6"), result("x1")],
        saying("done"),
    )
    (talk,) = link_runs([first, second])
    assert [step.run for step in talk.steps] == list(talk.runs) == [first, second]
    assert talk.steps[0].tool_results == (
        ToolResult("x2", "6", "mul", call_index=1),
        ToolResult("x1", "5", "add", call_index=0),
    )
    assert talk.steps[1].tool_results == ()
    roles = ["user", "assistant", "tool", "tool", "assistant"]
    assert [message.role for message in talk.messages] == roles
    assert talk.own_findings == ()


def test_usage_and_cost_are_the_sums_of_the_runs(ask: Ask) -> None:
    talk = Conversation((Step(ask([USER], saying("a"))), Step(ask([USER], saying("b"), 0.2))))
    assert talk.usage is not None
    assert (talk.usage.input_tokens, talk.usage.total_tokens) == (2, 6)
    assert talk.cost == Decimal("0.3")
    lacking = Conversation((Step(ask([USER], saying("a"))), Step(ask([USER], saying("b"), None))))
    assert lacking.cost is None
    assert Conversation(()).messages == ()


def test_the_users_next_words_continue_an_answer_without_tools(ask: Ask) -> None:
    next_ = {"role": "user", "content": "and 4?"}
    (talk,) = link_runs([ask([USER], saying("5")), ask([USER, saying(" 5\n"), next_], saying("9"))])
    assert [message.text for message in talk.messages] == [USER["content"], "5", "and 4?", "9"]


def test_only_runs_that_may_be_continued_are_compared(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def talk(number: int, *more: Message) -> list[Message]:
        return [{"role": "user", "content": f"question {number}"}, *more]

    firsts = [ask(talk(number), saying(f"answer {number}")) for number in range(30)]
    seconds = [
        ask(talk(number, saying(f"answer {number}"), USER), saying("end")) for number in range(30)
    ]
    compared: list[int] = []
    likeness = linking._likeness

    def count(earlier: Step, later: StreamRun) -> int:
        compared.append(1)
        return likeness(earlier, later)

    monkeypatch.setattr(linking, "_likeness", count)
    talks = link_runs([*firsts, *reversed(seconds)])
    assert [list(each.runs) for each in talks] == [
        list(pair) for pair in zip(firsts, seconds, strict=True)
    ]
    assert len(compared) == 30


@pytest.mark.parametrize(
    ("ours", "sent_back"),
    [
        ('{"a": 2, "b": [1]}', '{"b":[1.0],"a":2}'),
        ('{"a": 2}', json.dumps('{"a": 2}')),
        ('{"a": ', '{"a": '),
        ('{"a": ' + "[" * 30 + "]" * 30 + "}", '{"a":' + "[" * 30 + "]" * 30 + "}"),
    ],
)
def test_arguments_that_are_written_otherwise_are_found(
    ask: Ask, ours: str, sent_back: str
) -> None:
    first = ask([USER], calling(call("x", arguments=ours)))
    other = ask([USER], calling(call("x", arguments='{"a": 3}')))
    later = ask([saying("cut"), calling(call("y", arguments=sent_back)), result("y")], saying("5"))
    assert [list(talk.runs) for talk in link_runs([first, other, later])] == [
        [first, later],
        [other],
    ]


def test_three_steps_are_one_conversation(ask: Ask) -> None:
    history = [USER, calling(call("x1")), result("x1"), calling(call("x2")), result("x2")]
    runs = [
        ask(history[:1], history[1]),
        ask(history[:3], history[3]),
        ask(history, saying("done")),
    ]
    (talk,) = link_runs(runs)
    assert [len(step.tool_results) for step in talk.steps] == [1, 1, 0]


def test_a_trimmed_history_is_linked_by_its_calls_and_results(ask: Ask) -> None:
    """The client dropped the system prompt and the first words."""
    first = ask([{"role": "system", "content": "be brief"}, USER], calling(call("x1")))
    second = ask([calling(call("x1")), result("x1")], saying("5"))
    (talk,) = link_runs([first, second])
    assert len(talk.steps) == 2


def test_arguments_may_be_spelled_anew(ask: Ask) -> None:
    first = ask([USER], calling(call("x1", arguments='{"a": 2, "b": 3}')))
    spelled = calling(call("x1", arguments='{"b":3,"a":2}'))
    assert len(link_runs([first, ask([USER, spelled, result("x1")], saying("5"))])) == 1


def test_rewritten_ids_are_linked_by_order_and_said(ask: Ask) -> None:
    """As in the second packaged recording."""
    first = ask([USER], calling(call("add:0"), call("mul:1", "mul")))
    sent_back = calling(call("test-3"), call("test-4", "mul"))
    second = ask([USER, sent_back, result("test-3"), result("test-4", "6")], saying("done"))
    (talk,) = link_runs([first, second])
    told = [(found.tool_call_id, found.call_index) for found in talk.steps[0].tool_results]
    assert told == [("test-3", 0), ("test-4", 1)]
    assert codes(talk) == [("call_id_rewritten", "'add:0'"), ("call_id_rewritten", "'mul:1'")]
    assert "'test-3'" in talk.findings[0].message


def test_two_results_of_one_id_are_told_apart_by_order(ask: Ask) -> None:
    both = calling(call("x"), call("x", "mul"))
    second = ask([USER, both, result("x"), result("x", "6"), result("z", "?")], saying("done"))
    (talk,) = link_runs([ask([USER], both), second])
    assert [found.call_index for found in talk.steps[0].tool_results] == [0, 1, None]


def test_an_id_that_two_steps_use_is_said(ask: Ask) -> None:
    history = [USER, calling(call("add:0")), result("add:0")]
    again = [*history, calling(call("add:0")), result("add:0")]
    runs = [ask(history[:1], history[1]), ask(history, history[1]), ask(again, saying("done"))]
    (talk,) = link_runs(runs)
    assert codes(talk) == [("call_id_not_unique", "'add:0'")]


def test_a_refused_request_and_its_repetition_are_attempts_of_one_step(ask: Ask) -> None:
    failed, again, answered = ask([USER], None), ask([USER], None), ask([USER], saying("5"))
    (talk,) = link_runs([failed, again, answered])
    (step,) = talk.steps
    assert (step.attempts, step.run) == ((failed, again), answered)
    assert talk.runs == (failed, again, answered)
    assert talk.cost == Decimal("0.1")
    assert talk.messages[-1].text == "5"


def test_a_request_that_differs_only_deep_inside_is_no_other_attempt(ask: Ask) -> None:
    """Deeper than the index looks, the requests themselves are compared."""
    first, second = [], []
    for end, nested in ((1, first), (2, second)):
        value: Any = end
        for _ in range(40):
            value = [value]
        nested.append({**USER, "metadata": value})
    assert len(link_runs([ask(first, None), ask(second, None)])) == 2
    assert len(link_runs([ask(first, None), ask(first, None)])) == 1


def test_an_answer_may_be_followed_by_one_that_was_not_recorded(ask: Ask) -> None:
    history = [USER, calling(call("x1")), result("x1"), calling(call("x2", "mul")), result("x2")]
    (talk,) = link_runs([ask([USER], calling(call("x1"))), ask(history, saying("done"))])
    assert [message.role for message in talk.steps[0].followed_by] == ["tool", "assistant", "tool"]


def test_the_answer_must_stand_behind_what_was_asked(ask: Ask) -> None:
    """The last calls are the same, but those behind the question are not."""
    history = [USER, calling(call("x2", "mul")), result("x2"), calling(call("x1")), result("x1")]
    assert len(link_runs([ask([USER], calling(call("x1"))), ask(history, saying("done"))])) == 2


def streamed(*chunks: dict[str, Any], path: str = "", asked: Any = None) -> StreamRun:
    """Return the run of a stream without ``[DONE]``."""
    body = json.dumps(asked or {"model": "m", "messages": [USER]}).encode()
    reader = StreamReader(RequestHead("POST", f"{URL}{path}", body=body))
    reader.feed(b"".join(b"data: %b\n\n" % json.dumps(chunk).encode() for chunk in chunks))
    return reader.close()


def delta(text: str, finish: str | None = None) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": finish}]}


def test_a_stream_that_broke_off_and_its_repetition_are_attempts_of_one_step(ask: Ask) -> None:
    broken, silent = streamed(delta("fi")), streamed()
    (talk,) = link_runs([broken, silent, ask([USER], saying("5"))])
    (step,) = talk.steps
    assert step.attempts == (broken, silent)
    assert talk.messages[-1].text == "5"


def test_an_answer_that_says_why_it_ended_is_whole_without_its_marker(ask: Ask) -> None:
    assert len(link_runs([streamed(delta("5", "stop")), ask([USER], saying("5"))])) == 2


def test_of_an_answer_that_is_not_read_nobody_knows_whether_it_broke_off() -> None:
    one, other = (streamed({"odd": 1}, path="/odd", asked={"odd": 2}) for _ in range(2))
    assert (one.dialect, has_failed(one)) == ("unknown", False)
    assert len(link_runs([one, other])) == 2


def test_the_same_request_again_after_an_answer_is_another_conversation(ask: Ask) -> None:
    assert len(link_runs([ask([USER], saying("5")), ask([USER], saying("five"))])) == 2


def test_conversations_may_be_interleaved_with_the_same_ids(ask: Ask) -> None:
    """Ids that are only positions: what was asked tells the two apart."""
    history = [calling(call("add:0")), result("add:0")]
    other: Message = {"role": "user", "content": "multiply"}
    a = [ask([USER], history[0]), ask([USER, *history], saying("5"))]
    b = [ask([other], history[0]), ask([other, *history], saying("6"))]
    talks = link_runs([a[0], b[0], a[1], b[1]])
    assert [talk.runs for talk in talks] == [tuple(a), tuple(b)]


@pytest.mark.parametrize(
    "messages",
    [
        pytest.param([USER, calling(call("x1", "mul")), result("x1")], id="another tool"),
        pytest.param(
            [USER, calling(call("x1", arguments="{}")), result("x1")], id="other arguments"
        ),
        pytest.param([USER, calling(call("x1"), call("x2")), result("x1")], id="one call more"),
        pytest.param(
            [USER, {**calling(call("x1")), "role": "user"}, result("x1")], id="another role"
        ),
        pytest.param([USER, saying("5"), USER], id="words instead of a call"),
        pytest.param([calling(call("x1")), USER], id="a trimmed history without results"),
        pytest.param([{"role": "user", "content": "?"}, saying("5")], id="other words"),
        pytest.param([], id="no messages"),
    ],
)
def test_another_answer_is_not_continued(ask: Ask, messages: list[Message]) -> None:
    first = ask([USER], calling(call("x1")))
    assert len(link_runs([first, ask(messages, saying("done"))])) == 2


def test_the_same_question_asked_twice_at_once_is_told_apart_by_the_ids(ask: Ask) -> None:
    talks = [
        [ask([USER], calling(call(id))), ask([USER, calling(call(id)), result(id)], saying("5"))]
        for id in ("x1", "x2")
    ]
    (one, other), (one_more, other_more) = zip(*talks, strict=True)
    linked = link_runs([one, other, one_more, other_more])
    assert [talk.runs for talk in linked] == [(one, one_more), (other, other_more)]
    assert [talk.own_findings for talk in linked] == [(), ()]


def test_an_empty_answer_is_not_continued(ask: Ask) -> None:
    first = ask([USER], saying(""))
    assert len(link_runs([first, ask([USER, saying(""), USER], saying("5"))])) == 2


def test_steps_that_are_joined_need_not_repeat_each_other(ask: Ask) -> None:
    talk = join_steps([Step(ask([USER], calling(call("x1")))), Step(ask([USER], saying("5")))])
    assert len(talk.steps) == 2
    assert talk.own_findings == ()


# ---- several choices


def of_choices(messages: list[Message], *answers: Message) -> StreamRun:
    """Make the run of a request that is answered with several choices."""
    body = json.dumps({"model": "m", "n": len(answers), "messages": messages}).encode()
    choices = [
        {"index": n, "message": one, "finish_reason": "stop"} for n, one in enumerate(answers)
    ]
    reader = StreamReader(RequestHead("POST", URL, {}, body))
    reader.feed(json.dumps({"object": "chat.completion", "choices": choices}).encode())
    return reader.close()


def test_a_conversation_goes_on_with_the_choice_that_is_sent_back(ask: Ask) -> None:
    first = of_choices([USER], saying("Which?"), calling(call("x1")), calling(call("x2", "sub")))
    second = ask([USER, calling(call("x2", "sub")), result("x2", "-1")], saying("-1"))
    (talk,) = link_runs([first, second])
    step = talk.steps[0]
    assert step.goes_on_with == 2 and step.message is first.messages[2]
    assert [one.call_index for one in step.tool_results] == [0]
    assert talk.messages[1] is first.messages[2] and codes(talk) == []
    told = tool_call_table(talk)
    assert told[["choice", "name"]].values.tolist() == [[1, "add"], [2, "sub"]]
    assert told["result"].isna().tolist() == [True, False] and told["result"][1] == "-1"


def test_the_text_of_any_choice_may_be_continued(ask: Ask) -> None:
    first = of_choices([USER], saying("5"), saying("It is 5."))
    more = {"role": "user", "content": "And 6?"}
    (talk,) = link_runs([first, ask([USER, saying("It is 5."), more], saying("8"))])
    assert [one.text for one in talk.messages] == ["add 2 and 3", "It is 5.", "And 6?", "8"]
    (lone, other) = link_runs([first, ask([USER, saying("It is 6."), more], saying("8"))])
    assert lone.steps[0].message is first.message and len(other.steps) == 1


def test_ids_of_another_choice_are_rewritten_or_used_again(ask: Ask) -> None:
    first = of_choices([USER], saying("?"), calling(call("x1")))
    second = ask([USER, calling(call("y1")), result("y1")], calling(call("x1", "sub")))
    (talk,) = link_runs([first, second])
    assert codes(talk) == [("call_id_not_unique", "'x1'"), ("call_id_rewritten", "'x1'")]


def test_a_trimmed_history_is_linked_by_the_calls_of_any_choice(ask: Ask) -> None:
    system = {"role": "system", "content": "Be brief."}
    first = of_choices([system, USER], saying("?"), calling(call("x1")))
    (talk,) = link_runs([first, ask([calling(call("x1")), result("x1")], saying("5"))])
    assert talk.steps[0].goes_on_with == 1


def test_runs_without_requests_are_not_linked() -> None:
    runs = [StreamReader().close(), StreamReader().close()]
    talks = link_runs(runs)
    assert [talk.runs for talk in talks] == [(runs[0],), (runs[1],)]


# ---- what tables and views may be given


def test_runs_are_taken_from_whatever_holds_them(ask: Ask) -> None:
    one, two = ask([USER], saying("5")), ask([USER], saying("five"))
    talk = Conversation((Step(one),))
    assert runs_of(one) == (one,)
    assert runs_of(talk) == (one,)
    assert runs_of(run for run in [one, two]) == (one, two)
    assert runs_of([talk, two]) == (one, two)
    assert runs_of(SimpleNamespace(conversation=talk)) == (one,)
    assert runs_of([]) == ()


def test_what_is_read_one_by_one_is_not_listed(ask: Ask) -> None:
    class OneByOne(list[Conversation]):
        reads_one_by_one = True

    runs = [ask([USER], saying("5"))]
    talks = OneByOne(link_runs(runs))
    assert each_conversation(talks) is talks
    assert each_conversation(runs) == tuple(talks)


def test_conversations_stay_as_they_are_and_runs_are_linked(ask: Ask) -> None:
    one = ask([USER], calling(call("x1")))
    two = ask([USER, calling(call("x1")), result("x1")], saying("5"))
    talk = Conversation((Step(one),))
    assert conversations_of(talk) == (talk,)
    assert [found.runs for found in conversations_of([one, two, talk, two])] == [
        (one, two),
        (one,),
        (two,),
    ]
    assert conversations_of([]) == ()


@pytest.mark.parametrize(
    ("runs", "message"),
    [
        ("a.yaml", r"found the path 'a\.yaml': read it first, runs = cv\.read_runs\('a\.yaml'\)"),
        (Path("a.yaml"), r"cv\.read_runs\('a\.yaml'\)"),
        (["a.yaml"], r"cv\.read_runs\('a\.yaml'\)"),
        (Cassette(()), r"found a Cassette: read it first, cv\.read_runs\(cassette\)"),
        ([Cassette(())], r"cv\.read_runs\(cassette\)"),
        ("data: x\n\n" * 9, r"found 81 characters of text: .* cv\.read_stream\(text\.encode"),
        (5, "wanted a run, a Conversation or an iterable of them, found 5"),
        ([5], "found 5 among them"),
        ([b"x"], "found 1 byte among them"),
    ],
)
@pytest.mark.parametrize("take", [runs_of, conversations_of])
def test_what_is_no_run_is_refused_with_advice(take: Any, runs: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        take(runs)


# ---- the packaged recordings


def test_each_packaged_recording_is_one_conversation_of_two_steps(seeds: tuple[Path, ...]) -> None:
    for path, rewritten in zip(seeds, (0, 2), strict=True):
        runs = []
        for interaction in load_cassette(path).interactions:
            reader = StreamReader(interaction.request.head)
            reader.feed(interaction.response.body)
            runs.append(reader.close())
        (talk,) = link_runs(runs)
        assert [found.call_index for found in talk.steps[0].tool_results] == [0, 1]
        assert [found.text for found in talk.steps[0].tool_results] == ["5", "6"]
        assert [code for code, _ in codes(talk)] == ["call_id_rewritten"] * rewritten


def test_a_thread_that_is_let_go_is_continued_by_nothing(ask: Ask) -> None:
    linker = RunLinker()
    first = linker.add(ask([USER], saying("5")))
    next_ = [USER, saying("5"), {"role": "user", "content": "and 4?"}]
    assert linker.add(ask(next_, saying("9"))) == first
    linker.forget(first)
    assert linker.threads[first] == []
    assert linker.add(ask([*next_, saying("9"), USER], saying("5"))) == first + 1


@pytest.mark.parametrize("was_on", [True, False])
def test_the_collector_is_left_as_it_was(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, was_on: bool
) -> None:
    def fail(*_: object) -> int:
        assert not gc.isenabled()
        raise KeyError("no run")

    monkeypatch.setattr(RunLinker, "add", fail)
    (gc.enable if was_on else gc.disable)()
    try:
        with pytest.raises(KeyError, match="no run"):
            link_runs([ask([USER], saying("5"))])
        assert gc.isenabled() is was_on
    finally:
        gc.enable()
