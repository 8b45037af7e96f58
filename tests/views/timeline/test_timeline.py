from __future__ import annotations

import itertools
import re
from typing import Any

import pytest

from chatviz.cassettes.reading import read_conversations, read_runs
from chatviz.cassettes.samples import sample
from chatviz.runs.reader import StreamReader
from chatviz.views.timeline.bins import chunk_bins
from chatviz.views.timeline.lanes import Lane, lanes_of
from chatviz.views.timeline.timeline import timeline
from chatviz.wire.exchange import RequestHead, ResponseHead


def rows(view: Any) -> dict[str, tuple[Any, ...]]:
    return {row[1]: row[2:] for row in view.tables[0].rows}


def texts(view: Any) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", view.svg)


def test_the_seeds_are_told_exactly(seeds: Any) -> None:
    view = timeline(read_runs(seeds.fireworks))
    assert view.sentence == (
        "Timeline of 2 answers in 1 conversation: 74 chunks, 40 text pieces of 116 characters, "
        "2 tool calls in 26 fragments."
    )
    first = [row for row in view.tables[0].rows if row[0] == "step 1"]
    assert first == [
        ("step 1", "role, empty", 1, None, 0, 0),
        ("step 1", "text", 13, 50, 1, 13),
        ("step 1", "call 0: add", 14, 16, 14, 27),
        ("step 1", "call 1: multiply", 14, 16, 28, 41),
        ("step 1", "▶ tool could run", 2, None, 28, 42),
        ("step 1", "finish", 1, None, 42, 42),
        ("step 1", "usage", 1, None, 43, 43),
    ]


def test_where_tools_could_have_started_has_a_lane_and_says_how_early_that_is(seeds: Any) -> None:
    written = texts(timeline(read_runs(seeds.fireworks)))
    assert written.count("▶ tool could run") == 1  # the second answer calls no tool
    assert any("▶ up to 15 chunks before the end" in text for text in written)
    timed = texts(timeline(read_runs(sample("synthetic_timed"))))
    assert any("▶ up to 0.020\u00a0s before the end" in text for text in timed)


def test_a_tool_that_could_only_run_at_the_end_has_no_such_lane(streams: Any) -> None:
    call = streams.chunk(streams.call(0, "{}", id="c", name="f"))
    view = timeline([streams.read([call]), streams.read([call, b"data: [DONE]\n\n"])])
    assert "▶ tool could run" not in texts(view)


def test_every_answer_has_its_heading_and_every_lane_its_label(seeds: Any) -> None:
    runs = [run for path in seeds for run in read_runs(path)]
    view = timeline(runs)
    written = texts(view)
    for who in ("Fireworks", "Novita"):
        for step, ending in ((1, "tool_calls"), (2, "stop")):
            assert f"{who} · moonshotai/kimi-k2-0905 · step {step}: {ending}" in written
    for label, count in (("text", 4), ("call 0: add", 2), ("▼ finish  ◆ usage", 4)):
        assert written.count(label) == count


def test_a_conversation_shows_the_same_as_its_runs(seeds: Any) -> None:
    talk = read_conversations(seeds.novita)
    assert timeline(talk).html == timeline(read_runs(seeds.novita)).html


def test_without_a_clock_the_axis_says_so_and_the_wait_is_a_caption(seeds: Any) -> None:
    written = " ".join(texts(timeline(read_runs(seeds.fireworks)[0])))
    assert "chunk number (the recording holds no times)" in written
    assert "headers after 1.49\u00a0s (by the recorder&#x27;s clock)" in written.replace(
        "'", "&#x27;"
    )


def test_a_measured_run_is_drawn_over_seconds_with_the_wait_for_headers(streams: Any) -> None:
    pieces = streams.every_kind()
    run = streams.read(
        pieces, times=itertools.count(1.0, 0.25), head=ResponseHead(200, {}, 0.5, "measured")
    )
    view = timeline(run)
    written = texts(view)
    assert "seconds since the request was sent (measured)" in written
    assert {"wait for headers", "0.500\u00a0s", "keep-alive", "reasoning"} <= set(written)
    # the keep-alive came first, at 1.0 s; the role after it
    assert rows(view)["role, empty"] == (1, None, 0, 0, 1.25, 1.25)
    assert view.tables[0].columns[-2:] == ("first at (s)", "last at (s)")


def test_a_late_header_is_labelled_inside_the_picture(streams: Any) -> None:
    head = ResponseHead(200, {}, 9.9, "measured")
    run = streams.read(streams.every_kind(), times=itertools.count(9.9, 0.001), head=head)
    assert re.search(r'text-anchor="end">9.90\u00a0s</text>', timeline(run).svg)


def test_the_providers_clock_is_named_with_its_resolution(streams: Any) -> None:
    made = [streams.chunk({"content": "a"}, created=100 + n // 4) for n in range(12)]
    view = timeline(streams.read([*made, b"data: [DONE]\n\n"]))
    written = texts(view)
    assert "seconds since the provider's first stamp (its clock, in steps of 1 s)" in written
    assert "one mark for up to 4 chunks of about the same time" in " ".join(written)


def test_every_chunk_has_a_mark_while_there_are_few(streams: Any) -> None:
    view = timeline(streams.long_text(100))
    assert len(re.findall(r"v-[\d.]+M|v-[\d.]+\"", view.svg)) == 100


@pytest.mark.parametrize("count", [600, 20_000])
def test_above_500_marks_each_sums_up_several_and_the_picture_says_so(
    streams: Any, count: int
) -> None:
    run = streams.long_text(count)
    view = timeline(run)
    assert len(view.svg.encode()) <= 25_000
    assert view.svg.count("v-") <= 510
    assert any("one mark for up to" in text for text in texts(view))
    characters = len(run.message.text)
    assert rows(view)["text"] == (count, characters, 0, count - 1)


def test_failures_and_empty_answers_are_shown(streams: Any) -> None:
    failed = streams.read([b'{"error":{"message":"Slow down","code":429}}'], head=ResponseHead(429))
    view = timeline([failed, streams.read([])])
    written = texts(view)
    assert "× Slow down" in written
    assert "× error" in written
    assert "No chunk came." in written
    assert view.sentence.endswith("1 error.")
    assert "There are no answers to show." in texts(timeline([]))


def test_sixty_calls_share_the_last_lane(streams: Any) -> None:
    chunks = [
        streams.chunk(
            streams.call(n, text, **({"id": f"c{n}", "name": f"tool_{n}"} if new else {}))
        )
        for n in range(60)
        for new, text in ((True, ""), (False, "{}"))
    ]
    view = timeline(streams.read([*chunks, b"data: [DONE]\n\n"]))
    assert rows(view)["49 more calls"] == (98, 98, 22, 119)
    assert len(view.svg.encode()) <= 25_000


def test_many_answers_are_drawn_up_to_a_number_and_all_are_in_the_table(streams: Any) -> None:
    runs = [streams.read(streams.every_kind(f"Answer {n}")) for n in range(30)]
    view = timeline(runs)
    assert len(view.svg.encode()) <= 25_000
    assert "18 more answers in the table only." in texts(view)
    assert len({row[0] for row in view.tables[0].rows}) == 30


def test_hostile_text_becomes_no_markup(streams: Any, hostile: str) -> None:
    view = timeline(streams.read(streams.every_kind(hostile)))
    view.html.encode()
    for markup in ("<script", "<!--", "<img src=x", "\x00", "\u202e"):
        assert markup not in view.svg
        assert markup not in view.html


def test_two_pictures_of_the_same_are_the_same_bytes(seeds: Any) -> None:
    one, other = (timeline(read_runs(seeds.fireworks)).html for _ in range(2))
    assert one == other


# ---- lanes: what the picture counts, against a plain count of deltas


@pytest.mark.parametrize("per_bin", [1, 3, 1000])
def test_bins_lose_nothing(streams: Any, per_bin: int) -> None:
    run = streams.read(streams.every_kind() + streams.every_kind("again"))
    lanes = {lane.label: lane for lane in lanes_of(run, chunk_bins(run, per_bin))}
    whole = {lane.label: lane for lane in lanes_of(run, chunk_bins(run, 1))}
    assert lanes.keys() == whole.keys()
    for label, lane in lanes.items():
        other: Lane = whole[label]
        assert (lane.count, sum(lane.sizes)) == (other.count, sum(other.sizes))
        assert (lane.first, lane.last) == (other.first, other.last)


def test_a_chunk_with_two_deltas_does_not_hide_a_silent_one(streams: Any) -> None:
    both = streams.chunk({"content": "a", "reasoning": "b"})
    run = streams.read([both, both, streams.chunk({}), streams.chunk({})])
    lanes = {lane.kind: lane for lane in lanes_of(run, chunk_bins(run, 4))}
    assert (lanes["silent"].count, lanes["silent"].first, lanes["silent"].last) == (2, 2, 3)
    assert (lanes["text"].count, lanes["reasoning"].count) == (2, 2)


def test_a_message_that_is_not_modelled_is_not_called_empty(streams: Any) -> None:
    run = streams.read(
        [
            streams.chunk({"content": "a"}),
            streams.chunk({"songs": [1]}),
            streams.chunk({}, padding="xx"),
        ]
    )
    lanes = {lane.kind: lane for lane in lanes_of(run, chunk_bins(run, 1))}
    assert (lanes["unread"].first, lanes["silent"].first) == (1, 2)


def test_a_call_without_arguments_still_has_its_mark(streams: Any) -> None:
    delta = {"tool_calls": [{"index": 0, "id": "c", "function": {"name": "now"}}]}
    run = streams.read([streams.chunk({"content": "a"}), streams.chunk(delta)])
    lanes = {lane.kind: lane for lane in lanes_of(run, chunk_bins(run, 1))}
    assert (list(lanes["call"].counts), lanes["call"].first) == ([0, 1], 1)


def test_refusals_and_encrypted_reasoning_have_lanes(streams: Any) -> None:
    details = [{"type": "reasoning.encrypted", "data": "abc"}]
    run = streams.read(
        [streams.chunk({"reasoning_details": details}), streams.chunk({"refusal": "No."})]
    )
    lanes = {lane.kind: lane for lane in lanes_of(run, chunk_bins(run, 1))}
    assert {"signed", "refusal"} <= lanes.keys()
    assert sum(lanes["refusal"].sizes) == 3


def test_two_thousand_measured_chunks_are_drawn_in_columns_of_time(streams: Any) -> None:
    pieces = [streams.chunk({"content": "word "}) for _ in range(2_000)]
    view = timeline(streams.read([*pieces, b"data: [DONE]\n\n"], times=itertools.count(1, 0.01)))
    assert rows(view)["text"][:4] == (2_000, 10_000, 0, 1_999)
    assert 100 < view.svg.count("v-") <= 500
    assert "of about the same time" in " ".join(texts(view))


def test_an_answer_in_a_dialect_that_is_not_read_has_one_lane() -> None:
    url = "https://bedrock-runtime.us-east-1.amazonaws.com/model/amazon.nova/invoke"
    reader = StreamReader(RequestHead("POST", url))
    reader.feed(b'{"outputText":"a"}\n{"outputText":"b"}\n')
    view = timeline(reader.close())
    assert rows(view) == {"not read": (2, None, 0, 1)}
    assert "Amazon Bedrock · amazon.nova · step 1: not read" in texts(view)
    assert view.sentence.endswith("2 chunks, 2 chunks not read.")
