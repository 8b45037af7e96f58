"""Rates are of tokens that came: with streamed reasoning, and without reasoning that never did."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

import chatviz as cv
from chatviz.dialects.hosts import sums_up_reasoning
from chatviz.runs.timing.token_rate import tokens_that_came
from tests.dialects.anthropic import building as messages
from tests.dialects.openai_responses import responses_made as made

STEP_S = 0.01
OUTSIDE = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 35}  # 20 of reasoning
INSIDE = {"prompt_tokens": 10, "completion_tokens": 25, "total_tokens": 35}
UNCOUNTED = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
UNTOLD = {"prompt_tokens": 10, "completion_tokens": 25, "total_tokens": 99}
NO_TOTAL = {"completion_tokens": 25}
READ = {"reasoning_content": "r"}
SUMMARY = {"reasoning_details": [{"type": "reasoning.summary", "summary": "s"}]}
OPAQUE = {"reasoning_details": [{"type": "reasoning.encrypted", "data": "x"}]}
SIGNED = {"reasoning_details": [{"type": "reasoning.text", "text": "r", "signature": "x"}]}
IN_TEXT = {"content": "<think>r</think>"}


def came(run: cv.StreamRun) -> int | None:
    return tokens_that_came(run.answer, run.spoken.manners, run.model)


def said(
    *deltas: dict[str, Any], usage: dict[str, Any], model: str = "m", thought: int | None = 20
) -> cv.StreamRun:
    """Return chat completions of a chunk each 10 ms, at whose end is a usage."""
    details = {} if thought is None else {"reasoning_tokens": thought}
    sent = {**usage, "completion_tokens_details": details}
    chunks = [
        *({"choices": [{"index": 0, "delta": delta}]} for delta in (*deltas, {"content": "t"})),
        {"choices": [], "usage": sent},
    ]
    reader = cv.StreamReader()
    for place, chunk in enumerate(chunks):
        body = json.dumps({"model": model, **chunk}).encode()
        reader.feed(b"data: %s\n\n" % body, at=1 + place * STEP_S)
    return reader.close()


@pytest.mark.parametrize(
    ("usage", "reasoning", "tokens"),
    [
        (OUTSIDE, READ, 25), (OUTSIDE, {}, 5), (OUTSIDE, SUMMARY, None), (OUTSIDE, OPAQUE, None),
        (INSIDE, READ, 25), (INSIDE, {}, 5), (INSIDE, SUMMARY, None), (INSIDE, OPAQUE, None),
        (UNCOUNTED, READ, 25), (UNCOUNTED, {}, 5), (UNCOUNTED, SUMMARY, None),
        (NO_TOTAL, READ, 25), (NO_TOTAL, {}, 5), (NO_TOTAL, OPAQUE, None),
        (UNTOLD, READ, None), (UNTOLD, {}, None),
        (INSIDE, SIGNED, 25), (INSIDE, IN_TEXT, 25),
        ({"completion_tokens": 5}, {}, None),  # 20 of 5 cannot be
    ],
)  # fmt: skip
def test_tokens_are_those_that_came(
    usage: dict[str, Any], reasoning: dict[str, Any], tokens: int | None
) -> None:
    assert came(said(reasoning, usage=usage)) == tokens


@pytest.mark.parametrize(
    ("thought", "reasoning", "tokens"),
    [(None, READ, 25), (None, {}, 25), (None, SUMMARY, None), (0, {}, 25), (0, OPAQUE, 25)],
)
def test_where_no_reasoning_is_counted_the_output_came(
    thought: int | None, reasoning: dict[str, Any], tokens: int | None
) -> None:
    assert came(said(reasoning, usage=INSIDE, thought=thought)) == tokens


def test_what_is_not_counted_is_not_known() -> None:
    assert came(said(READ, usage={"prompt_tokens": 3})) is None


@pytest.mark.parametrize(
    ("model", "is_summary"),
    [
        *((name, True) for name in (
            "claude-sonnet-4-5-20250929", "anthropic/claude-opus-4.1", "gemini-2.5-pro",
            "us.anthropic.claude-haiku-4-5-20251001-v1:0", "openai/gpt-5-mini", "o3",
            "openai/o4-mini",
        )),
        *((name, False) for name in (
            "", "claude-3-7-sonnet-20250219", "anthropic/claude-3.7-sonnet", "claude-instant-1",
            "openai/gpt-oss-120b", "gpt-4o", "deepseek-r1", "grok-code-fast-1",
            "moonshotai/kimi-k2",
        )),
    ],
)  # fmt: skip
def test_models_that_are_known_to_sum_up_send_no_reasoning(model: str, is_summary: bool) -> None:
    assert sums_up_reasoning(model) == is_summary
    assert came(said(READ, usage=INSIDE, model=model)) == (None if is_summary else 25)
    assert came(said(usage=INSIDE, model=model)) == 5


COUNTED = {
    "input_tokens": 10,
    "output_tokens": 25,
    "total_tokens": 35,
    "output_tokens_details": {"reasoning_tokens": 20},
}


@pytest.mark.parametrize(
    ("fields", "tokens"),
    [
        ({"summary": []}, 5),
        ({"summary": [{"type": "summary_text", "text": "s"}]}, None),
        ({"summary": [], "encrypted_content": "x"}, None),
        ({"content": [{"type": "reasoning_text", "text": "r"}], "summary": []}, 25),
        ({"content": [{"type": "reasoning_text", "text": "r"}], "encrypted_content": "x"}, 25),
    ],
)
def test_an_item_of_reasoning_says_what_of_it_came(
    fields: dict[str, Any], tokens: int | None
) -> None:
    item = {"type": "reasoning", "id": "rs_1", **fields}
    run = cv.read_stream(made.stream(*made.item(item), usage=COUNTED))
    assert came(run) == tokens


@pytest.mark.parametrize(
    ("block", "model", "tokens"),
    [
        ({"type": "thinking", "thinking": "r"}, "claude-3-7-sonnet", 25),
        ({"type": "thinking", "thinking": "r"}, "claude-sonnet-4-5", None),
        ({"type": "thinking", "thinking": "", "signature": "x"}, "claude-3-7-sonnet", None),
        ({"type": "redacted_thinking", "data": "x"}, "claude-3-7-sonnet", None),
        ({"type": "text", "text": "a"}, "claude-sonnet-4-5", 5),
    ],
)
def test_a_block_of_thinking_is_whole_summed_up_or_encrypted(
    block: dict[str, Any], model: str, tokens: int | None
) -> None:
    usage = {"output_tokens": 25, "output_tokens_details": {"thinking_tokens": 20}}
    body = messages.body(
        messages.start(model=model),
        [messages.block(0, **block), messages.close(0)],
        messages.finish(usage=usage),
        messages.STOP,
    )
    assert came(cv.read_stream(body)) == tokens


def test_streamed_reasoning_that_is_counted_beside_the_output_is_in_each_rate() -> None:
    """20 tokens of reasoning and 5 of text come one by one each 10 ms, from 1 s on."""
    run = said(*[READ] * 20, *[{"content": "t"}] * 4, usage=OUTSIDE)
    assert run.time_per_output_token_s == pytest.approx(25 * STEP_S / 24)
    row = cv.timing_table(run).iloc[0]
    assert row["decode_tokens_per_s"] == pytest.approx(24 / 25 / STEP_S)
    assert row["end_to_end_tokens_per_s"] == pytest.approx(25 / 1.25)
    assert cv.run_table(run)["time_per_output_token_s"][0] == run.time_per_output_token_s
    (rate,) = cv.scorecard_table(run)["decode_tokens_per_s_p50"]
    assert rate == pytest.approx(24 / 25 / STEP_S)


def test_hidden_reasoning_is_in_no_rate_but_in_that_of_the_whole_time() -> None:
    run = said(*[{"content": "t"}] * 4, usage=INSIDE)
    row = cv.timing_table(run).iloc[0]
    assert row["decode_tokens_per_s"] == pytest.approx(4 / 5 / STEP_S)
    assert row["end_to_end_tokens_per_s"] == pytest.approx(25 / 1.05)


@pytest.mark.parametrize(
    ("deltas", "note"),
    [
        ([READ] * 20, None),
        ([], None),
        ([SUMMARY], "it is not known how much of the reasoning came"),
    ],
)
def test_the_table_of_definitions_has_the_same_number(
    deltas: list[dict[str, Any]], note: str | None
) -> None:
    run = said(*deltas, {"content": "t"}, usage=OUTSIDE)
    table = cv.definition_table(run).set_index(["tool", "measure"])
    row = table.loc[("chatviz", "time per output token")]
    value = None if pd.isna(row["value_s"]) else row["value_s"]
    assert value == (None if note else pytest.approx(run.time_per_output_token_s))
    assert (None if pd.isna(row["note"]) else row["note"]) == note
    others = table.loc["AIPerf", "ITL, inter-token latency"]
    assert others["value_s"] == pytest.approx((len(deltas) + 2) * STEP_S / 4)  # by its own rule
