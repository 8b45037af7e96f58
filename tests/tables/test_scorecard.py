"""scorecard_table: what is counted of a host, what is not held against it, and who is ranked."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pandas as pd
import pytest

from chatviz.cassettes.reading import read_conversations, read_runs
from chatviz.cassettes.samples import sample, samples
from chatviz.chat.findings.log import FindingLog
from chatviz.datasets.read_folder import read_folder
from chatviz.runs.conversation import Conversation, Step
from chatviz.runs.reader import StreamReader
from chatviz.runs.run import StreamRun
from chatviz.tables import finding_table, run_table, scorecard_table, tool_call_table, usage_table
from chatviz.wire.exchange import RequestHead, ResponseHead
from tests.measures.caching.talks import asked, talk_of

SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
HELLO = {"model": "m", "messages": [{"role": "user", "content": "Hello"}]}
LATER = [{"role": "assistant", "content": "ok"}, {"role": "user", "content": "And now?"}]
LONGER = {**HELLO, "messages": [*HELLO["messages"], *LATER]}


def answer(
    host: str = "one.example",
    *,
    status: int = 200,
    times: tuple[float, ...] = (),
    schema: Any = None,
    arguments: str = "",
    finish: str | None = "stop",
    usage: Any = None,
) -> StreamRun:
    """Return an answer (synthetic): two chunks of text or of a call, and a usage."""
    tools = [{"type": "function", "function": {"name": "f", "parameters": schema}}]
    body = {"model": "m", "messages": [], **({"tools": tools} if schema else {})}
    head = RequestHead(
        "POST", f"https://{host}/v1/chat/completions", body=json.dumps(body).encode()
    )
    call = {"index": 0, "id": "x1", "function": {"name": "f", "arguments": arguments}}
    said: Any = {"tool_calls": [call]} if schema else {"content": "a"}
    reader = StreamReader(head, response=ResponseHead(status))
    chunks = [
        {"choices": [{"index": 0, "delta": said}]},
        {"choices": [{"index": 0, "delta": {}, "finish_reason": finish}], "usage": usage},
    ]
    for number, chunk in enumerate(chunks):
        at = times[number] if times else None
        reader.feed(f"data: {json.dumps(chunk)}\n\n".encode(), at)
    reader.feed(b"data: [DONE]\n\n", times[-1] if times else None)
    return reader.close()


def row_of(runs: Any, **options: Any) -> dict[str, Any]:
    """Return the only row; what is missing is None."""
    (row,) = scorecard_table(runs, **{"by": "model", **options}).to_dict("records")
    return {name: None if value is pd.NA else value for name, value in row.items()}


# ---- rows


def test_each_host_of_a_model_has_a_row_that_agrees_with_the_other_tables() -> None:
    runs = [run for name in samples() for run in read_runs(sample(name))]
    scores = scorecard_table(runs)
    told = run_table(runs).fillna({"model": "", "host": ""})
    groups = told.groupby(["model", "host"])
    assert len(scores) == groups.ngroups > 5
    assert scores["answers"].sum() == len(runs)
    for row in scores.fillna({"model": "", "host": ""}).to_dict("records"):
        own = groups.get_group((row["model"], row["host"]))
        assert row["answers"] == len(own)
        assert row["errors_share"] == pytest.approx((own["errors"] > 0).mean())
        assert row["warnings_share"] == pytest.approx((own["warnings"] > 0).mean())
        assert row["finish_stop"] == (own["finish_reason"] == "stop").sum()
        assert row["refused"] == (own["status"] >= 400).sum()
        assert row["timed"] == own["time_to_first_token_s"].notna().sum()
        finishes = [row[name] for name in row if name.startswith("finish_")]
        assert sum(finishes) == len(own)


def test_the_implied_price_is_that_of_all_answers_together(seeds) -> None:
    runs = read_runs([seeds.fireworks, seeds.novita])
    row = row_of(runs)
    usage = usage_table(runs)
    tokens = usage["input_tokens"].sum() + usage["output_tokens"].sum()
    assert row["charged"] == 4
    assert row["usd_per_million_tokens"] == pytest.approx(usage["cost_usd"].sum() / tokens * 1e6)
    assert row["input_usd_per_million_tokens"] == pytest.approx(0.6)
    assert row["output_usd_per_million_tokens"] == pytest.approx(2.5)


def test_calls_are_judged_as_the_table_of_calls_judges_them(seeds) -> None:
    runs = read_runs([seeds.fireworks, seeds.novita])
    calls = tool_call_table(runs)
    row = row_of(runs)
    assert row["calls"] == calls["schema_verdict"].notna().sum() == 4
    assert row["arguments_share"] == (calls["schema_verdict"] == "right").mean() == 1


@pytest.mark.parametrize("by", ["model", "host", "provider", "dialect", "source"])
def test_every_grouping_parts_all_answers(by) -> None:
    talks = [talk for name in samples() for talk in read_conversations(sample(name))]
    scores = scorecard_table(talks, by=by)
    assert scores.columns[0] == by
    assert scores["answers"].sum() == sum(len(talk.runs) for talk in talks)
    assert not scores[by].duplicated().any()


def test_rows_are_sorted_by_their_groupings_and_what_is_not_known_is_last() -> None:
    runs = [answer("b.example"), answer(""), answer("A.example")]
    hosts = scorecard_table(runs, by=["host"])["host"]
    assert hosts.fillna("none").tolist() == ["a.example", "b.example", "none"]


@pytest.mark.parametrize("by", ["modl", ["model", "speed"], [], ["host", "host"]])
def test_a_wrong_grouping_is_told_with_those_that_there_are(by) -> None:
    with pytest.raises(ValueError, match="'model', 'host', 'provider', 'dialect', 'source'"):
        scorecard_table([answer()], by=by)


def test_a_data_set_gives_what_a_loop_gives(shared_cassettes) -> None:
    paths = sorted(shared_cassettes.rglob("*.yaml"))
    talks = [talk for path in paths for talk in read_conversations(path)]
    data = read_folder(shared_cassettes, progress=False)
    for by in (("model", "host"), ("provider",), ("source",)):
        pd.testing.assert_frame_equal(scorecard_table(data, by=by), scorecard_table(talks, by=by))


# ---- what is counted


def test_what_only_the_recording_caused_is_not_held_against_the_host() -> None:
    run = answer()
    log = FindingLog()
    log.add("recording_cut_short", text="by its recorder")
    (cut,) = log.findings()
    damaged = msgspec.structs.replace(run)
    damaged.__dict__["findings"] = (cut,)
    assert finding_table(damaged)["severity"].tolist() == ["warning"]
    assert row_of([damaged])["warnings_share"] == 0


@pytest.mark.parametrize(
    ("arguments", "calls", "share"),
    [('{"a": 1}', 1, 1.0), ('{"a": "x"}', 1, 0.0), ('{"a": ', 1, 0.0), ("", 1, 0.0)],
)
def test_arguments_count_as_right_only_whole_and_by_the_schema(arguments, calls, share) -> None:
    row = row_of(answer(schema=SCHEMA, arguments=arguments))
    assert (row["calls"], row["arguments_share"]) == (calls, share)


def test_calls_without_a_schema_that_can_be_used_are_not_judged() -> None:
    broken = {"type": 7}
    assert row_of(answer(schema=broken, arguments='{"a": 1}'))["calls"] == 0
    assert row_of(answer())["calls"] == 0


@pytest.mark.parametrize(
    ("usage", "counted", "share"),
    [
        ({"prompt_tokens": 2, "completion_tokens": 3, "total_tokens": 5}, 1, 1.0),
        ({"prompt_tokens": 2, "completion_tokens": 3, "total_tokens": 6}, 1, 0.0),
        ({"prompt_tokens": 2, "completion_tokens": 3}, 0, None),
        (None, 0, None),
    ],
)
def test_usage_adds_up_or_does_not_where_all_of_it_was_sent(usage, counted, share) -> None:
    row = row_of(answer(usage=usage))
    assert (row["counted"], row["usage_share"]) == (counted, share)


def read_of(tokens: int, read: int | None, **more: Any) -> dict[str, Any]:
    details = {} if read is None else {"prompt_tokens_details": {"cached_tokens": read}}
    return {"usage": {"prompt_tokens": tokens, "completion_tokens": 1, **details}, **more}


@pytest.mark.parametrize(
    ("first", "second", "body", "cacheable", "share"),
    [
        (read_of(2_000, 0), read_of(2_100, 1_900), LONGER, 1, 1.0),
        (read_of(2_000, 0), read_of(2_100, 0), LONGER, 1, 0.0),
        (read_of(2_000, 0), read_of(2_100, None), LONGER, 0, None),  # nothing is reported
        (read_of(900, 0), read_of(1_000, 900), LONGER, 0, None),  # too short, whatever was read
        (read_of(2_000, 0), read_of(2_100, 900), {**LONGER, "model": "n"}, 0, None),
        (read_of(2_000, 0, created=1), read_of(2_100, 9, created=2_000), LONGER, 0, None),  # late
        (read_of(2_000, 0, created=1), read_of(2_100, 9, created=9), LONGER, 1, 1.0),
    ],
)
def test_a_cache_is_judged_by_requests_that_could_be_cached(
    first, second, body, cacheable, share
) -> None:
    row = row_of(talk_of(asked(HELLO, **first), asked(body, **second)), by="host")
    assert (row["cacheable"], row["cache_share"]) == (cacheable, share)


def test_time_is_that_of_measured_answers_alone() -> None:
    usage = {"prompt_tokens": 1, "completion_tokens": 11}
    timed = [answer(times=(0.1 * n, 0.1 * n + 1.0), usage=usage) for n in range(1, 12)]
    row = row_of([*timed, answer(usage=usage)])
    assert (row["answers"], row["timed"], row["gaps"], row["paced"]) == (12, 11, 11, 11)
    assert row["time_to_first_token_p50_s"] == pytest.approx(0.6)
    assert row["time_to_first_token_p90_s"] == pytest.approx(1.0)
    assert row["gap_p50_s"] == pytest.approx(1.0)
    assert row["decode_tokens_per_s_p50"] == pytest.approx(10.0)


def test_a_providers_clock_is_not_mixed_with_measured_times() -> None:
    row = row_of(read_runs(sample("ollama_gpt-oss-120b")))
    assert (row["timed"], row["gaps"], row["paced"]) == (0, 0, 0)
    assert row["gap_p99_s"] is None


# ---- ranks


def test_a_row_below_the_least_number_has_no_rank() -> None:
    few = scorecard_table([answer()] * 19)
    assert few["rank"].isna().all()
    assert scorecard_table([answer()] * 20)["rank"].tolist() == [1]
    assert scorecard_table([answer()] * 5, min_n=5)["rank"].tolist() == [1]


def test_hosts_are_ranked_within_their_model_by_the_bad_end_of_the_interval() -> None:
    bad = answer("bad.example", status=500)
    runs = [answer("good.example")] * 60 + [answer("small.example")] * 25 + [bad] * 30
    runs += [answer("few.example")] * 3
    scores = scorecard_table(runs).set_index("host")["rank"]
    assert scores.drop("few.example").to_dict() == {
        "bad.example": 3,
        "good.example": 1,
        "small.example": 2,
    }
    assert scores["few.example"] is pd.NA


def test_rows_that_are_equally_good_share_a_rank_and_what_is_ranked_can_be_chosen() -> None:
    calls = [answer("a.example", schema=SCHEMA, arguments='{"a": 1}')] * 4
    calls += [answer("b.example", schema=SCHEMA, arguments='{"a": 1}')] * 4
    calls += [answer("c.example", schema=SCHEMA, arguments='{"b": 1}')] * 4
    ranks = scorecard_table(calls, rank_by="arguments", min_n=4)["rank"]
    assert ranks.tolist() == [1, 1, 3]
    with pytest.raises(ValueError, match="'errors', 'warnings', 'arguments', 'cache', 'usage'"):
        scorecard_table(calls, rank_by="price")  # type: ignore[arg-type]


def test_a_conversation_counts_with_all_its_attempts() -> None:
    step = Step(answer(), attempts=(answer(status=429),))
    row = row_of(Conversation((step,)))
    assert (row["answers"], row["refused"], row["errors_share"]) == (2, 1, 0.5)
