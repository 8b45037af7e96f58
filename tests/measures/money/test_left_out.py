"""What an estimate makes of other charges: a price where there is one, else a word of it."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

import chatviz as cv
from chatviz.wire.exchange import RequestHead

PRICE = cv.Price(input=3, output=15, cache_read="0.3", cache_write="3.75")
MILLION = 1_000_000


def answer(model: str = "claude-sonnet-4-5", **usage: Any) -> cv.StreamRun:
    """Return a whole answer of Anthropic's (synthetic) with a usage."""
    body = {
        "type": "message", "role": "assistant", "model": model, "stop_reason": "end_turn",
        "content": [{"type": "text", "text": "a"}],
        "usage": {"input_tokens": 0, "output_tokens": 0, **usage},
    }  # fmt: skip
    head = RequestHead("POST", "https://api.anthropic.com/v1/messages", body=b"{}")
    return cv.read_stream(json.dumps(body).encode(), request=head)


def priced(run: cv.StreamRun, prices: Any) -> tuple[float, str | None]:
    row = cv.usage_table(run, prices=prices).iloc[0]
    note = row["price_note"]
    return round(row["estimated_cost_usd"], 6), None if pd.isna(note) else note


def written(hour: int) -> cv.StreamRun:
    kept = {"ephemeral_5m_input_tokens": MILLION - hour, "ephemeral_1h_input_tokens": hour}
    return answer(cache_creation_input_tokens=MILLION, cache_creation=kept)


def test_tokens_cached_for_an_hour_have_their_price() -> None:
    usual = {"claude-sonnet-4-5": PRICE}
    assert priced(written(0), usual) == (3.75, None)
    note = "400,000 tokens cached for an hour are priced at twice the input"
    assert priced(written(400_000), usual) == (0.6 * 3.75 + 0.4 * 6, note)
    own = cv.Price(input=3, output=15, cache_write="3.75", cache_write_1h=5)
    assert priced(written(MILLION), {"claude-sonnet-4-5": own}) == (5, None)


def test_without_a_price_of_the_cache_an_hour_costs_what_others_do() -> None:
    cost, note = priced(written(MILLION), {"claude-sonnet-4-5": cv.Price(input=3, output=15)})
    assert cost == 3 and note == "no price for the cache is known: its tokens are priced as others"


def test_the_packaged_list_knows_the_price_of_an_hour() -> None:
    cost, note = priced(written(MILLION), cv.packaged_prices())
    assert cost == 12  # a prompt of more than 200,000 tokens has twice the price of 6
    assert "twice" not in str(note)


def test_what_is_not_in_the_estimate_is_said() -> None:
    passes = [{"type": "compaction", "input_tokens": 100_000, "output_tokens": 30_000}]
    run = answer(output_tokens=MILLION, service_tier="batch", iterations=passes)
    cost, note = priced(run, {"claude-sonnet-4-5": PRICE})
    assert cost == 15
    assert note == "not in it: the tier 'batch', 130,000 tokens of other passes ('compaction')"


@pytest.mark.parametrize(("tier", "share"), [("standard", 1), ("batch", 0.5)])
def test_a_tier_that_is_listed_has_its_price(tier: str, share: float) -> None:
    usual, _ = priced(answer(output_tokens=MILLION), cv.packaged_prices())
    cost, note = priced(answer(output_tokens=MILLION, service_tier=tier), cv.packaged_prices())
    assert cost == usual * share
    assert note == "the answer has no time stamp: today's price"


def test_a_tier_that_is_not_listed_is_said_beside_the_usual_price() -> None:
    run = answer(output_tokens=MILLION, service_tier="priority")
    cost, note = priced(run, cv.packaged_prices())
    assert cost == priced(answer(output_tokens=MILLION), cv.packaged_prices())[0]
    assert str(note).endswith("; not in it: the tier 'priority'")


def test_a_free_model_is_free_at_any_tier() -> None:
    assert priced(answer("m:free", service_tier="priority"), {}) == (0, None)


def test_the_price_of_an_hour_is_an_amount() -> None:
    with pytest.raises(ValueError, match="cache_write_1h must be USD per million tokens"):
        cv.Price(input=1, output=1, cache_write_1h=-1)
    assert cv.Price(input=1, output=1, cache_write_1h="0.5").cache_write_1h == Decimal("0.5")
