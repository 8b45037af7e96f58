"""Searches that xAI and Perplexity run themselves, sent as calls; and what they charge."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from chatviz.chat.messages import ServerToolCall, ServerToolResult
from chatviz.chat.usage import Cost
from chatviz.runs.run import StreamRun
from tests.dialects.openai_responses.responses_made import (
    codes,
    event,
    item,
    message,
    numbered,
    part,
    response,
    stream,
    unknown,
)

Read = Callable[..., StreamRun]
QUERY = '{"query":"from:xai"}'
OF_X = {"type": "custom_tool_call", "id": "ctc_1_xs_call_24148162", "call_id": "xs_call_24148162",
        "name": "x_keyword_search", "input": QUERY, "status": "completed"}  # fmt: skip
CUSTOM = {**OF_X, "id": "ctc_1", "call_id": "call_24148162"}
SAID = message(*part("Hi", item=1), place=1)


def searching(sent: dict[str, Any]) -> list[dict[str, Any]]:
    where = {"item_id": sent["id"], "output_index": 0}
    pieces = [
        event("custom_tool_call_input.delta", **where, delta=one) for one in ('{"qu', QUERY[4:])
    ]
    whole = event("custom_tool_call_input.done", **where, input=QUERY)
    return item(sent, *pieces, whole, added={**sent, "input": "", "status": "in_progress"})


def test_a_search_of_x_is_no_call_of_the_clients(read: Read) -> None:
    run = read(stream(*searching(OF_X), *SAID, output=[OF_X]))
    call = run.message.parts[0]
    assert isinstance(call, ServerToolCall)
    assert (call.name, call.arguments, call.type) == ("x_keyword_search", QUERY, OF_X["type"])
    assert json.loads(call.details[0]) == OF_X
    assert (run.message.tool_calls, run.finish_reason, run.message.text) == ((), "stop", "Hi")
    assert codes(run) == {"usage_missing"}
    whole = read(json.dumps(response("completed", OF_X)).encode())
    assert (whole.message.tool_calls, whole.message.parts[0]) == ((), call)


def test_a_custom_call_of_the_clients_stays_one(read: Read) -> None:
    run = read(stream(*searching(CUSTOM), *SAID, output=[CUSTOM]))
    assert [call.arguments for call in run.message.tool_calls] == [QUERY]


@pytest.mark.parametrize(
    ("kind", "name"),
    [("x_search_call", "x_semantic_search"), ("code_interpreter_call", "code_execution")],
)
def test_older_calls_of_its_own_tools_have_names_and_arguments(
    kind: str, name: str, read: Read
) -> None:
    sent = {"type": kind, "id": "fc_0", "call_id": "", "name": name, "arguments": QUERY,
            "status": "completed"}  # fmt: skip
    run = read(json.dumps(response("completed", sent)).encode())
    call = run.message.parts[0]
    assert isinstance(call, ServerToolCall)
    assert (call.name, call.arguments, call.type, unknown(run)) == (name, QUERY, kind, {})


# ---- Perplexity

ASKED = {"type": "function_call", "id": "fc_1", "call_id": "call_20", "name": "search_web",
         "arguments": '{"queries":["q"]}', "status": "completed"}  # fmt: skip
FOUND = {"type": "search_results", "queries": ["q"], "results": [{"id": 1, "url": "https://a"}]}


def found_by_perplexity(asked: dict[str, Any], **fields: Any) -> bytes:
    told = {"call_id": "call_20", "thought": "Searching the web"}
    events = [
        event("created", response=response("in_progress", usage=None, error=None)),
        event("output_item.added", output_index=0, item=asked),
        event("reasoning.search_queries", **told, queries=["q"]),
        event("reasoning.search_results", **told, results=FOUND["results"]),
        event("output_item.done", output_index=0, item=FOUND),
        *SAID,
        event("completed", response=response("completed", FOUND, **fields)),
    ]
    return numbered(events)


def test_a_search_that_is_added_as_completed_is_the_providers_own(read: Read) -> None:
    run = read(found_by_perplexity(ASKED))
    call, result, _ = run.message.parts
    assert isinstance(call, ServerToolCall) and isinstance(result, ServerToolResult)
    assert (call.name, call.arguments) == ("search_web", ASKED["arguments"])
    assert json.loads(result.json) == FOUND
    assert (run.message.tool_calls, run.finish_reason, unknown(run)) == ((), "stop", {})
    assert codes(run) == {"usage_missing"}


@pytest.mark.parametrize("asked", [{**ASKED, "status": "in_progress"}, {**ASKED, "name": "add"}])
def test_other_functions_are_the_clients(asked: dict[str, Any], read: Read) -> None:
    (call,) = read(found_by_perplexity(asked)).message.tool_calls
    assert call.name == asked["name"]
    done = {**ASKED, "name": "search_web"}
    (call,) = read(json.dumps(response("completed", done)).encode()).message.tool_calls
    assert call.name == "search_web"


# ---- what is charged

TOKENS = {"input_tokens": 3007, "output_tokens": 37, "total_tokens": 3044}


@pytest.mark.parametrize(
    ("beside", "cost"),
    [
        (
            '"cost_in_usd_ticks": 5421500',
            Cost(Decimal("0.00054215"), field="usage.cost_in_usd_ticks"),
        ),
        ('"cost_in_usd_ticks": "?"', None),
        (
            '"cost": {"total_cost": 0.00105, "input_cost": 0, "cache_read_cost": 0.00003, '
            '"output_cost": 0.00002, "tool_calls_cost": 0.001, "currency": "USD"}',
            Cost(
                *map(Decimal, ("0.00105", "0.00003", "0.00002", "0.001")), "usage.cost.total_cost"
            ),
        ),
        ('"cost": {"total_cost": 0.5}', Cost(Decimal("0.5"), field="usage.cost.total_cost")),
        ('"cost": {"sum": 1}', None),
    ],
)
def test_the_cost_is_read_however_it_is_sent(beside: str, cost: Cost | None, read: Read) -> None:
    usage = json.dumps(TOKENS)[:-1] + f", {beside}}}"
    sent = json.dumps(response("completed", usage="USAGE")).replace('"USAGE"', usage)
    counted = read(sent.encode()).usage
    assert counted is not None and counted.cost == cost


@pytest.mark.parametrize(
    ("beside", "searches"),
    [
        ({"server_side_tool_usage_details": {"web_search_calls": 3}}, 3),
        ({"server_side_tool_usage_details": {"x_search_calls": 3}}, None),
        ({"tool_calls_details": {"search_web": {"invocation": 2, "cost_usd": 0.001}}}, 2),
        ({"tool_calls_details": None}, None),
        ({}, None),
    ],
)
def test_searches_are_counted_among_the_tokens(
    beside: dict[str, Any], searches: int | None, read: Read
) -> None:
    usage = read(stream(usage={**TOKENS, **beside})).usage
    assert usage is not None and usage.charges.searches == searches
