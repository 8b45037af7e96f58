"""What a stream sends again as a whole fills only what did not come in pieces."""

from __future__ import annotations

import pytest

from chatviz.chat.assembly.assembler import MessageAssembler
from chatviz.chat.deltas import (
    CitationDelta,
    Delta,
    MediaDelta,
    ReasoningDelta,
    RefusalDelta,
    ServerCallDelta,
    ServerResultDelta,
    SignatureDelta,
    TextDelta,
    ToolCallDelta,
)
from chatviz.chat.messages import Media, Message, ServerToolCall, ServerToolResult, Text


def call(arguments: str, *, again: bool = True, form: str = "text") -> ToolCallDelta:
    return ToolCallDelta(0, None, "c", "f", "function", arguments, form, 5, again)  # type: ignore[arg-type]


def assemble(*deltas: Delta) -> tuple[Message, list[bool], list[str]]:
    """Return the message, which deltas said anything new, and the findings of its parts."""
    assembler = MessageAssembler()
    new = [assembler.add(delta, chunk) for chunk, delta in enumerate(deltas)]
    answer = assembler.answer()
    logs = [answer.log, *(slot.log for state in answer.choices for slot in state.slots.all)]
    return answer.messages[0], new, [one.code for log in logs for one in log.findings()]


@pytest.mark.parametrize("kind", [TextDelta, ReasoningDelta, RefusalDelta])
def test_a_whole_text_fills_an_empty_part_and_is_nothing_new_behind_its_pieces(
    kind: type[TextDelta],
) -> None:
    def say(text: str, *, again: bool = False) -> Delta:
        return kind(0, text, part=(0, 0), again=again)

    filled, new, codes = assemble(say("ab", again=True), say("ab", again=True))
    assert (new, codes) == ([True, False], [])
    pieces, new, codes = assemble(say("a"), say("b"), say("ab", again=True))
    assert (new, codes) == ([True, True, False], [])
    assert filled.parts == pieces.parts
    kept, new, codes = assemble(say("ab"), say("other", again=True))
    assert (kept.parts, new, codes) == (pieces.parts, [True, False], ["repetition_differs"])


def test_a_whole_call_fills_what_its_call_lacks() -> None:
    begun = ToolCallDelta(0, None, None, None, "function", "", "absent", 5)
    message, new, codes = assemble(begun, call("{}"), call("{}"))
    (made,) = message.tool_calls
    assert (made.id, made.name, made.type, made.arguments) == ("c", "f", "function", "{}")
    assert (new, codes, len(made.fragments)) == ([True, True, False], [], 1)


def test_a_whole_call_that_differs_is_noted_unless_its_arguments_are_an_object() -> None:
    first = call('{"a":1}', again=False)
    message, _, codes = assemble(first, call('{"a":2}'), call('{"a": 1}', form="object"))
    assert message.tool_calls[0].arguments == '{"a":1}'
    assert codes == ["repetition_differs"]


def test_a_whole_call_may_be_the_only_one() -> None:
    message, new, _ = assemble(call("{}"), call(""))
    assert (message.tool_calls[0].arguments, new) == ("{}", [True, False])


def test_what_goes_back_with_a_part_is_its_first() -> None:
    def sign(json: str, *, again: bool) -> SignatureDelta:
        return SignatureDelta(0, json, (0, 0), "text", again)

    message, new, _ = assemble(TextDelta(0, "a", (0, 0)), sign("1", again=True), sign(
        "2", again=True), sign("3", again=False))  # fmt: skip
    assert message.parts == (Text("a", ("1", "3")),)
    assert new == [True, True, False, True]


def test_a_source_is_cited_once_in_whatever_order_its_keys_come() -> None:
    def cite(json: str, *, again: bool = True) -> CitationDelta:
        return CitationDelta(0, json, (0, 0), again)

    first = '{"a":1,"b":2}'
    message, new, _ = assemble(
        cite(first, again=False), cite(first), cite('{"b":2,"a":1}'), cite('{"a":1}')
    )
    assert message.parts == (Text("", (), (first, '{"a":1}')),)
    assert new == [True, False, False, True]


def test_what_a_server_did_is_filled_and_not_repeated() -> None:
    deltas = [
        ServerCallDelta(0, "", "", "", "", 1),
        ServerCallDelta(0, "s", "search", "web", "{}", 1, True),
        ServerCallDelta(0, "s", "search", "web", "[]", 1, True),
        ServerResultDelta(0, "s", "web", "1", 1, True),
        ServerResultDelta(0, "s", "web", "2", 1, True),
        ServerResultDelta(0, "s", "web", "3", 1),
        MediaDelta(0, "image", "1", 2),
        MediaDelta(0, "image", "2", 2, True),
    ]
    message, new, codes = assemble(*deltas)
    assert message.parts == (
        ServerToolCall("s", "search", "web", "{}"),
        ServerToolResult("s", "web", "3"),
        Media("image", "1"),
    )
    assert new == [True, True, False, True, False, True, True, False]
    assert codes == []
