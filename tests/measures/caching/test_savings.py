"""What a stable prefix would have saved: worked by hand."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import chatviz as cv
from tests.measures.caching.talks import asked, talk_of

SYSTEM = {"role": "system", "content": "Be brief."}
HELLO = {"role": "user", "content": "Hello"}
BODY = {"model": "acme", "messages": [SYSTEM, HELLO]}
CHANGED = {"model": "acme", "messages": [{**SYSTEM, "content": "It is noon. Be brief."}, HELLO]}
PRICE = cv.Price(input=2, output=10, cache_read="0.5", cache_write=3)


def usage(tokens: int, read: int | None = 0, written: int | None = None) -> dict[str, Any]:
    details = {"cached_tokens": read, "cache_write_tokens": written}
    sent = {"prompt_tokens": tokens, "completion_tokens": 1}
    return sent if read is None else {**sent, "prompt_tokens_details": details}


def saved(
    before: dict[str, Any] | None, after: dict[str, Any] | None, price: cv.Price | None = PRICE
) -> tuple[Any, Any, Any]:
    talk = talk_of(asked(BODY, usage=before), asked(CHANGED, usage=after))
    prices = {} if price is None else {"acme": price}
    (row,) = cv.cache_table(talk, prices=prices).to_dict("records")
    values = (row["avoidable_tokens"], row["avoidable_usd"], row["price_note"])
    tokens, usd, note = (None if pd.isna(value) else value for value in values)
    return tokens, usd, note


def test_tokens_that_were_fresh_cost_the_difference_to_reading_them() -> None:
    """1,500 tokens were lost: 1,500 × (2 − 0.5) USD per million."""
    assert saved(usage(2_000), usage(2_400, 500)) == (1_500, 0.00225, None)


def test_tokens_that_were_written_instead_cost_what_writing_costs() -> None:
    """Of 2,000 lost ones 1,200 were written: 1,200 × (3 − 0.5) + 800 × (2 − 0.5)."""
    assert saved(usage(2_000), usage(2_400, 0, 1_200)) == (2_000, 0.0042, None)


def test_no_more_is_saved_than_was_asked() -> None:
    assert saved(usage(5_000), usage(1_100))[0] == 1_100
    assert saved(usage(2_000), usage(2_400, 2_300))[:2] == (0, 0.0)


def test_a_prompt_that_is_never_cached_saves_nothing() -> None:
    assert saved(usage(900), usage(900))[:2] == (0, 0.0)


@pytest.mark.parametrize(
    ("before", "after"),
    [(None, usage(9)), (usage(2_000), usage(2_400, None)), (usage(2_000), None)],
)
def test_what_was_not_counted_is_missing(before: Any, after: Any) -> None:
    assert saved(before, after) == (None, None, None)


def test_an_unknown_price_says_why() -> None:
    tokens, usd, note = saved(usage(2_000), usage(2_400), None)
    assert (tokens, usd) == (2_000, None) and "no price was given" in note
    tokens, usd, note = saved(usage(2_000), usage(2_400), cv.Price(input=2, output=10))
    assert (tokens, usd, note) == (2_000, None, "no price for reading from the cache is known")
    no_write = cv.Price(input=2, output=10, cache_read=0)
    assert saved(usage(2_000), usage(2_400, 0, 2_000), no_write)[1] == 0.004


def test_nothing_is_avoidable_where_nothing_changed_or_another_question_was_asked() -> None:
    same = talk_of(asked(BODY, usage=usage(2_000)), asked(BODY, usage=usage(2_000)))
    assert pd.isna(cv.cache_table(same)["avoidable_tokens"][0])
    other = {**BODY, "messages": [SYSTEM, {**HELLO, "content": "Goodbye"}]}
    table = cv.cache_table([asked(BODY, usage=usage(2_000)), asked(other, usage=usage(2_000))])
    assert table["same_conversation"].tolist() == [False]
    assert table[["region", "message"]].to_numpy().tolist() == [["message", 1]]
    assert pd.isna(table["avoidable_tokens"][0])
