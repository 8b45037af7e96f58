"""What a request asks: messages, tools and results, or one prompt."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chatviz.chat.messages import Reasoning, Text, ToolResult, UnknownPart
from chatviz.dialects.ollama.stream import Ollama
from chatviz.wire.exchange import RequestHead
from tests.dialects.ollama.lines_made import call


def read(body: dict[str, Any]) -> Any:
    return Ollama().read_request(body, RequestHead())


def test_messages_and_tools_are_read() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}}
    tool = {"type": "function", "function": {"name": "f", "description": "d", "parameters": schema}}
    asked = read(
        {
            "model": "m",
            "tools": [tool, {"function": {"name": "g", "parameters": 5}}, {"type": "x"}, 5],
            "messages": [
                {"role": "system", "content": "be brief"},
                {"role": "user", "content": "see", "images": ["aGk="]},
                {
                    "role": "assistant",
                    "content": "so",
                    "thinking": "hm",
                    "tool_calls": [call("f", {"a": 1}, id="0", index=0), 5, {"id": "1"}],
                },
                {"role": "tool", "content": "5", "tool_name": "f", "tool_call_id": "0"},
                {"role": "tool", "content": "6", "name": "f"},
                {"content": "no role"},
                "no message",
            ],
        }
    )
    assert asked.model == "m"
    assert [(one.name, one.description, one.schema) for one in asked.tools] == [
        ("f", "d", schema), ("g", "", {}),
    ]  # fmt: skip
    system, user, model, first, second, other = asked.messages
    assert (system.role, system.is_instruction, system.text) == ("system", True, "be brief")
    assert user.parts == (Text("see"), UnknownPart("image", '"aGk="'))
    assert model.parts[:2] == (Reasoning("hm"), Text("so"))
    called, nameless = model.tool_calls
    assert (called.id, called.name, called.index, called.parsed) == ("0", "f", 0, {"a": 1})
    assert called.schema == schema
    assert (nameless.id, nameless.name, nameless.arguments) == ("1", "", "")
    assert first.parts == (ToolResult("0", "5", "f"),)
    assert second.parts == (ToolResult("", "6", "f"),)
    assert (other.role, other.text) == ("user", "no role")


def test_one_prompt_is_a_message_behind_its_systems() -> None:
    asked = read({"model": "m", "prompt": "hi", "system": "be brief"})
    assert [(one.role, one.text) for one in asked.messages] == [
        ("system", "be brief"), ("user", "hi"),
    ]  # fmt: skip
    assert read({"model": "m"}).messages == ()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["role", "content", "function", "name", "images"]), inner)
    ),
    max_leaves=8,
)
KEYS = ["model", "messages", "tools", "prompt", "system", "images"]


@given(st.dictionaries(st.sampled_from(KEYS), JSON))
def test_any_json_may_be_asked(body: dict[str, Any]) -> None:
    asked = read(body)
    assert asked.body == body
    assert isinstance(asked.messages, tuple)
