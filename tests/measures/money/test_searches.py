"""Searches of the web: counted by the provider, or else from the calls that searched."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

import chatviz as cv
from tests.dialects.anthropic import building as messages
from tests.dialects.openai_responses import responses_made as made

PRICE = cv.Price(input=0, output=0, web_search=10)
COUNTED = {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15}


def priced(run: cv.StreamRun, price: cv.Price = PRICE) -> tuple[float, str | None]:
    """Return how many searches are paid, and the note."""
    row = cv.usage_table(run, prices={run.model: price}).iloc[0]
    note = row["price_note"]
    return round(row["estimated_tools_usd"] * 100, 6), None if pd.isna(note) else note


def search(place: int, action: str | None, status: str = "completed") -> list[made.Event]:
    sent = {"id": f"ws_{place}", "type": "web_search_call", "status": status}
    item = sent if action is None else {**sent, "action": {"type": action, "query": "q"}}
    return made.item(item, place=place)


def responses(*actions: str | None, whole: bool = False, **fields: Any) -> cv.StreamRun:
    events = [event for place, one in enumerate(actions) for event in search(place, one)]
    if whole:
        output = [one["item"] for one in events if one["type"].endswith("done")]
        answer = made.response("completed", *output, usage=COUNTED, **fields)
        return cv.read_stream(json.dumps(answer).encode())
    return cv.read_stream(made.stream(*events, usage=COUNTED, **fields))


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("count", [0, 1, 7])
def test_the_providers_own_count_is_paid(count: int, whole: bool) -> None:
    used = {"web_search": {"num_requests": count}}
    run = responses("search", "open_page", "find_in_page", whole=whole, tool_usage=used)
    assert priced(run) == (count, None)


@pytest.mark.parametrize("used", [None, {}, {"web_search": None}, {"web_search": []}, 3])
def test_without_a_count_the_calls_that_searched_are_paid_and_this_is_said(used: Any) -> None:
    run = responses("search", "open_page", "find_in_page", None, tool_usage=used)
    note = "searches counted from the calls (2): the provider sent no number"
    assert priced(run) == (2, note)


def test_a_search_that_failed_is_not_counted_from_its_call() -> None:
    run = cv.read_stream(made.stream(*search(0, "search", "failed"), usage=COUNTED))
    assert priced(run) == (0, None)


def test_what_is_free_is_not_called_unpriced() -> None:
    price = cv.Price(input=0, output=0)
    run = responses("search", "open_page", "find_in_page")
    assert priced(run, price) == (0, "1 call of the server's tools not priced")


def fetched(kind: str, content: Any, usage: dict[str, Any] | None = None) -> cv.StreamRun:
    """Return an answer of Anthropic whose server ran a tool that gave this."""
    gave = {"type": f"{kind}_tool_result", "tool_use_id": "srvtoolu_1", "content": content}
    body = messages.answer(
        [messages.block(0, type="server_tool_use", id="srvtoolu_1", name=kind, input={})],
        messages.close(0),
        [messages.block(1, **gave), messages.close(1)],
        [messages.finish(usage={"output_tokens": 5, **(usage or {})})],
    )
    return cv.read_stream(body)


FAILED = {"type": "web_search_tool_result_error", "error_code": "max_uses_exceeded"}


@pytest.mark.parametrize("content", [FAILED, [], [{"type": "web_search_result"}]])
@pytest.mark.parametrize("count", [0, 3])
def test_what_the_usage_counts_is_paid_whatever_the_calls_gave(content: Any, count: int) -> None:
    run = fetched("web_search", content, {"server_tool_use": {"web_search_requests": count}})
    assert priced(run) == (count, None)


def test_a_failed_search_that_the_usage_does_not_count_is_free() -> None:
    assert priced(fetched("web_search", FAILED)) == (0, None)
    paid, note = priced(fetched("web_search", []))
    assert paid == 1 and "counted from the calls" in str(note)


def test_a_fetched_page_costs_its_tokens_only() -> None:
    assert priced(fetched("web_fetch", {"type": "web_fetch_result"})) == (0, None)
    _, note = priced(fetched("code_execution", {}))
    assert note == "1 call of the server's tools not priced"


@pytest.mark.parametrize(
    "used",
    [
        {"server_tool_use": {"web_search_requests": 2}},
        {"server_side_tool_usage_details": {"web_search_calls": 2, "x_search_calls": 1}},
    ],
)
def test_chat_completions_count_searches_in_their_usage(used: dict[str, Any]) -> None:
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2, **used}
    chunk = {"model": "m", "choices": [], "usage": usage}
    run = cv.read_stream(f"data: {json.dumps(chunk)}\n\ndata: [DONE]\n\n".encode())
    assert priced(run) == (2, None)
    assert "unknown_fields" not in {finding.code for finding in run.findings}
