"""What a dialect says that is charged besides tokens or otherwise, in streams and whole answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

import chatviz as cv
from chatviz.chat.usage import NO_CHARGES, Charges, unusual_tier
from tests.dialects.anthropic import building as messages
from tests.dialects.bedrock_converse import events_made as converse
from tests.dialects.gemini import chunks_made as gemini
from tests.dialects.openai_responses import responses_made as responses

COUNTED = {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2}


def of_messages(*usages: dict[str, Any]) -> Charges:
    """Return the charges of a stream of Anthropic's that counts at its start, and at its end."""
    begun, ended = ({"input_tokens": 1, "output_tokens": 1, **usage} for usage in usages)
    body = messages.body(
        messages.start(usage=begun), messages.text(0, "a"), messages.finish(usage=ended),
        messages.STOP,
    )  # fmt: skip
    return charges_of(cv.read_stream(body))


def charges_of(run: cv.StreamRun) -> Charges:
    assert run.usage is not None
    return run.usage.charges


@pytest.mark.parametrize(
    ("begun", "ended", "charges"),
    [
        ({"service_tier": "standard"}, {"speed": "standard"}, NO_CHARGES),
        ({"service_tier": "batch"}, {}, Charges(tier="batch")),
        ({"service_tier": "priority"}, {"service_tier": None}, Charges(tier="priority")),
        ({"service_tier": "standard"}, {"speed": "fast"}, Charges(tier="fast")),
        ({"service_tier": "batch", "speed": "fast"}, {},
         Charges(tier="batch", others=("the speed 'fast'",))),
        ({"inference_geo": "global"}, {}, NO_CHARGES),
        ({"inference_geo": "us"}, {}, Charges(others=("the region 'us'",))),
        ({"service_tier": 3, "speed": [], "cache_creation": 1}, {"iterations": {}}, NO_CHARGES),
        ({}, {"server_tool_use": {"web_search_requests": 0}}, Charges(0)),
    ],
)  # fmt: skip
def test_messages_tell_it_in_their_usage(
    begun: dict[str, Any], ended: dict[str, Any], charges: Charges
) -> None:
    assert of_messages(begun, ended) == charges


def test_tokens_kept_for_an_hour_are_never_more_than_those_written() -> None:
    kept = {"cache_creation": {"ephemeral_5m_input_tokens": 4, "ephemeral_1h_input_tokens": 6}}
    begun = {"cache_creation_input_tokens": 10, **kept}
    assert of_messages(begun, {}).hour_writes == 6
    assert of_messages(begun, {"cache_creation_input_tokens": 0}).hour_writes == 0
    assert of_messages({}, kept).hour_writes == 0


def test_other_passes_over_a_model_are_told_with_their_tokens() -> None:
    passes = [
        {"type": "compaction", "input_tokens": 100_000, "output_tokens": 30_000},
        {"type": "message", "input_tokens": 10, "output_tokens": 15},
        {"type": "advisor_message", "input_tokens": 5, "cache_read_input_tokens": 7},
        3,
    ]
    charges = of_messages({}, {"iterations": passes})
    assert charges.others == ("130,012 tokens of other passes ('compaction, advisor_message')",)


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize(
    ("sent", "tier"), [("flex", "flex"), ("default", ""), ("auto", ""), (None, ""), (7, "")]
)
def test_responses_tell_their_tier(sent: Any, tier: str, whole: bool) -> None:
    if whole:
        body = responses.response("completed", usage=COUNTED, service_tier=sent)
        run = cv.read_stream(json.dumps(body).encode())
    else:
        run = cv.read_stream(responses.stream(usage=COUNTED, service_tier=sent))
    assert charges_of(run).tier == tier


@pytest.mark.parametrize(
    "beside",
    [
        {},
        {"odd": 1},  # read in full, not at a glance
        {"x_groq": {"usage": {"prompt_tokens": 1, "completion_tokens": 1}}, "usage": ...},
    ],
)
@pytest.mark.parametrize(
    ("sent", "tier"), [("Priority", "priority"), ("on_demand", ""), (None, ""), ({}, "")]
)
def test_chat_completions_tell_their_tier(sent: Any, tier: str, beside: dict[str, Any]) -> None:
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    chunk = {"choices": [], "usage": usage, "service_tier": sent, **beside}
    chunk = {key: value for key, value in chunk.items() if value is not ...}
    run = cv.read_stream(f"data: {json.dumps(chunk)}\n\ndata: [DONE]\n\n".encode())
    assert charges_of(run) == Charges(tier=tier)


@pytest.mark.parametrize(
    ("usage", "tier"),
    [
        ({"trafficType": "ON_DEMAND"}, ""),
        ({"trafficType": "TRAFFIC_TYPE_UNSPECIFIED"}, ""),
        ({"trafficType": "ON_DEMAND_FLEX"}, "flex"),
        ({"trafficType": "PROVISIONED_THROUGHPUT"}, "provisioned_throughput"),
        ({"serviceTier": "priority"}, "priority"),
        ({"serviceTier": "standard"}, ""),
        ({"trafficType": 1}, ""),
        ({"trafficType": "ON_DEMAND_FLEX", "totalTokenCount": "2"}, "flex"),  # read in full
    ],
)
def test_gemini_tells_its_tier(usage: dict[str, Any], tier: str) -> None:
    counted = {"promptTokenCount": 1, "candidatesTokenCount": 1, **usage}
    chunk = gemini.chunk(gemini.text("a"), finish="STOP", usage=counted)
    run = cv.read_stream(gemini.stream(chunk), request=gemini.ASKED)
    assert charges_of(run) == Charges(tier=tier)


@pytest.mark.parametrize(
    ("usage", "beside", "charges"),
    [
        ({}, {}, NO_CHARGES),
        ({"cacheWriteInputTokens": 9,
          "cacheDetails": [{"ttl": "5m", "inputTokens": 2}, {"ttl": "1h", "inputTokens": 7}, 3]},
         {}, Charges(hour_writes=7)),
        ({"cacheWriteInputTokens": 9, "cacheDetails": 3}, {}, NO_CHARGES),
        ({}, {"serviceTier": {"type": "default"}}, NO_CHARGES),
        ({}, {"serviceTier": {"type": "flex"}}, Charges(tier="flex")),
        ({}, {"serviceTier": "flex", "performanceConfig": {"latency": "standard"}}, NO_CHARGES),
        ({}, {"performanceConfig": {"latency": "optimized"}},
         Charges(others=("the latency 'optimized'",))),
    ],
)  # fmt: skip
def test_converse_tells_it_in_its_last_event(
    usage: dict[str, Any], beside: dict[str, Any], charges: Charges
) -> None:
    counted = {**converse.USAGE, **usage}
    body = converse.event("metadata", usage=counted, metrics={"latencyMs": 1}, **beside)
    run = cv.read_stream(body, request=converse.HEAD)
    assert charges_of(run) == charges


def test_a_tiers_name_is_no_longer_than_a_name_is() -> None:
    assert unusual_tier("X" * 1_000) == "x" * 40
    assert unusual_tier(None) == unusual_tier("Standard") == ""
