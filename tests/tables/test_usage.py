"""usage_table."""

from __future__ import annotations

import json
from decimal import Decimal

import pandas as pd
import pytest

from chatviz.cassettes.reading import read_conversation, read_runs
from chatviz.runs.reader import read_stream
from chatviz.tables import usage_table


def row_of(**usage: object) -> dict[str, object]:
    """Return the row of an answer with this usage; what is missing is None."""
    body = f"data: {json.dumps({'choices': [], 'usage': usage})}\n\n".encode()
    row = usage_table(read_stream(body)).iloc[0]
    return {name: None if row.isna()[name] else row[name] for name in row.index}


def test_the_seeds_usage_and_cost_are_those_of_the_wire(seeds):
    table = usage_table(read_runs([seeds.fireworks, seeds.novita]))
    assert table["input_tokens"].tolist() == [210, 283, 154, 240]
    assert table["output_tokens"].tolist() == [55, 29, 56, 32]
    assert table["total_tokens"].tolist() == [265, 312, 210, 272]
    assert table["cost_usd"].tolist() == [0.0002635, 0.0002423, 0.0002324, 0.000224]
    assert table["input_usd_per_million_tokens"].tolist() == [0.6] * 4
    assert table["output_usd_per_million_tokens"].tolist() == [2.5] * 4
    assert table["total_usd_per_million_tokens"].isna().all()
    assert set(table["cost_source"]) == {"usage.cost"}


def test_the_parts_of_the_seeds_costs_add_up(seeds):
    table = usage_table(read_runs([seeds.fireworks, seeds.novita]))
    total = table["input_cost_usd"] + table["output_cost_usd"]
    assert total.tolist() == pytest.approx(table["cost_usd"].tolist())


def test_the_sum_of_the_column_is_the_exact_cost_of_the_talk_as_near_as_a_float_is(seeds):
    talk = read_conversation(seeds.fireworks)
    assert talk.cost == Decimal("0.0005058")
    assert usage_table(talk)["cost_usd"].sum(min_count=1) == pytest.approx(0.0005058)


def test_an_answer_without_usage_has_a_row_in_which_all_is_missing():
    table = usage_table(read_stream(b'data: {"choices": []}\n\n'))
    assert table["run"].tolist() == [0]
    assert table.drop(columns="run").isna().all(axis=None)
    assert table["cost_usd"].sum(min_count=1) is pd.NA


def test_an_unknown_cost_is_missing_and_a_cost_of_0_is_0():
    assert row_of(prompt_tokens=1)["cost_usd"] is None
    free = row_of(prompt_tokens=1, completion_tokens=1, cost=0)
    assert (free["cost_usd"], free["total_usd_per_million_tokens"]) == (0.0, 0.0)


def test_cached_tokens_stand_in_their_own_columns():
    details = {"cached_tokens": 3, "cache_write_tokens": 2}
    row = row_of(prompt_tokens=9, completion_tokens=1, prompt_tokens_details=details)
    assert row["input_tokens"] == 9
    assert (row["cache_read_tokens"], row["cache_creation_tokens"]) == (3, 2)
    assert row["total_tokens"] is None


@pytest.mark.parametrize(
    ("output", "reasoning", "total", "place"),
    [
        (8, 5, 18, "inside"),
        (8, 5, 23, "outside"),
        (8, 50, 18, "uncounted"),
        (8, 5, 99, None),
        (8, 0, 18, None),
        (8, None, 18, None),
        (None, 5, 18, None),
        (8, 5, None, None),
    ],
)
def test_where_the_reasoning_tokens_were_counted_is_told_by_the_total(
    output, reasoning, total, place
):
    usage = {"completion_tokens": output, "total_tokens": total, "reasoning_tokens": reasoning}
    sent = {name: number for name, number in usage.items() if number is not None}
    assert row_of(prompt_tokens=10, **sent)["reasoning_in_output"] == place


def test_the_price_of_output_counts_reasoning_that_is_not_among_it():
    split = {"upstream_inference_prompt_cost": 0.1, "upstream_inference_completions_cost": 0.2}
    row = row_of(
        prompt_tokens=100,
        completion_tokens=50,
        reasoning_tokens=150,
        total_tokens=300,
        cost=0.3,
        cost_details=split,
    )
    assert row["reasoning_in_output"] == "outside"
    assert row["input_usd_per_million_tokens"] == 1000.0
    assert row["output_usd_per_million_tokens"] == 1000.0
    assert row["total_usd_per_million_tokens"] is None


def test_without_a_split_there_is_one_price_for_all_tokens():
    row = row_of(prompt_tokens=100, completion_tokens=50, total_tokens=150, cost=0.3)
    assert row["total_usd_per_million_tokens"] == 2000.0
    assert (row["input_cost_usd"], row["input_usd_per_million_tokens"]) == (None, None)


def test_no_price_is_made_up_where_the_tokens_are_not_known_or_none():
    split = {"upstream_inference_prompt_cost": 0.1, "upstream_inference_completions_cost": 0.2}
    row = row_of(prompt_tokens=0, cost=0.3, cost_details=split)
    assert row["input_usd_per_million_tokens"] is None
    assert row["output_usd_per_million_tokens"] is None
    assert row["output_cost_usd"] == 0.2
    assert row_of(prompt_tokens=5, cost=0.3)["total_usd_per_million_tokens"] is None


def test_the_users_own_key_shows_the_gateways_fee_beside_the_whole():
    details = {"upstream_inference_cost": 0.5}
    row = row_of(prompt_tokens=1, cost=0.025, is_byok=True, cost_details=details)
    assert (row["cost_usd"], row["fee_usd"]) == (0.525, 0.025)


def test_a_cost_in_ticks_names_its_field():
    row = row_of(prompt_tokens=1, cost_in_usd_ticks=5_000_000)
    assert (row["cost_usd"], row["cost_source"]) == (0.0005, "usage.cost_in_usd_ticks")
