"""Usage and cost, wherever and however they are sent."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from chatviz.chat.usage import Cost, Usage, total_cost, total_usage
from chatviz.runs.reader import read_stream
from chatviz.runs.run import StreamRun

HELLO = {"choices": [{"index": 0, "delta": {"role": "assistant", "content": "hi"}}]}


def usage_of(text: str) -> Usage:
    run = read_stream(b'data: {"choices":[],"usage":%s}\n\n' % text.encode())
    assert run.usage is not None
    return run.usage


def codes(run: StreamRun) -> set[str]:
    return {finding.code for finding in run.findings}


@pytest.mark.parametrize(
    ("sent", "field", "wanted"),
    [
        ('{"prompt_tokens": 5}', "input_tokens", 5),
        ('{"input_tokens": 5}', "input_tokens", 5),
        ('{"completion_tokens": 5}', "output_tokens", 5),
        ('{"output_tokens": 5}', "output_tokens", 5),
        ('{"total_tokens": 5}', "total_tokens", 5),
        ('{"completion_tokens_details": {"reasoning_tokens": 5}}', "reasoning_tokens", 5),
        ('{"output_tokens_details": {"reasoning_tokens": 5}}', "reasoning_tokens", 5),
        ('{"prompt_tokens_details": {"cached_tokens": 5}}', "cache_read_tokens", 5),
        ('{"prompt_cache_hit_tokens": 5}', "cache_read_tokens", 5),  # DeepSeek
        ('{"cached_tokens": 5}', "cache_read_tokens", 5),  # Moonshot
        ('{"num_cached_tokens": 5}', "cache_read_tokens", 5),  # Mistral
        ('{"prompt_token_details": {"cached_tokens": 5}}', "cache_read_tokens", 5),  # Mistral
        (
            '{"prompt_tokens_details": {"cache_creation_input_tokens": 5}}',  # Alibaba
            "cache_creation_tokens",
            5,
        ),
        ('{"cache_creation_input_tokens": 5}', "cache_creation_tokens", 5),
        ('{"prompt_tokens_details": null, "cached_tokens": 5}', "cache_read_tokens", 5),
        ('{"prompt_tokens": 5.0}', "input_tokens", 5),
        ('{"prompt_tokens": 0}', "input_tokens", 0),
        ('{"prompt_tokens": 5.5}', "input_tokens", None),
        ('{"prompt_tokens": NaN}', "input_tokens", None),
        ('{"prompt_tokens": 1e999}', "input_tokens", None),
        ('{"prompt_tokens": 1e300}', "input_tokens", None),
        ('{"prompt_tokens": true}', "input_tokens", None),
        ('{"prompt_tokens": "5"}', "input_tokens", None),
        ('{"prompt_tokens": null, "input_tokens": 5}', "input_tokens", 5),
    ],
)
def test_a_count_is_found_in_each_of_its_places(sent: str, field: str, wanted: int | None) -> None:
    assert getattr(usage_of(sent), field) == wanted


@pytest.mark.parametrize(
    ("sent", "wanted"),
    [
        ('{"cost": 0.0002635}', Cost(Decimal("0.0002635"), field="usage.cost")),
        ('{"cost": 0}', Cost(Decimal(0), field="usage.cost")),
        ('{"cost": 1e-7}', Cost(Decimal("1e-7"), field="usage.cost")),
        ('{"cost": "0.10"}', Cost(Decimal("0.10"), field="usage.cost")),  # Vercel
        ('{"cost": 0.1, "cost_details": null}', Cost(Decimal("0.1"), field="usage.cost")),
        (
            '{"cost": 0.3, "cost_details": {"upstream_inference_prompt_cost": 0.1,'
            ' "upstream_inference_completions_cost": 0.2}}',
            Cost(Decimal("0.3"), Decimal("0.1"), Decimal("0.2"), field="usage.cost"),
        ),
        (
            '{"cost": 0.3, "cost_details": {"upstream_inference_prompt_cost": 0,'
            ' "upstream_inference_completions_cost": 0}}',
            Cost(Decimal("0.3"), field="usage.cost"),
        ),
        (
            '{"cost": 0, "cost_details": {"upstream_inference_prompt_cost": 0,'
            ' "upstream_inference_completions_cost": 0}}',
            Cost(Decimal(0), Decimal(0), Decimal(0), field="usage.cost"),
        ),
        (
            '{"cost": 0.01, "is_byok": false, "cost_details": {"upstream_inference_cost": 0.2}}',
            Cost(Decimal("0.01"), field="usage.cost"),
        ),
        (
            '{"cost": 0.01, "is_byok": true, "cost_details": {"upstream_inference_cost": 0.2}}',
            Cost(Decimal("0.21"), fee_usd=Decimal("0.01"), field="usage.cost"),
        ),
        (
            '{"cost_in_usd_ticks": 4567}',
            Cost(Decimal("4.567e-7"), field="usage.cost_in_usd_ticks"),
        ),
        ('{"cost_in_usd_ticks": 1, "cost": 0.5}', Cost(Decimal("0.5"), field="usage.cost")),
        ('{"prompt_tokens": 1}', None),
        ('{"cost": null}', None),
        ('{"cost": true}', None),
        ('{"cost": "much"}', None),
        ('{"cost": NaN}', None),
        ('{"cost": "Infinity"}', None),
        ('{"cost": {"a": 1}}', None),
        ('{"cost": 1e999999999}', None),
        ('{"cost": "1e-999999999"}', None),
        ('{"cost": 9e41}', None),
        ('{"cost": 123456789012345678901234567890123456789012}', None),
    ],
)
def test_a_cost_is_read_exactly_as_it_was_sent(sent: str, wanted: Cost | None) -> None:
    assert usage_of(sent).cost == wanted


@pytest.mark.parametrize("number", ["1" * 4_000, "1e9999", "1e99999999999999999999", "NaN"])
def test_a_cost_beside_a_number_that_no_one_can_hold_is_read(number: str) -> None:
    cost = usage_of(f'{{"cost": 0.5, "x": {number}}}').cost
    assert cost == Cost(Decimal("0.5"), field="usage.cost")


@pytest.mark.parametrize(
    ("chunk", "field"),
    [
        ({"choices": [], "usage": {"prompt_tokens": 5, "cost": 0.1}}, "usage"),
        ({**HELLO, "usage": {"prompt_tokens": 5, "cost": 0.1}}, "usage"),
        ({"usage": {"prompt_tokens": 5, "cost": 0.1}}, "usage"),
        ({"choices": None, "usage": {"prompt_tokens": 5, "cost": 0.1}}, "usage"),
        ({"choices": [], "x_groq": {"usage": {"prompt_tokens": 5, "cost": 0.1}}}, "x_groq.usage"),
        (
            {"choices": [{"index": 0, "delta": {}, "usage": {"prompt_tokens": 5, "cost": 0.1}}]},
            "choices[0].usage",
        ),
    ],
)
def test_usage_is_found_wherever_it_stands(
    sse: Callable[..., bytes], read: Callable[..., StreamRun], chunk: dict[str, Any], field: str
) -> None:
    run = read(sse(HELLO, chunk))
    assert run.usage is not None
    assert run.usage.input_tokens == 5
    assert run.cost == Decimal("0.1")
    assert ("usage_elsewhere" in codes(run)) == (field != "usage")


def test_usage_is_never_added_up_and_never_erased(
    sse: Callable[..., bytes], read: Callable[..., StreamRun]
) -> None:
    """The same usage twice, then chunks with null and without usage."""
    usage = {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}
    run = read(
        sse({**HELLO, "usage": usage}, {**HELLO, "usage": usage}, {**HELLO, "usage": None}, HELLO)
    )
    assert run.usage is not None
    assert (run.usage.input_tokens, run.usage.output_tokens) == (5, 2)
    assert "usage_repeated" in codes(run)
    assert "usage_changed" not in codes(run)


def test_of_a_usage_that_grows_the_last_counts(
    sse: Callable[..., bytes], read: Callable[..., StreamRun]
) -> None:
    run = read(sse(*({**HELLO, "usage": {"completion_tokens": n}} for n in (1, 2, 3))))
    assert run.usage is not None
    assert run.usage.output_tokens == 3
    (finding,) = [finding for finding in run.findings if finding.code == "usage_running"]
    assert finding.count == 2


@pytest.mark.parametrize(
    ("output", "reasoning", "total", "code"),
    [
        (2, 0, 7, None),
        (9, 4, 14, None),  # OpenAI, OpenRouter, z.ai
        (2, 10, 17, "usage_reasoning_outside"),  # xAI
        (2, 10, 7, "usage_reasoning_uncounted"),  # Gemini through Vercel
        (2, 0, 8, "usage_total_off"),
    ],
)
def test_reasoning_tokens_may_be_inside_outside_or_uncounted(
    sse: Callable[..., bytes], output: int, reasoning: int, total: int, code: str | None
) -> None:
    usage = {
        "prompt_tokens": 5,
        "completion_tokens": output,
        "reasoning_tokens": reasoning,
        "total_tokens": total,
    }
    odd = {
        found
        for found in codes(read_stream(sse({"choices": [], "usage": usage})))
        if "usage" in found
    }
    assert odd == ({code} if code else set())


def test_a_cost_that_is_not_the_sum_of_its_parts_is_said() -> None:
    sent = (
        b'{"cost": 0.5, "cost_details": {"upstream_inference_prompt_cost": 0.1,'
        b' "upstream_inference_completions_cost": 0.2}}'
    )
    run = read_stream(b'data: {"choices":[],"usage":%s}\n\n' % sent)
    (finding,) = [finding for finding in run.findings if finding.code == "cost_details_differ"]
    assert "0.1 + 0.2 = 0.3" in finding.message


@pytest.mark.parametrize("place", ["usage", "x_groq"])
def test_usage_of_another_shape_is_unknown(
    sse: Callable[..., bytes], read: Callable[..., StreamRun], place: str
) -> None:
    run = read(sse({**HELLO, place: [1]}))
    assert run.usage is None
    assert {"unknown_fields", "usage_missing"} <= codes(run)


def test_unknown_keys_of_a_usage_are_kept() -> None:
    usage = usage_of('{"prompt_tokens": 5, "queue_time": 0.1}')
    assert usage.raw == {"prompt_tokens": 5, "queue_time": 0.1}
    assert Usage().raw == {}


def test_totals_hold_only_what_every_answer_sent() -> None:
    one = Usage(5, 2, total_tokens=7, cost=Cost(Decimal("0.1"), Decimal("0.05"), Decimal("0.05")))
    other = Usage(1, None, total_tokens=1, cost=Cost(Decimal("0.2")))
    total = total_usage([one, other])
    assert total is not None
    assert (total.input_tokens, total.output_tokens, total.total_tokens) == (6, None, 8)
    assert total.cost == Cost(Decimal("0.3"), field="sum")
    assert total_usage([one, None]) is None
    assert total_usage([]) is None
    lacking = total_usage([one, Usage()])
    assert lacking is not None
    assert lacking.cost is None
    assert total_cost([]) is None
    assert total_cost([Decimal(1), None]) is None
    assert total_cost([Decimal("0.1"), Decimal("0.2")]) == Decimal("0.3")


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ('{"prompt_tokens": 100, "prompt_tokens_details": {"cached_tokens": 500}}', "500 of 100"),
        ('{"prompt_tokens": 9, "completion_tokens": -2}', "output_tokens is -2"),
        ('{"prompt_tokens": -9, "cached_tokens": 3}', "input_tokens is -9"),
        ('{"prompt_tokens": 9, "cost": -1}', "the cost is -1"),
        ('{"prompt_tokens": 9, "cached_tokens": 9}', ""),
        ('{"cached_tokens": 9}', ""),
        ('{"prompt_tokens": 0, "completion_tokens": 0, "cost": 0}', ""),
    ],
)
def test_counts_that_cannot_be_are_said(sent: str, told: str) -> None:
    run = read_stream(b'data: {"choices":[],"usage":%s}\n\n' % sent.encode())
    found = [one.message for one in run.findings if one.code == "usage_impossible"]
    assert len(found) == bool(told)
    assert not told or told in found[0]
    assert "usage_reasoning_uncounted" not in codes(run)


@pytest.mark.parametrize(
    ("sent", "tier"),
    [('"priority"', "priority"), ('"standard"', ""), ("null", ""), ("5", "")],
)
def test_a_tier_beside_the_counts_is_read(sent: str, tier: str) -> None:
    """Mistral."""
    usage = usage_of(f'{{"prompt_tokens": 5, "service_tier": {sent}}}')
    assert (usage.charges.tier, usage.input_tokens) == (tier, 5)
