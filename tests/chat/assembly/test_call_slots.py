"""Tool calls as providers bend them: all are read right, and none is repaired silently."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from chatviz.runs.reader import StreamReader
from chatviz.runs.run import StreamRun

ADD, MUL = '{"a": 2, "b": 3}', '{"a": 4}'
Calls = list[tuple[str, str, str]]
NO = object()


def call(index: Any = NO, id: Any = NO, name: Any = NO, arguments: Any = NO) -> dict[str, Any]:
    """Build one entry of ``tool_calls``; what is NO is absent."""
    function = {"name": name, "arguments": arguments}
    function = {key: value for key, value in function.items() if value is not NO}
    sent = {"index": index, "id": id, "function": function}
    return {key: value for key, value in sent.items() if value is not NO}


def says(*calls: Any, finish: str | None = None) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": {"tool_calls": [*calls]}, "finish_reason": finish}]}


def one_by_one(*calls: Any, finish: str = "tool_calls") -> list[dict[str, Any]]:
    return [*map(says, calls), {"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]}]


SECOND = call(1, "x2", "mul", MUL)
TWO = [("x1", "add", ADD), ("x2", "mul", MUL)]

STRAIGHT = {
    "many fragments, the id once": one_by_one(
        call(0, "x1", "add", ""), call(0, arguments='{"a": 2'), call(0, arguments=', "b": 3}'),
        call(1, "x2", "mul", ""), call(1, arguments=MUL), call(1, arguments=""),
    ),
    "name first, then all arguments; the key absent at first": one_by_one(
        call(0, "x1", "add"), call(0, arguments=ADD), call(1, "x2", "mul"), call(1, arguments=MUL)
    ),
    "whole calls": one_by_one(call(0, "x1", "add", ADD), SECOND),
    "several calls in one delta": [
        says(call(0, "x1", "add", ADD), SECOND, finish="tool_calls")
    ],
    "interleaved indexes": one_by_one(
        call(0, "x1", "add", '{"a": 2'), call(1, "x2", "mul", '{"a"'),
        call(0, arguments=', "b": 3}'), call(1, arguments=": 4}"),
    ),
    "the second index first": one_by_one(call(1, "x1", "add", ADD), call(0, "x2", "mul", MUL)),
    "the id comes after the first delta": one_by_one(
        call(0, name="add", arguments=""), call(0, "x1", arguments=ADD), SECOND
    ),
    "an empty fragment in the middle": one_by_one(
        call(0, "x1", "add", '{"a": 2'), call(0, arguments=""), call(0, arguments=', "b": 3}'),
        SECOND,
    ),
}  # fmt: skip

BENT: dict[str, tuple[list[dict[str, Any]], Calls, set[str]]] = {
    "id null on later deltas (Chutes)": (
        one_by_one(call(0, "x1", "add", ""), call(0, None, arguments=ADD), SECOND),
        TWO,
        {"call_id_null"},
    ),
    "id empty on later deltas (Alibaba)": (
        one_by_one(call(0, "x1", "add", ""), call(0, "", arguments=ADD), SECOND),
        TWO,
        {"call_id_null"},
    ),
    "id repeated with every delta (BaseTen)": (
        one_by_one(
            call(0, "x1", "add", ""), call(0, "x1", arguments='{"a": 2'),
            call(0, "x1", arguments=', "b": 3}'),
            SECOND,
        ),
        TWO,
        {"call_id_repeated"},
    ),
    "a new id with every delta, without a name (vLLM)": (
        one_by_one(call(0, "x1", "add", '{"a": 2'), call(0, "x9", arguments=', "b": 3}'), SECOND),
        TWO,
        {"call_id_changed"},
    ),
    "first index 1 (gpt-5)": (
        one_by_one(call(1, "x1", "add", ADD), call(2, "x2", "mul", MUL)),
        TWO,
        {"call_index_gap"},
    ),
    "a second call after finish_reason (DeepInfra)": (
        [says(call(0, "x1", "add", ADD), finish="tool_calls"), says(SECOND, finish="tool_calls")],
        TWO,
        {"call_after_finish", "finish_repeated"},
    ),
    "ids that are only positions (Fireworks)": (
        one_by_one(call(0, "functions.add:0", "add", ADD), call(1, "1", "mul", MUL)),
        [("functions.add:0", "add", ADD), ("1", "mul", MUL)],
        {"call_id_positional"},
    ),
    "no index, ids on the first deltas (Mistral)": (
        one_by_one(
            call(NO, "x1", "add", ""), call(NO, arguments=ADD), call(NO, "x2", "mul", ""),
            call(NO, arguments=MUL)
        ),
        TWO,
        {"call_index_missing"},
    ),
    "no index, known ids interleaved": (
        one_by_one(
            call(NO, "x1", "add", '{"a": 2'), call(NO, "x2", "mul", MUL),
            call(NO, "x1", arguments=', "b": 3}')
        ),
        TWO,
        {"call_index_missing", "call_id_repeated"},
    ),
    "no index and no id: whole calls (Gemini proxies)": (
        one_by_one(call(name="add", arguments=ADD), call(name="mul", arguments=MUL)),
        [("", "add", ADD), ("", "mul", MUL)],
        {"call_index_missing", "call_id_missing"},
    ),
    "no index and no id: the same tool twice, whole": (
        one_by_one(call(name="add", arguments=ADD), call(name="add", arguments=MUL)),
        [("", "add", ADD), ("", "add", MUL)],
        {"call_index_missing", "call_id_missing"},
    ),
    "no index and no id: the same tool twice, in fragments": (
        one_by_one(
            call(name="add", arguments=""), call(arguments=ADD),
            call(name="add", arguments=""), call(arguments=MUL)
        ),
        [("", "add", ADD), ("", "add", MUL)],
        {"call_index_missing", "call_id_missing", "call_name_repeated"},
    ),
    "the index comes only later": (
        one_by_one(
            call(NO, "x1", "add", ""), call(3, "x1", arguments=ADD),
            call(4, "x2", "mul", MUL)
        ),
        TWO,
        {"call_index_missing", "call_id_repeated", "call_index_gap"},
    ),
    "an index that is no number": (
        one_by_one(call("0", "x1", "add", ADD), call(True, "x2", "mul", MUL)),
        TWO,
        {"call_index_missing"},
    ),
    "one index, other ids (Ollama)": (
        one_by_one(call(0, "x1", "add", ADD), call(0, "x2", "mul", MUL)),
        TWO,
        {"call_index_shared"},
    ),
    "one index, another id before the arguments are complete": (
        one_by_one(
            call(0, "x1", "add", '{"a"'), call(0, "x2", "mul", MUL),
            call(0, "x1", arguments=": 1}")
        ),
        [("x1", "add", '{"a": 1}'), ("x2", "mul", MUL)],
        {"call_index_shared", "call_id_repeated"},
    ),
    "one index, another id without a name behind whole arguments": (
        one_by_one(call(0, "x1", "add", ADD), call(0, "x2", arguments=MUL)),
        [("x1", "add", ADD), ("x2", "", MUL)],
        {"call_index_shared", "call_name_missing"},
    ),
    "one index, no ids, another name (Cerebras)": (
        one_by_one(call(0, name="add", arguments=ADD), call(0, name="mul", arguments=MUL)),
        [("", "add", ADD), ("", "mul", MUL)],
        {"call_index_shared", "call_id_missing"},
    ),
    "one index, no ids, another name in a first delta of its own": (
        one_by_one(call(0, name="add", arguments=ADD), call(0, name="mul"), call(0, arguments=MUL)),
        [("", "add", ADD), ("", "mul", MUL)],
        {"call_index_shared", "call_id_missing"},
    ),
    "one index, no ids, the same name in a first delta of its own": (
        one_by_one(
            call(0, "x1", "add", ADD), call(0, name="add", arguments=""),
            call(0, arguments=MUL)
        ),
        [("x1", "add", ADD), ("", "add", MUL)],
        {"call_index_shared", "call_id_missing", "call_name_repeated"},
    ),
    "one id for two indexes": (
        one_by_one(call(0, "x", "add", ADD), call(1, "x", "mul", MUL)),
        [("x", "add", ADD), ("x", "mul", MUL)],
        {"call_id_not_unique"},
    ),
    "the name repeated": (
        one_by_one(
            call(0, "x1", "add", '{"a": 2'),
            call(0, name="add", arguments=', "b": 3}'), SECOND
        ),
        TWO,
        {"call_name_repeated"},
    ),
    "the name repeated with every delta, an empty fragment last": (
        one_by_one(call(0, "x1", "add", ADD), call(0, name="add", arguments=""), SECOND),
        TWO,
        {"call_name_repeated"},
    ),
    "the name in pieces": (
        one_by_one(call(0, "x1", "ad"), call(0, name="d"), call(0, arguments=ADD), SECOND),
        TWO,
        {"call_name_in_pieces"},
    ),
    "another name inside the arguments": (
        one_by_one(
            call(0, "x1", "add", '{"a": 2'),
            call(0, name="sub", arguments=', "b": 3}'), SECOND
        ),
        TWO,
        {"call_name_changed"},
    ),
    "arguments null at first": (
        one_by_one(call(0, "x1", "add", None), call(0, arguments=ADD), SECOND),
        TWO,
        {"arguments_null"},
    ),
    "arguments as an object (Ollama)": (
        one_by_one(call(0, "x1", "add", {"a": 2, "b": 3}), SECOND),
        [("x1", "add", '{"a": 2, "b": 3}'), TWO[1]],
        {"arguments_object"},
    ),
    "no arguments at all": (
        one_by_one(call(0, "x1", "add"), call(1, "x2", "mul", "")),
        [("x1", "add", ""), ("x2", "mul", "")],
        {"arguments_empty"},
    ),
    "arguments of white space": (
        one_by_one(call(0, "x1", "add", " ")), [("x1", "add", " ")], {"arguments_not_json"},
    ),
    "arguments cut short": (
        one_by_one(call(0, "x1", "add", '{"a": 2'), finish="length"),
        [("x1", "add", '{"a": 2')],
        {"arguments_not_json"},
    ),
    "arguments that are no object": (
        one_by_one(call(0, "x1", "add", "[1]")), [("x1", "add", "[1]")], {"arguments_not_object"},
    ),
    "no name": (
        one_by_one(call(0, "x1", arguments=ADD)), [("x1", "", ADD)], {"call_name_missing"},
    ),
    "no id": (
        one_by_one(call(0, name="add", arguments=ADD)), [("", "add", ADD)], {"call_id_missing"},
    ),
    "an entry that says nothing": (
        one_by_one(call(0, "x1", "add", ADD), call(0)), TWO[:1], {"call_without_function"},
    ),
    "the finish reason is stop": (
        one_by_one(call(0, "x1", "add", ADD), finish="stop"), TWO[:1], {"finish_stop_with_tools"},
    ),
}  # fmt: skip

LEGACY = [
    {"choices": [{"index": 0, "delta": {"function_call": {"name": "add", "arguments": ""}}}]},
    {
        "choices": [
            {
                "index": 0,
                "delta": {"function_call": {"arguments": ADD}},
                "finish_reason": "function_call",
            }
        ]
    },
]

EXPECTED = {"no_clock", "role_missing", "usage_missing"}  # what all these streams have in common


def told(run: StreamRun) -> Calls:
    return [(found.id, found.name, found.arguments) for found in run.message.tool_calls]


def codes(run: StreamRun) -> set[str]:
    return {finding.code for finding in run.findings} - EXPECTED


@pytest.mark.parametrize("chunks", STRAIGHT.values(), ids=STRAIGHT.keys())
def test_calls_that_are_not_bent_have_no_findings(
    sse: Callable[..., bytes], read: Callable[..., StreamRun], chunks: list[dict[str, Any]]
) -> None:
    run = read(sse(*chunks))
    assert told(run) == TWO
    assert run.finish_reason == "tool_calls"
    assert codes(run) == set()


@pytest.mark.parametrize(("chunks", "wanted", "findings"), BENT.values(), ids=BENT.keys())
def test_bent_calls_are_read_right_and_said(
    sse: Callable[..., bytes],
    read: Callable[..., StreamRun],
    chunks: list[dict[str, Any]],
    wanted: Calls,
    findings: set[str],
) -> None:
    run = read(sse(*chunks))
    assert told(run) == wanted
    assert codes(run) == findings
    assert [found.position for found in run.message.tool_calls] == list(range(len(wanted)))


def test_the_old_function_call_is_a_call(
    sse: Callable[..., bytes], read: Callable[..., StreamRun]
) -> None:
    run = read(sse(*LEGACY))
    assert told(run) == [("", "add", ADD)]
    assert run.finish_reason == "tool_calls"
    assert codes(run) == set()  # it has neither, and is answered by the function's name


def test_each_entry_of_an_unstreamed_message_is_a_call(read: Callable[..., StreamRun]) -> None:
    """Without indexes, with one id for both, and without arguments."""
    calls = [call(NO, "x", "add", ""), call(NO, "x", "mul", MUL), call(NO, NO, "mul", "")]
    choice = {"index": 0, "message": {"tool_calls": calls}, "finish_reason": "tool_calls"}
    run = read(json.dumps({"choices": [choice]}).encode())
    assert told(run) == [("x", "add", ""), ("x", "mul", MUL), ("", "mul", "")]
    assert codes(run) == {"call_id_not_unique", "call_id_missing", "arguments_empty"}


def test_every_fragment_is_kept_with_its_chunk_the_empty_ones_too(
    sse: Callable[..., bytes], read: Callable[..., StreamRun]
) -> None:
    """As in the Fireworks recording: the first and the last fragment are empty."""
    pieces = ["", '{"a": 2', ', "b": 3}', ""]
    run = read(
        sse(*one_by_one(call(0, "x1", "add"), *(call(0, arguments=piece) for piece in pieces)))
    )
    (found,) = run.message.tool_calls
    assert [(piece.chunk, piece.text) for piece in found.fragments] == list(enumerate(pieces, 1))
    assert (found.chunk, found.parsed) == (0, {"a": 2, "b": 3})


@pytest.mark.parametrize(
    ("code", "count", "chunk", "last"),
    [("call_id_repeated", 4, 1, 3), ("call_name_repeated", 4, 1, 3)],
)
def test_a_repetition_is_one_finding_with_its_count(
    sse: Callable[..., bytes],
    read: Callable[..., StreamRun],
    code: str,
    count: int,
    chunk: int,
    last: int,
) -> None:
    run = read(
        sse(*one_by_one(*[call(0, "x1", "add", piece) for piece in ('{"a"', ":", " 2", "}")]))
    )
    (finding,) = [found for found in run.findings if found.code == code]
    assert (finding.count, finding.chunk, finding.last_chunk) == (count, chunk, last)


def test_a_call_against_its_schema_is_said(
    sse: Callable[..., bytes], read: Callable[..., StreamRun]
) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["z"]}
    request = {"messages": [], "tools": [{"function": {"name": "add", "parameters": schema}}]}
    chunks = one_by_one(call(0, "x1", "add", ADD))
    assert codes(read(sse(*chunks), request)) == {"arguments_against_schema"}
    cut = one_by_one(call(0, "x1", "add", '{"a": 2'), finish="length")
    assert "arguments_against_schema" not in codes(read(sse(*cut), request))
    schema["type"] = "odd"
    assert "schema_fault" in codes(read(sse(*chunks), request))


def test_what_is_concluded_so_far_stays_as_it_was(sse: Callable[..., bytes]) -> None:
    """A snapshot is a value of its own: later calls, repetitions and reasons do not reach it."""
    chunks = [sse(chunk, done=False) for chunk in BENT["id repeated with every delta (BaseTen)"][0]]
    snapshots, reader = [], StreamReader()
    for chunk in chunks:
        reader.feed(chunk)
        snapshots.append(reader.run)
    reader.close()
    for number, snapshot in enumerate(snapshots, 1):
        alone = StreamReader()
        alone.feed(b"".join(chunks[:number]))
        assert snapshot == alone.run
        assert snapshot.findings == alone.run.findings
        assert snapshot.finish_reason_sent == alone.run.finish_reason_sent
        assert not snapshot.is_complete
