"""run_table and finding_table."""

from __future__ import annotations

from chatviz.cassettes.reading import read_conversation, read_runs
from chatviz.runs.reader import StreamReader, read_stream
from chatviz.tables import finding_table, run_table
from chatviz.wire.exchange import ResponseHead

EVENT = b'data: {"choices":[{"index":0,"delta":{"content":"ab"}}]}\n\n'
LAST = (
    b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],'
    b'"usage":{"prompt_tokens":1,"completion_tokens":3,"total_tokens":4}}\n\n'
)


def test_the_seeds_are_four_runs_of_44_30_45_and_34_chunks(seeds):
    table = run_table(read_runs([seeds.fireworks, seeds.novita]))
    assert table["run"].tolist() == [0, 1, 2, 3]
    assert table["chunks"].tolist() == [44, 30, 45, 34]
    assert table["tool_calls"].tolist() == [2, 0, 2, 0]
    assert table["interaction"].tolist() == [0, 1, 0, 1]
    assert table["finish_reason"].tolist() == ["tool_calls", "stop"] * 2
    assert set(table["host"]) == {"openrouter.ai"}
    assert set(table["timing"]) == {"none"}
    assert set(table["time_source"]) == {"recorder"}
    assert (table["time_to_headers_s"] > 0).all()
    for name in ("time_to_first_chunk_s", "time_to_first_token_s", "duration_s"):
        assert table[name].isna().all()


def test_what_is_not_known_of_a_run_is_missing():
    row = run_table(read_stream(EVENT)).iloc[0]
    for name in ("source", "interaction", "host", "provider", "model", "error", "finish_reason"):
        assert row.isna()[name], name
    assert row["time_source"] == "none"


def test_measured_times_stand_in_seconds():
    reader = StreamReader()
    reader.feed(b": wait\n\n", 0.25)
    for data, at in [(EVENT, 0.5), (EVENT, 1.0), (LAST, 1.5), (b"data: [DONE]\n\n", 2.5)]:
        reader.feed(data, at)
    row = run_table(reader.close()).iloc[0]
    assert row["timing"] == "measured"
    assert (row["time_to_first_chunk_s"], row["time_to_first_token_s"]) == (0.5, 0.5)
    assert (row["duration_s"], row["time_per_output_token_s"]) == (2.5, 1.0)
    assert (row["chunks"], row["events"], row["keep_alives"]) == (3, 5, 1)
    assert (row["text_length"], row["reasoning_length"]) == (4, 0)
    assert row["size_bytes"] == len(b": wait\n\n" + 2 * EVENT + LAST + b"data: [DONE]\n\n")


def test_an_http_error_is_a_run_with_its_status_and_message():
    reader = StreamReader(response=ResponseHead(429))
    reader.feed(b'{"error": {"message": "slow down", "code": 429}}')
    row = run_table(reader.close()).iloc[0]
    assert (row["status"], row["error"], row["errors"]) == (429, "slow down", 1)


def test_the_findings_are_counted_by_severity_as_the_finding_table_lists_them(shared_cassettes):
    runs = read_runs(sorted((shared_cassettes / "go-vcr").glob("*.yaml")))
    listed, counted = finding_table(runs), run_table(runs)
    for severity, column in [("warning", "warnings"), ("error", "errors")]:
        rows = listed[listed["severity"] == severity].groupby("run").size()
        assert rows.reindex(counted["run"], fill_value=0).tolist() == counted[column].tolist()
        assert counted[column].sum() > 0


def test_a_conversations_own_findings_stand_first_and_belong_to_no_run(seeds):
    talk = read_conversation(seeds.novita)
    table = finding_table(talk)
    own = table[table["run"].isna()]
    assert own["code"].tolist() == ["call_id_rewritten"] * 2
    assert len(table) == len(talk.findings)
    assert table["code"].tolist() == [finding.code for finding in talk.findings]
    assert finding_table([*talk.runs])["run"].notna().all()


def test_the_result_of_an_agent_shows_the_findings_of_its_conversation(seeds):
    class Result:
        """Like what run_agent returns: it holds a conversation."""

        conversation = read_conversation(seeds.novita)

    assert finding_table(Result())["run"].isna().sum() == 2


def test_a_finding_keeps_its_place_and_its_count(seeds):
    table = finding_table(read_runs(seeds.fireworks)[0]).set_index("code")
    row = table.loc["role_repeated"]
    assert (row["count"], row["chunk"], row["last_chunk"]) == (44, 0, 43)
    assert row.isna()["part"]
    assert table.isna().loc["no_clock", "chunk"]
    assert table.loc["empty_first_chunk", "severity"] == "info"
