"""The loop by itself: a generator that asks and is answered, without endpoint, tool or clock."""

from __future__ import annotations

from typing import Any

import pytest

from chatviz.agent.loop import AskModel, CallTools, ModelAnswer, Stopped, ToolAnswers, agent_loop
from chatviz.agent.results import AgentResult, ToolRun, attach_result
from chatviz.agent.stopping import no_tool_calls
from chatviz.chat.messages import ChatRequest, Message, Text
from chatviz.dialects.openai_chat.stream import OpenAIChat
from chatviz.runs.linking import join_steps
from chatviz.runs.reader import read_stream

ASKED = ChatRequest("m", (Message("user", (Text("?"),)),))


def end_of(loop: Any, answer: Any) -> AgentResult:
    with pytest.raises(StopIteration) as end:
        loop.send(answer)
    return end.value.value


def test_the_loop_asks_and_is_answered(say: Any) -> None:
    ids = iter(["mine"]).__next__
    write = OpenAIChat().write_request
    loop = agent_loop(ASKED, write=write, stop=[no_tool_calls], tool_call_ids=ids)
    question = next(loop)
    assert isinstance(question, AskModel)
    run = read_stream(say("", ("add:0", "add", '{"a":1}')), question.body)
    question = loop.send(ModelAnswer((run,), 1.0))
    assert isinstance(question, CallTools)
    assert [(call.id, call.name) for call in question.calls] == [("mine", "add")]
    done = ToolRun("add", "mine", "mine", 0, "returned", "3")
    question = loop.send(ToolAnswers((done,)))
    assert isinstance(question, AskModel)
    assert [one["role"] for one in question.body["messages"]] == ["user", "assistant", "tool"]
    last = read_stream(say("3"), question.body)
    result = end_of(loop, ModelAnswer((run, last), 2.0))
    assert result.stop_reason == "no_tool_calls"
    assert result.steps[1].attempts == (run,)
    assert (result.tool_runs[0].wire_id, result.asked_at_s) == ("add:0", (1.0, 2.0))


def test_whoever_answers_may_stop_the_loop(say: Any) -> None:
    loop = agent_loop(ASKED, write=OpenAIChat().write_request, stop=[no_tool_calls])
    question = next(loop)
    assert isinstance(question, AskModel)
    run = read_stream(say("half"), question.body)
    result = end_of(loop, ModelAnswer((run,), stopped=Stopped("cancelled", "by you")))
    assert (result.stop_reason, result.error, result.text) == ("cancelled", "by you", "half")


def test_a_result_without_steps_has_no_text() -> None:
    assert AgentResult(join_steps([]), "error").text == ""


class Slotted(BaseException):
    """Python gives every exception a dict; one that refuses attributes loses its result only."""

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(name)


def test_an_exception_that_takes_no_result_is_let_go() -> None:
    attach_result(Slotted(), AgentResult(join_steps([]), "error"))
