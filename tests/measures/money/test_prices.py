"""Prices: whose they are, which tokens they are for, and what is said where there is none."""

from __future__ import annotations

import builtins
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import chatviz as cv
from chatviz.wire.exchange import RequestHead

PRICE = cv.Price(input=2, output=10, cache_read="0.5", cache_write=3)
URL = "https://openrouter.ai/api/v1/chat/completions"


def answer(
    model: str = "acme/fast", url: str = URL, created: int | None = None, **usage: Any
) -> cv.StreamRun:
    """Return an answer (synthetic) with a usage."""
    body = {
        "object": "chat.completion", "model": model, "created": created,
        "choices": [{"index": 0, "message": {"content": "a"}, "finish_reason": "stop"}],
        "usage": usage or None,
    }  # fmt: skip
    head = RequestHead("POST", url, body=b'{"messages": []}')
    return cv.read_stream(json.dumps(body).encode(), request=head)


def priced(run: cv.StreamRun, prices: Any) -> Mapping[str, Any]:
    row: Mapping[str, Any] = cv.usage_table(run, prices=prices).iloc[0]
    return row


def counted(**more: Any) -> cv.StreamRun:
    return answer(prompt_tokens=1_000, completion_tokens=100, **more)


def test_each_part_has_its_price() -> None:
    run = counted(
        total_tokens=1_100,
        prompt_tokens_details={"cached_tokens": 300, "cache_write_tokens": 200},
        completion_tokens_details={"reasoning_tokens": 40},
    )
    row = priced(run, {"openrouter.ai/acme/fast": PRICE})
    parts = {name: round(row[f"estimated_{name}_usd"] * 1e6, 6) for name in
             ("input", "cache_read", "cache_write", "output", "reasoning", "cost")}  # fmt: skip
    assert parts == {
        "input": 1_000, "cache_read": 150, "cache_write": 600, "output": 600, "reasoning": 400,
        "cost": 2_750,
    }  # fmt: skip
    assert row["price_source"] == "given" and pd.isna(row["price_note"])


def test_reasoning_beside_the_output_is_paid_as_well() -> None:
    run = answer(
        prompt_tokens=10, completion_tokens=5, total_tokens=35,
        completion_tokens_details={"reasoning_tokens": 20},
    )  # fmt: skip
    row = priced(run, {"acme/fast": PRICE})
    assert round(row["estimated_output_usd"] * 1e6, 6) == 50
    assert round(row["estimated_reasoning_usd"] * 1e6, 6) == 200


def test_the_hosts_price_is_taken_before_the_models() -> None:
    other = cv.Price(input=1, output=1)
    prices = {"acme/fast": other, "OpenRouter/acme/fast": other, "openrouter.ai/acme/fast": PRICE}
    assert round(priced(counted(), prices)["estimated_cost_usd"], 6) == 0.003
    del prices["openrouter.ai/acme/fast"]
    assert round(priced(counted(), prices)["estimated_cost_usd"], 6) == 0.0011


def test_what_is_not_known_is_missing_and_says_why() -> None:
    for run, note in (
        (counted(), "no price was given for 'OpenRouter/acme/fast'"),
        (answer(), "the tokens are not known"),
        (answer(prompt_tokens=5), "the tokens are not known"),
    ):
        row = priced(run, {})
        assert pd.isna(row["estimated_cost_usd"]) and row["price_note"] == note
    odd = counted(prompt_tokens_details={"cached_tokens": 3_000})
    assert "contradict" in priced(odd, {"acme/fast": PRICE})["price_note"]


def test_a_free_model_costs_nothing() -> None:
    run = answer("acme/fast:free", prompt_tokens=5, completion_tokens=5)
    row = priced(run, {})
    assert row["estimated_cost_usd"] == 0 and ":free" in row["price_source"]


def test_cached_tokens_without_a_price_of_their_own_cost_what_others_do() -> None:
    run = counted(prompt_tokens_details={"cached_tokens": 500})
    row = priced(run, {"acme/fast": cv.Price(input=2, output=10)})
    assert round(row["estimated_cost_usd"], 6) == 0.003
    assert "priced as others" in row["price_note"]


def test_a_recorded_cost_that_differs_is_told_with_the_price_it_implies() -> None:
    near, far = counted(cost=0.00302), counted(cost=0.0015)
    assert pd.isna(priced(near, {"acme/fast": PRICE})["price_note"])
    row = priced(far, {"acme/fast": PRICE})
    assert row["cost_usd"] == 0.0015  # what was recorded stays
    assert row["price_note"] == (
        "recorded 0.0015 USD, estimated 0.003 USD (-50 %; recorded: 1.364 USD per million tokens)"
    )
    nothing = {"acme/fast": cv.Price(input=0, output=0)}
    assert "(not 0;" in priced(far, nothing)["price_note"]


def test_without_prices_the_table_is_as_before() -> None:
    assert "estimated_cost_usd" not in cv.usage_table(counted())


@pytest.mark.parametrize("amount", [-1, "much", float("nan"), float("inf"), True])
def test_an_amount_is_a_number_of_dollars(amount: Any) -> None:
    with pytest.raises(ValueError, match="output must be USD per million tokens, 0 or more"):
        cv.Price(input=1, output=amount)


def test_prices_come_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "prices.yaml"
    path.write_text("acme/fast: {input: 0.6, output: 2.5, cache_read: 0.15, date: 2026-01-01x}\n")
    (price,) = cv.load_prices(path).values()
    assert (price.input, price.output, price.cache_write) == (Decimal("0.6"), Decimal("2.5"), None)
    path.write_text('{"acme/fast": {"input": 1, "output": 2}}')
    assert cv.load_prices(path) == {"acme/fast": cv.Price(input=1, output=2)}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("- 1", "wanted names with prices, found list"),
        ("a: 3", "'a': wanted input and output .*found int"),
        ("a: {input: 3}", "'a': wanted input and output .*found input"),
        ("a: {input: 3, output: 3, tax: 1}", "found input, output, tax"),
        ("a: {input: x, output: 3}", "'a': input must be USD per million tokens"),
        ("a: [", "wanted a file of YAML or JSON"),
        ("!!python/object:os.system {}", "wanted a file of YAML or JSON"),
    ],
)
def test_a_file_of_prices_that_is_none_says_what_was_wanted(
    tmp_path: Path, text: str, wanted: str
) -> None:
    path = tmp_path / "prices.yaml"
    path.write_text(text)
    with pytest.raises(ValueError, match=wanted) as caught:
        cv.load_prices(path)
    assert str(path) in str(caught.value)


# ---- the packaged list


def test_the_packaged_list_gives_what_was_charged() -> None:
    """OpenRouter's recorded costs of Kimi K2 are what its listed price comes to."""
    talk = cv.read_conversation(cv.sample("openrouter_kimi-k2_fireworks"))
    table = cv.usage_table(talk, prices=cv.packaged_prices())
    assert table["estimated_cost_usd"].round(9).tolist() == table["cost_usd"].round(9).tolist()
    assert table["price_date"].unique().tolist() == ["2025-09-23"]
    assert table["price_source"].str.contains("openrouter/moonshotai/kimi-k2-0905").all()


def test_the_sums_are_those_of_the_lists_own_package() -> None:
    from genai_prices import Usage as ListedUsage
    from genai_prices import calc_price

    url = "https://api.anthropic.com/v1/messages"
    for tokens in (1_000, 250_000):  # below and above the step of the price
        usage = {"input_tokens": tokens - 150, "cache_read_input_tokens": 100,
                 "cache_creation_input_tokens": 50, "output_tokens": 100}  # fmt: skip
        body = {"type": "message", "role": "assistant", "model": "claude-sonnet-4-5-20250929",
                "content": [{"type": "text", "text": "a"}], "stop_reason": "end_turn",
                "usage": usage}  # fmt: skip
        run = cv.read_stream(
            json.dumps(body).encode(), request=RequestHead("POST", url, body=b"{}")
        )
        listed = calc_price(
            ListedUsage(input_tokens=tokens, cache_read_tokens=100, cache_write_tokens=50,
                        output_tokens=100),
            "claude-sonnet-4-5-20250929", provider_id="anthropic",
            genai_request_timestamp=datetime.now(UTC),
        )  # fmt: skip
        row = priced(run, cv.packaged_prices())
        assert round(row["estimated_cost_usd"], 9) == round(float(listed.total_price), 9)
        assert row["price_note"] == "the answer has no time stamp: today's price"


def test_a_host_or_model_that_is_not_listed_has_no_price() -> None:
    prices = cv.packaged_prices()
    assert repr(prices).startswith("<Prices: genai-prices")
    here = answer("kimi-k2", url="http://127.0.0.1:9/v1/chat/completions",
                  prompt_tokens=1, completion_tokens=1)  # fmt: skip
    assert "at a host that is not listed" in priced(here, prices)["price_note"]
    unknown = answer("acme/no-such-model", prompt_tokens=1, completion_tokens=1)
    assert "at its host" in priced(unknown, prices)["price_note"]
    unnamed = answer("", prompt_tokens=1, completion_tokens=1)
    assert "a model that is not named" in priced(unnamed, prices)["price_note"]


def test_the_makers_price_is_taken_where_the_host_lists_none() -> None:
    run = answer("anthropic/claude-2.0", prompt_tokens=1_000, completion_tokens=0)
    row = priced(run, cv.packaged_prices())
    if "the host lists no price" in str(row["price_note"]):  # OpenRouter lists it no more
        assert row["estimated_cost_usd"] == 0.008
    else:
        assert "openrouter" in row["price_source"]


def test_an_absurd_time_stamp_is_no_day() -> None:
    run = answer("openai/gpt-4o", created=10**18, prompt_tokens=1, completion_tokens=1)
    assert "no time stamp" in priced(run, cv.packaged_prices())["price_note"]


def test_without_the_package_it_is_said_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def refuse(name: str, *given: Any, **more: Any) -> Any:
        if name.startswith("genai_prices"):
            raise ModuleNotFoundError(name)
        return real(name, *given, **more)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'chatviz-inspector\[prices\]'"):
        cv.packaged_prices()


def searched(times: int, name: str = "web_search") -> cv.StreamRun:
    """Return a Responses answer (synthetic) for which the provider searched so often."""
    calls = [{"type": f"{name}_call", "id": f"s{n}", "status": "completed"} for n in range(times)]
    body = {
        "object": "response", "id": "r", "model": "acme/fast", "status": "completed",
        "output": [*calls, {"type": "message", "role": "assistant",
                            "content": [{"type": "output_text", "text": "a"}]}],
        "usage": {"input_tokens": 1_000, "output_tokens": 100, "total_tokens": 1_100},
    }  # fmt: skip
    head = RequestHead("POST", "https://openrouter.ai/api/v1/responses", body=b'{"input": []}')
    return cv.read_stream(json.dumps(body).encode(), request=head)


def test_searches_that_the_provider_ran_have_their_price() -> None:
    price = cv.Price(input=2, output=10, web_search=10)
    row = priced(searched(3), {"acme/fast": price})
    assert row["estimated_tools_usd"] == 0.03
    assert row["estimated_cost_usd"] == pytest.approx(0.003 + 0.03)
    assert "counted from the calls (3)" in row["price_note"]
    row = priced(searched(3), {"acme/fast": PRICE})
    assert row["estimated_tools_usd"] == 0
    assert row["price_note"] == "3 calls of the server's tools not priced"
    row = priced(searched(1, "file_search"), {"acme/fast": price})
    assert row["price_note"] == "1 call of the server's tools not priced"
    with pytest.raises(ValueError, match="USD per thousand searches"):
        cv.Price(input=1, output=1, web_search=-1)
