"""An answer of several choices: every table, view and door that counts or compares knows all.

Two streams that differ in their second choice alone must never be told to be the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import chatviz as cv
from chatviz.cassettes.cassette import Cassette, Interaction, RecordedRequest, RecordedResponse
from chatviz.cassettes.sharing.checks import check_shared
from chatviz.cassettes.sharing.personal import PersonalFinder
from chatviz.runs.given_runs import conversations_of
from chatviz.views.compare.alignment import align_runs
from chatviz.views.inspector.data import inspector_data
from chatviz.views.notebook_repr import show_conversation, show_run
from chatviz.views.run_headings import ending
from chatviz.wire.exchange import RequestHead
from tests.several_choices import REQUEST, TOOL, two_choices

CHAT = "https://api.openai.com/v1/chat/completions"
Build = Callable[..., bytes]


@pytest.fixture
def run() -> cv.StreamRun:
    """The answer of two choices, to a request that offers the tool."""
    return cv.read_stream(two_choices(), REQUEST)


@pytest.fixture
def other() -> cv.StreamRun:
    """The same, but for what the second choice says and calls with."""
    return cv.read_stream(two_choices("no way", '{"x":999}'), REQUEST)


# ---- compare


def test_compare_names_the_choice_of_each_part(run: cv.StreamRun, other: cv.StreamRun) -> None:
    view = cv.compare(run, other)
    assert "3 parts, 2 of them with a difference" in view.sentence
    assert "the first is in choice 1: text of step 1" in view.sentence
    rows = view.tables[1].rows
    assert [row[1:3] for row in rows] == [
        ("text", None), ("choice 1: text", 0), ("choice 1: call 0: f", 5),
    ]  # fmt: skip
    assert str(rows[1][3]).startswith("“yes”") and str(rows[1][4]).startswith("“no way”")
    assert view.mount is not None
    labels = [strand["label"] for strand in view.mount.data["strands"]]
    assert labels == ["text", "choice 1: text", "choice 1: call 0: f"]


def test_compare_counts_what_the_tables_count(run: cv.StreamRun, other: cv.StreamRun) -> None:
    numbers = {row[0]: row[1:] for row in cv.compare(run, other).tables[0].rows}
    told = cv.run_table([run, other])
    assert list(numbers["characters of text"]) == told["text_length"].tolist() == [4, 7]
    assert list(numbers["tool calls"]) == told["tool_calls"].tolist() == [1, 1]
    assert numbers["fragments"] == (1, 1)
    assert numbers["answers"] == (1, 1) and numbers["choices"] == (2, 2)
    assert numbers["ending"] == ("stop; choice 1: tool_calls",) * 2


def test_one_choice_is_compared_as_ever(sse: Build) -> None:
    lone = cv.read_stream(sse({"choices": [{"index": 0, "delta": {"content": "a"}}]}))
    far = cv.read_stream(sse({"choices": [{"index": 4, "delta": {"content": "a"}}]}))
    view = cv.compare(lone, far)
    assert "1 part, 0 of them with a difference" in view.sentence
    assert [row[1] for row in view.tables[1].rows] == ["text"]
    assert "choices" not in {row[0] for row in view.tables[0].rows}


def test_a_choice_that_one_side_lacks_is_a_difference(run: cv.StreamRun, sse: Build) -> None:
    lone = cv.read_stream(sse({"choices": [{"index": 0, "delta": {"content": "a"}}]}))
    first, *rest = align_runs([[run], [lone]])
    assert not first.differs
    assert [(one.label, one.choice, one.is_partial) for one in rest] == [
        ("choice 1: text", 1, True), ("choice 1: call 0: f", 1, True),
    ]  # fmt: skip
    assert "2 not on all sides" in cv.compare(run, lone).sentence


def test_a_part_has_the_same_colour_in_each_choice(run: cv.StreamRun, other: cv.StreamRun) -> None:
    strands = align_runs([[run], [other]])
    assert [one.part for one in strands] == ["text", "text", "call 0: f"]


def test_arguments_of_another_choice_may_be_respelt(run: cv.StreamRun) -> None:
    respelt = cv.read_stream(two_choices(arguments='{"x": 1}'), REQUEST)
    strand = align_runs([[run], [respelt]])[-1]
    assert (strand.label, strand.is_respelt, strand.differs) == ("choice 1: call 0: f", True, False)


# ---- drift


def test_drift_tells_an_ending_and_a_step_by_choice(run: cv.StreamRun) -> None:
    cut = cv.read_stream(two_choices(finish="length"), REQUEST)
    (change,) = [one for one in cv.drift(run, cut).changes if one.layer == "parts"]
    assert (change.place, change.old, change.new) == (
        "choice 1: finish reason", "tool_calls", "length",
    )  # fmt: skip
    from chatviz.evidence.drift.parts import say_parts

    assert say_parts(run) == "text; choice 1: text, call f"


def test_drift_pairs_choices_by_their_number(run: cv.StreamRun, sse: Build) -> None:
    lone = cv.read_stream(sse({"choices": [{"index": 0, "delta": {"content": "a"}}]}))
    told = {one.place: (one.old, one.new) for one in cv.drift(run, lone).changes}
    assert told["choice 1"] == ("a message", None)


# ---- tables


def test_the_critical_path_has_the_calls_of_all_choices(run: cv.StreamRun) -> None:
    table = cv.critical_path_table(run)
    assert table["kind"].tolist() == ["answer", "call"]
    row = table.iloc[1]
    assert (row["call"], row["name"], row["complete_chunk"], row["could_start_chunk"]) == (
        0, "f", 2, 4,
    )  # fmt: skip
    told = cv.tool_call_table(run)
    assert table.dropna(subset="call")["call"].tolist() == told["call"].tolist()


def test_a_scorecard_counts_an_answer_for_each_of_its_endings(run: cv.StreamRun) -> None:
    (row,) = cv.scorecard_table(run).to_dict("records")
    ends = {name: row[name] for name in row if name.startswith("finish_") and row[name]}
    assert row["answers"] == 1 and ends == {"finish_stop": 1, "finish_tool_calls": 1}
    assert (row["calls"], row["arguments_share"]) == (1, 1.0)
    twice = cv.scorecard_table([run, cv.read_stream(two_choices(finish="?!"))])
    assert twice["finish_stop"].tolist() == [2] and twice["finish_other"].tolist() == [1]
    open_end = cv.scorecard_table(cv.read_stream(two_choices(finish=None)))
    assert open_end["finish_none"].tolist() == open_end["finish_stop"].tolist() == [1]


def test_a_stored_scorecard_counts_the_same(run: cv.StreamRun, tmp_path: Path) -> None:
    (tmp_path / "recorded").mkdir()
    (tmp_path / "recorded" / "two.sse").write_bytes(two_choices())
    data = cv.read_folder(tmp_path / "recorded")
    pytest.importorskip("pyarrow")
    data.to_parquet(tmp_path / "stored")
    stored = cv.open_dataset(tmp_path / "stored").scorecard_table(by="model")
    for table in (data.scorecard_table(by="model"), stored):
        assert table[["finish_stop", "finish_tool_calls"]].values.tolist() == [[1, 1]]


def test_what_the_provider_searched_in_any_choice_is_priced() -> None:
    def choice(number: int, tools: Any) -> dict[str, Any]:
        message = {"role": "assistant", "content": "a", "executed_tools": tools}
        return {"index": number, "message": message, "finish_reason": "stop"}

    tools = [{"index": 0, "type": "web_search", "arguments": "{}", "output": "found"}]
    usage = {"prompt_tokens": 1_000, "completion_tokens": 100, "total_tokens": 1_100}
    body = {"object": "chat.completion", "model": "m", "usage": usage,
            "choices": [choice(0, None), choice(1, tools)]}  # fmt: skip
    head = RequestHead("POST", CHAT, body=b'{"messages": []}')
    run = cv.read_stream(json.dumps(body).encode(), request=head)
    assert [len(one.server_tool_calls) for one in run.messages] == [0, 1]
    prices = {"m": cv.Price(input=2, output=10, web_search=10)}
    row = cv.usage_table(run, prices=prices).iloc[0]
    assert row["estimated_tools_usd"] == 0.01


# ---- views and doors


def test_an_ending_is_told_of_each_choice(run: cv.StreamRun) -> None:
    assert ending(run) == "stop; choice 1: tool_calls"
    data = inspector_data(conversations_of(run))
    (shown,) = [one for one in _dicts(data) if "ending" in one]
    assert (shown["ending"], shown["sent"]) == ("stop; choice 1: tool_calls",) * 2
    assert ending(cv.read_stream(two_choices(finish=None))) == "stop; choice 1: no finish reason"


def test_a_run_shows_each_choice(run: cv.StreamRun) -> None:
    view = run._repr_mimebundle_()
    assert "5 chunks, stop; choice 1: tool_calls, 1 tool call" in view["text/plain"]
    rows = {row[0]: row[1] for row in show_run(run).tables[0].rows}
    assert (rows["text"], rows["choice 1: text"]) == ("a", "yes")
    assert rows["choice 1: call 0"] == 'f({"x":1})' and "call 0" not in rows
    (talk,) = conversations_of(run)
    (row,) = show_conversation(talk).tables[0].rows
    assert row[3:6] == ("stop; choice 1: tool_calls", 5, 1)


def test_views_name_the_choice_of_what_they_show(run: cv.StreamRun) -> None:
    places = [row[0] for row in cv.transcript(run).tables[0].rows]
    assert places == ["step 1", "step 1, choice 1", "step 1, choice 1"]
    assert "choice 1: call 0" in cv.timeline(run).html
    assert "choice 1: call 0" in cv.tool_calls(run).html


def test_the_command_line_tells_and_compares_all_choices(tmp_path: Path) -> None:
    from click.testing import CliRunner

    from chatviz.doors.cli.main import main

    (tmp_path / "a.sse").write_bytes(two_choices())
    (tmp_path / "b.sse").write_bytes(two_choices("no way"))
    paths = [str(tmp_path / name) for name in ("a.sse", "b.sse")]
    done = CliRunner().invoke(main, ["compare", *paths])
    assert done.exit_code == 1 and "choice 1: text" in done.output
    assert CliRunner().invoke(main, ["compare", paths[0], paths[0]]).exit_code == 0
    told = json.loads(CliRunner().invoke(main, ["show", "--json", paths[0]]).output)
    (step,) = told["conversations"][0]["steps"]
    (second,) = step["other_choices"]
    assert (step["finish_reason"], second["finish_reason"]) == ("stop", "tool_calls")
    assert second["finish_reason_sent"] == "tool_calls" and second["text"] == "yes"


def test_a_shared_recording_is_held_against_all_choices() -> None:
    body = json.dumps({"model": "m", "tools": [TOOL], "messages": []}).encode()

    def recorded(answer: bytes) -> Cassette:
        head = {"content-type": ("text/event-stream",)}
        response = RecordedResponse(200, "200 OK", head, answer)
        return Cassette((Interaction(RecordedRequest("POST", CHAT, body=body), response),))

    def failing(after: bytes) -> set[str]:
        checks = check_shared(recorded(two_choices()), recorded(after), PersonalFinder(()))
        return {check.name for check in checks if not check.holds}

    name = "usage, cost, models and endings are the same"
    assert name not in failing(two_choices("yea"))
    assert name in failing(two_choices("yes!"))
    assert name in failing(two_choices(finish="toll_calls"))
    assert name in failing(two_choices(arguments='{"x":12}'))


def _dicts(value: Any) -> list[dict[str, Any]]:
    """Return all dicts in a value."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    own = [value] if isinstance(value, dict) else []
    return own + [one for item in inner for one in _dicts(item)]
