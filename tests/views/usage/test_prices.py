"""What tokens come to by a price stands beside the recorded cost, and is never taken for it."""

from __future__ import annotations

from typing import Any

import pytest

import chatviz as cv

MODEL = "moonshotai/kimi-k2-0905"
DEAR = {MODEL: cv.Price(input=1, output=3, source="a letter", date="2026-01-01")}
SAME = {MODEL: cv.Price(input="0.6", output="2.5")}


@pytest.fixture
def talk() -> cv.Conversation:
    return cv.read_conversation(cv.sample("openrouter_kimi-k2_fireworks"))


def columns_of(view: Any) -> dict[str, list[Any]]:
    (table,) = view.tables
    return {name: [row[n] for row in table.rows] for n, name in enumerate(table.columns)}


def test_recorded_and_estimated_stand_side_by_side(talk: cv.Conversation) -> None:
    view = cv.usage(talk, prices=DEAR)
    columns = columns_of(view)
    assert [f"{amount:f}" for amount in columns["cost (USD)"]] == [
        "0.0002635", "0.0002423", "0.0005058"
    ]  # fmt: skip
    assert [f"{amount.normalize():f}" for amount in columns["estimated (USD)"]] == [
        "0.000375", "0.00037", "0.000745"
    ]  # fmt: skip
    assert view.sentence.endswith("0.0005058 USD, estimated 0.000745 USD.")
    assert columns["price from"] == ["a letter", "a letter", None]
    assert columns["price of"] == ["2026-01-01", "2026-01-01", None]
    for words in ("recorded: what was charged", "estimated: tokens by a price", "$0.000375"):
        assert words in view.svg


def test_a_difference_is_a_finding_with_both(talk: cv.Conversation) -> None:
    found = [one for one in cv.usage(talk, prices=DEAR).findings if one.code == "cost_differs"]
    assert len(found) == 2 and {one.severity for one in found} == {"warning"}
    assert "0.0002635 USD" in found[0].message and "0.000375 USD" in found[0].message
    assert "(-30 %; recorded: 0.994 USD per million tokens)" in found[0].message
    assert [one.code for one in cv.usage(talk, prices=SAME).findings] == [
        one.code for one in cv.usage(talk).findings
    ]
    table = cv.finding_table(talk, prices=DEAR)
    assert table.query("code == 'cost_differs'")["run"].tolist() == [0, 1]
    assert "cost_differs" not in set(cv.finding_table(talk)["code"])


def test_the_panes_have_it_too(talk: cv.Conversation) -> None:
    data = cv.usage(talk, prices=DEAR).mount.data
    assert [run["usage"][-1]["estimated USD"] for run in data["runs"]] == ["0.000375", "0.00037"]
    assert [run["sum"]["estimated USD"] for run in data["runs"]] == ["0.000375", "0.000745"]
    assert [run["findings"][-1]["code"] for run in data["runs"]] == ["cost_differs"] * 2
    assert "cost_differs" in data["explained"]
    assert "estimated USD" not in cv.usage(talk).mount.data["runs"][0]["usage"][-1]


def test_where_no_price_is_known_it_says_why(talk: cv.Conversation) -> None:
    view = cv.usage(talk, prices={})
    columns = columns_of(view)
    assert columns["estimated (USD)"] == [None, None, None]
    assert columns["note"][0] == f"no price was given for 'Fireworks/{MODEL}'"
    assert "no estimate: no price was given" in view.svg and "a part has none" in view.svg
    assert view.mount.data["runs"][0]["usage"][-1]["estimated USD"] is None


def test_without_prices_nothing_is_estimated(talk: cv.Conversation) -> None:
    view = cv.usage(talk)
    assert "estimated" not in view.svg and "estimated (USD)" not in columns_of(view)
