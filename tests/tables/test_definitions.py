"""definition_table: one stream by each tool's rule, against numbers that were worked by hand."""

from __future__ import annotations

import json

import pytest

from chatviz.cassettes.reading import read_runs
from chatviz.cassettes.samples import sample
from chatviz.runs.reader import StreamReader
from chatviz.tables import definition_table


def chunk(usage: int | None = None, **delta: object) -> bytes:
    payload: dict[str, object] = {"choices": [{"index": 0, "delta": delta}] if delta else []}
    if usage is not None:
        payload["usage"] = {"prompt_tokens": 5, "completion_tokens": usage}
    return f"data: {json.dumps(payload)}\n\n".encode()


def run_of(*pieces):
    reader = StreamReader()
    for data, at in pieces:
        reader.feed(data, at)
    return reader.close()


HEAD = chunk(role="assistant", content="")
DONE = b"data: [DONE]\n\n"
# A role-only head, a keep-alive, reasoning before text, usage behind it, and [DONE] last.
REASONED = run_of(
    (HEAD, 1.0),
    (b": wait\n\n", 2.0),
    (chunk(reasoning="hm"), 3.0),
    (chunk(reasoning="so"), 4.0),
    (chunk(content="Hi"), 6.0),
    (chunk(content="!"), 8.0),
    (chunk(usage=11), 9.0),
    (DONE, 10.0),
)
# Text at once; usage comes with each chunk, counted up, several tokens in the first.
COUNTED = run_of(
    (chunk(usage=4, content="several tokens at once"), 2.0),
    (chunk(usage=8, content=" and more"), 4.0),
    (chunk(usage=12, content="."), 6.0),
)
# A call alone, whose first chunk names it.
CALLED = run_of(
    (HEAD, 0.5),
    (chunk(tool_calls=[{"index": 0, "id": "c", "function": {"name": "add"}}]), 1.0),
    (chunk(tool_calls=[{"index": 0, "function": {"arguments": ""}}]), 1.5),
    (chunk(tool_calls=[{"index": 0, "function": {"arguments": "{}"}}]), 2.0),
    (chunk(usage=5), 3.0),
)
BY_HAND = {
    ("chatviz", "time to first token"): (3.0, 2.0, 1.0),
    # REASONED: (10 - 3) / 10; COUNTED: (6 - 2) / 11; CALLED: (3 - 1) / 4
    ("chatviz", "time per output token"): (0.7, 4 / 11, 0.5),
    ("AIPerf", "TTFT, time to first token"): (3.0, 2.0, 1.0),
    ("AIPerf", "TTFO, time to first output token"): (6.0, 2.0, 1.0),
    ("AIPerf", "TTST, time to second token"): (1.0, 2.0, 1.0),
    ("AIPerf", "ICL, inter-chunk latency"): (5 / 3, 2.0, 1.0),
    # REASONED: (10 - 3) / (11 - 1); COUNTED: (6 - 2) / (12 - 4); CALLED: (3 - 1) / (5 - 1)
    ("AIPerf", "ITL, inter-token latency"): (0.7, 0.5, 0.5),
    ("AIPerf", "request latency"): (10.0, 6.0, 3.0),
    ("guidellm", "time to first token"): (3.0, 2.0, 1.0),
    # REASONED: (8 - 3) / 10; COUNTED: (6 - 2) / 11; CALLED: (2 - 1) / 4
    ("guidellm", "inter-token latency"): (0.5, 4 / 11, 0.25),
    ("guidellm", "time per output token"): (8 / 11, 0.5, 0.4),
    ("guidellm", "request latency"): (8.0, 6.0, 2.0),
    ("vLLM bench", "TTFT, time to first token"): (1.0, 2.0, 0.5),
    # REASONED: 1, 3, 4, 6, 8; COUNTED: 2, 4, 6; CALLED: 0.5, 1, 1.5, 2
    ("vLLM bench", "ITL, inter-token latency"): (1.75, 2.0, 0.5),
    ("vLLM bench", "TPOT, time per output token"): (0.7, 4 / 11, 0.375),
    ("vLLM bench", "latency"): (8.0, 6.0, 2.0),
    ("genai-bench", "time to first token"): (3.0, 2.0, 1.0),
    ("genai-bench", "time per output token"): (0.7, 4 / 11, 0.5),
    ("genai-bench", "end-to-end latency"): (10.0, 6.0, 3.0),
    ("OpenTelemetry", "gen_ai.response.time_to_first_chunk"): (1.0, 2.0, 0.5),
    # REASONED: (9 - 1) / 5; COUNTED: (6 - 2) / 2; CALLED: (3 - 0.5) / 4
    ("OpenTelemetry", "time_per_output_chunk"): (1.6, 2.0, 0.625),
    ("OpenTelemetry", "operation.duration"): (10.0, 6.0, 3.0),
    ("LangSmith", "first token"): (1.0, 2.0, 0.5),
}


def numbers_of(run):
    rows = definition_table(run).dropna(subset="value_s").itertuples()
    return {(row.tool, row.measure): row.value_s for row in rows}


@pytest.mark.parametrize("place", [0, 1, 2], ids=["reasoned", "counted", "called"])
def test_each_tools_numbers_are_those_worked_by_hand(place):
    run = (REASONED, COUNTED, CALLED)[place]
    wanted = {key: pytest.approx(values[place]) for key, values in BY_HAND.items()}
    assert numbers_of(run) == wanted


def test_the_chunk_that_a_rule_picks_stands_beside_it():
    table = definition_table(REASONED).set_index(["tool", "measure"])["chunk"]
    assert table["vLLM bench", "TTFT, time to first token"] == 0
    assert table["AIPerf", "TTFT, time to first token"] == 1
    assert table["AIPerf", "TTFO, time to first output token"] == 3
    assert table["guidellm", "request latency"] == 4
    assert table["OpenTelemetry", "operation.duration"] == 5


def test_without_measured_times_the_chunks_are_picked_and_nothing_is_invented(seeds):
    table = definition_table(read_runs(seeds.fireworks))
    assert table["value_s"].isna().all()
    picked = table.dropna(subset="chunk")
    assert len(picked) == 2 * len(BY_HAND)
    assert set(picked["note"]) - {"no measured times"} == set()
    clocked = definition_table(read_runs(sample("ollama_gpt-oss-120b")))
    assert set(clocked["timing"]) == {"provider_clock"}
    assert clocked["value_s"].isna().all()


def test_what_is_not_defined_says_why():
    silent = definition_table(run_of((HEAD, 1.0))).set_index(["tool", "measure"])["note"]
    assert silent["AIPerf", "TTFT, time to first token"].startswith("too few chunks")
    assert silent["vLLM bench", "ITL, inter-token latency"].startswith("too few chunks")
    uncounted = run_of((chunk(content="a"), 1.0), (chunk(content="b"), 2.0))
    notes = definition_table(uncounted).set_index(["tool", "measure"])["note"]
    assert notes["guidellm", "inter-token latency"] == "the server counted no output tokens"
    one = run_of((chunk(content="a"), 1.0), (chunk(usage=1), 2.0))
    notes = definition_table(one).set_index(["tool", "measure"])["note"]
    assert notes["guidellm", "inter-token latency"] == "not defined below 2 output tokens"
    assert numbers_of(one)["guidellm", "time per output token"] == 1.0


@pytest.mark.parametrize("counted", [0, 1, 12, 15])
def test_tokens_of_the_first_chunk_that_cannot_be_are_one(counted):
    run = run_of((chunk(usage=counted, content="a"), 2.0), (chunk(usage=12, content="b"), 6.0))
    assert numbers_of(run)["AIPerf", "ITL, inter-token latency"] == pytest.approx(4 / 11)


def test_answers_without_choices_have_no_number_of_the_tool_that_asks_for_them():
    table = definition_table(read_runs(sample("anthropic_claude-sonnet-4")))
    rows = table[table["tool"] == "vLLM bench"]
    assert rows["chunk"].isna().all()
    assert set(rows["note"]) == {"too few chunks of the kind that it counts"}


def test_a_rule_that_was_not_read_says_so():
    table = definition_table(REASONED).set_index("tool")
    for tool in ("inference-perf", "LLMPerf"):
        assert table.loc[tool, "note"].startswith("not verified")
        assert table.loc[[tool], ["value_s", "chunk"]].isna().all(axis=None)
    read = table.drop(["inference-perf", "LLMPerf"])
    assert read[["rule", "source"]].notna().all(axis=None)
