"""A server that is busy is asked again, as long as it wants and patience lasts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chatviz.agent.drivers import run_agent
from chatviz.agent.retrying import Patience, read_retry_after
from chatviz.runs.reader import StreamReader
from chatviz.wire.exchange import ResponseHead

BUSY = json.dumps({"error": {"message": "slow down", "code": 429}}).encode()


def test_a_busy_server_is_asked_again_and_its_attempts_are_kept(
    MemoryEndpoint: Any, Reply: Any, say: Any, clock: Any, run: Any
) -> None:
    endpoint = MemoryEndpoint(
        Reply(BUSY, 429, {"Retry-After": "7"}), Reply(BUSY, 503), Reply(say("hi"))
    )
    result = run("?", endpoint=endpoint, clock=clock)
    assert (result.text, result.stop_reason) == ("hi", "no_tool_calls")
    (step,) = result.steps
    assert [attempt.response.status for attempt in step.attempts] == [429, 503]
    assert clock.waits == [7.0, 2.0]
    assert endpoint.bodies[0] == endpoint.bodies[1] == endpoint.bodies[2]
    assert result.asked_at_s == (9.0,)


def test_patience_ends_and_the_last_failure_is_told(
    MemoryEndpoint: Any, Reply: Any, clock: Any
) -> None:
    endpoint = MemoryEndpoint(Reply(BUSY, 429))
    result = run_agent("?", endpoint=endpoint, clock=clock, retries=3)
    assert (result.stop_reason, result.text) == ("error", "")
    assert result.error == "HTTP 429: slow down (asked 4 times)"
    assert clock.waits == [1.0, 2.0, 4.0]
    assert len(result.steps[0].attempts) == 3


def test_a_server_that_wants_too_long_a_wait_is_not_asked_again(
    MemoryEndpoint: Any, Reply: Any, clock: Any
) -> None:
    endpoint = MemoryEndpoint(Reply(BUSY, 429, {"retry-after": "3600"}))
    result = run_agent("?", endpoint=endpoint, clock=clock)
    assert clock.waits == []
    assert result.error == (
        "HTTP 429: slow down (the server wants a wait of 3600 s, the longest allowed is 60)"
    )


def test_other_http_errors_are_not_asked_again(MemoryEndpoint: Any, Reply: Any, clock: Any) -> None:
    body = json.dumps({"error": {"message": "no such model", "code": 400}}).encode()
    result = run_agent("?", endpoint=MemoryEndpoint(Reply(body, 400)), clock=clock)
    assert (clock.waits, result.error) == ([], "HTTP 400: no such model")
    assert result.steps[0].run.response.status == 400


def error_event(code: int, **delta: str) -> dict[str, Any]:
    choices = [{"index": 0, "delta": delta}] if delta else []
    return {"choices": choices, "error": {"message": "upstream fell over", "code": code}}


def test_an_error_event_before_anything_was_said_is_asked_again(
    MemoryEndpoint: Any, stream: Any, say: Any, clock: Any
) -> None:
    endpoint = MemoryEndpoint(stream(error_event(502)), say("hi"))
    result = run_agent("?", endpoint=endpoint, clock=clock)
    assert result.text == "hi"
    assert len(result.steps[0].attempts) == 1


@pytest.mark.parametrize("event", [error_event(502, content="He"), error_event(400)])
def test_an_error_event_is_not_asked_again_once_something_was_said_or_if_it_will_last(
    MemoryEndpoint: Any, stream: Any, clock: Any, event: dict[str, Any]
) -> None:
    endpoint = MemoryEndpoint(stream(event))
    result = run_agent("?", endpoint=endpoint, clock=clock)
    assert (len(endpoint.bodies), clock.waits) == (1, [])
    assert result.stop_reason == "error"
    assert result.error == "the stream ended with an error: upstream fell over"


def test_an_error_event_that_comes_each_time_is_told(
    MemoryEndpoint: Any, stream: Any, clock: Any
) -> None:
    result = run_agent("?", endpoint=MemoryEndpoint(stream(error_event(502))), clock=clock)
    assert result.error == "an error in the stream: upstream fell over (asked 3 times)"


NOON = "Wed, 21 Oct 2015 12:00:00 GMT"
NOON_S = 1_445_428_800.0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": " 5 "}, 5.0),
        ({"Retry-After": "1.5"}, 1.5),
        ({"Retry-After": "-3"}, 0.0),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "Wed, 99 Oct 2015 12:00:00 GMT"}, None),
        ({"Retry-After": NOON}, 30.0),
        ({"Retry-After": NOON, "Date": "Wed, 21 Oct 2015 11:59:50 GMT"}, 10.0),
        ({"Retry-After": NOON, "Date": "Wed, 21 Oct 2015 13:00:00 GMT"}, 0.0),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(
    headers: dict[str, str], seconds: float | None
) -> None:
    head = ResponseHead(429, {name: [value] for name, value in headers.items()})
    run = StreamReader(response=head).close()
    assert read_retry_after(run, NOON_S - 30) == seconds


def test_a_wait_is_never_longer_than_the_longest() -> None:
    patience = Patience(retries=9, longest_wait_s=5.0)
    waits = [patience.wait_s(attempt, None) for attempt in range(1, 11)]
    assert waits == [1.0, 2.0, 4.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0, None]
