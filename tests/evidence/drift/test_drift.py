"""What changed between two recordings: what is paired, what is told, how it shows itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import chatviz as cv
from chatviz.evidence.drift.showing import MOST_MARKED, show_drift
from chatviz.evidence.drift.table import CHANGE_COLUMNS
from chatviz.views.drawing.html import MarkedText
from tests.evidence.drift.mutations import bases, with_body

JUNK = [b"", b"\0", b"\xff", b'"', b"}", b"[", b"\n", b"null", b"1e999", b"9" * 30, b"\\ud83d"]
FIREWORKS, NOVITA = "openrouter_kimi-k2_fireworks", "openrouter_kimi-k2_novita"
SSE = Callable[..., bytes]


def answer(sse: SSE, content: str = "Hi", **more: Any) -> cv.StreamRun:
    choice = {"index": 0, "delta": {"content": content}, "finish_reason": "stop"}
    return cv.read_stream(sse({"id": "x", "choices": [choice], **more}))


def calling(sse: SSE, *calls: tuple[str, str]) -> cv.StreamRun:
    items = [
        {"index": n, "id": f"c{n}", "type": "function", "function": {"name": a, "arguments": b}}
        for n, (a, b) in enumerate(calls)
    ]
    return cv.read_stream(sse({"choices": [{"index": 0, "delta": {"tool_calls": items}}]}))


def test_two_days_of_a_test_are_told_layer_by_layer() -> None:
    found = cv.drift(FIREWORKS, NOVITA)
    assert found.verdicts == {
        "wire": "different", "parts": "same", "calls": "same", "text": "different",
        "usage": "different", "times": "same",
    }  # fmt: skip
    assert not found.is_same and found.failing() == ("wire", "text", "usage")
    assert found.failing(["calls", "times"]) == ()
    assert found.notes == (
        "Another provider answered: Fireworks, then Novita.",
        "Something else was asked: provider.",
    )
    assert (found.old, found.new) == (FIREWORKS, NOVITA)
    assert repr(found) == f"<{found.sentence}>" and found.sentence.startswith("Drift: wire diff")


def test_its_table_holds_differences_only() -> None:
    table = cv.drift(FIREWORKS, NOVITA).table
    assert list(table) == [column.name for column in CHANGE_COLUMNS]
    row = table.query("place == 'cost_usd' and step == 0").iloc[0]
    assert tuple(row) == ("usage", 0, 0, "cost_usd", "changed", "0.0002635", "0.0002324")
    came = table.query("what == 'came'")
    assert set(came["place"]) == {"system_fingerprint"} and came["old"].isna().all()
    empty = cv.drift(FIREWORKS, FIREWORKS).table
    assert isinstance(empty, pd.DataFrame) and empty.empty and list(empty) == list(table)


@pytest.mark.parametrize("kind", ["name", "path", "cassette", "run", "runs", "talk"])
def test_every_kind_of_source_is_taken(kind: str) -> None:
    path = cv.sample(FIREWORKS)
    source: Any = {
        "name": lambda: FIREWORKS, "path": lambda: path, "cassette": lambda: cv.load_cassette(path),
        "run": lambda: cv.read_runs(path)[0], "runs": lambda: cv.read_runs(path),
        "talk": lambda: cv.read_conversation(path),
    }[kind]()  # fmt: skip
    found = cv.drift(source, source)
    assert found.is_same and found.old == (FIREWORKS if kind == "name" else str(path))


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(cv.ConversationError, match="no answer of one in the new recording"):
        cv.drift(FIREWORKS, [])
    with pytest.raises(cv.CassetteError, match="torn"):
        (tmp_path / "torn.yaml").write_text("interactions: [")
        cv.drift(tmp_path / "torn.yaml", FIREWORKS)
    with pytest.raises(TypeError, match="read_stream"):
        cv.drift(b"data: {}", FIREWORKS)  # type: ignore[arg-type]


def test_steps_that_are_missing_are_told() -> None:
    talk = cv.read_conversation(cv.sample(FIREWORKS))
    short = cv.drift(talk, talk.steps[0].run)
    (gone,) = short.changes
    assert (gone.layer, gone.place, gone.what, gone.step) == ("parts", "step", "went", 1)
    assert gone.old == "text" and gone.new is None
    (came,) = cv.drift(talk.steps[0].run, talk).changes
    assert (came.what, came.new, came.step) == ("came", "text", 1)


def test_conversations_are_paired_by_what_was_asked() -> None:
    one, other = (cv.read_conversation(cv.sample(name)) for name in (FIREWORKS, "gemini_2.5-flash"))
    found = cv.drift([one, other], [other])
    (gone,) = found.changes
    assert (gone.place, gone.what, gone.conversation) == ("conversation", "went", 0)
    (came,) = cv.drift([other], [other, one]).changes
    assert (came.what, came.conversation) == ("came", 1)
    assert cv.drift([one, other], [one, other]).is_same


def test_of_several_conversations_a_change_names_its_own(sse: SSE) -> None:
    runs = [answer(sse, word) for word in ("one", "two", "three")]
    found = cv.drift(runs, [*runs[:2], answer(sse, "four")])
    assert [(one.layer, one.conversation) for one in found.changes] == [("text", 2)]
    assert show_drift(found).tables[1].rows[0][:3] == ("text", 3, "1")


def test_a_dropped_call_is_not_taken_for_a_changed_one(sse: SSE) -> None:
    old = calling(sse, ("add", '{"a":1}'), ("add", '{"a":2}'), ("multiply", '{"a":3}'))
    new = calling(sse, ("add", '{"a":2}'), ("multiply", '{"a":3}'))
    (gone,) = cv.drift(old, new).changes
    assert (gone.layer, gone.place, gone.old) == ("parts", "part 0", "call add")


def test_arguments_differ_by_their_values(sse: SSE) -> None:
    old = calling(sse, ("add", '{"a":1,"b":[1,2]}'))
    new = calling(sse, ("add", '{"b": [1, 3], "c": "x", "a": 1}'))
    assert [(one.place, one.old, one.new) for one in cv.drift(old, new).changes] == [
        ("call 0: add: b[1]", "2", "3"),
        ("call 0: add: c", None, '"x"'),
    ]
    respelt = cv.drift(old, calling(sse, ("add", '{"b": [1, 2], "a": 1}')))
    assert respelt.verdicts["calls"] == "respelt" and respelt.is_same
    assert [(one.what, one.old) for one in respelt.changes] == [("respelt", '{"a":1,"b":[1,2]}')]


def test_arguments_that_are_no_json_and_names_are_compared_as_they_are(sse: SSE) -> None:
    old, new = calling(sse, ("add", '{"a":1')), calling(sse, ("plus", '{"a":1}'))
    assert [(one.place, one.old, one.new) for one in cv.drift(old, new).changes] == [
        ("call 0", "add", "plus"),
        ("call 0: add", '{"a":1', '{"a":1}'),
    ]


def test_ids_that_are_missing_and_indexes_that_begin_elsewhere_are_told(sse: SSE) -> None:
    def numbered(index: int, **more: str) -> cv.StreamRun:
        item = {"index": index, "function": {"name": "add", "arguments": "{}"}, **more}
        return cv.read_stream(sse({"choices": [{"index": 0, "delta": {"tool_calls": [item]}}]}))

    assert [
        (one.layer, one.place, one.old, one.new)
        for one in cv.drift(numbered(0, id="a"), numbered(1, id="b")).changes
    ] == [("calls", "call 0: index", "counted from 0", "counted from 1")]
    missing = cv.drift(numbered(0, id="a"), numbered(0, id="")).changes
    assert [(one.place, one.what) for one in missing] == [("call 0: id", "went")]


def test_endings_and_errors_are_parts(sse: SSE) -> None:
    error = {"message": "No more of it", "code": 503}
    failed = cv.read_stream(sse({"choices": [{"index": 0, "delta": {}}]}, {"error": error}))
    changed = {one.place: (one.old, one.new) for one in cv.drift(answer(sse), failed).changes}
    assert changed["finish reason"] == ("stop", "error")
    assert changed["error"] == (None, "503") and changed["part 0"] == ("text", None)


def test_several_choices_are_compared_one_by_one(sse: SSE) -> None:
    def two(*words: str) -> cv.StreamRun:
        choices = [{"index": n, "delta": {"content": word}} for n, word in enumerate(words)]
        return cv.read_stream(sse({"choices": choices}))

    assert [(one.place, one.old) for one in cv.drift(two("a", "b"), two("a", "c")).changes] == [
        ("choice 1: text", "b")
    ]
    (gone,) = [one for one in cv.drift(two("a", "b"), two("a")).changes if one.layer == "parts"]
    assert (gone.place, gone.old, gone.new) == ("choice 1", "a message", None)


def test_numbers_that_are_not_modelled_are_compared_as_they_were_sent(sse: SSE) -> None:
    def counted(audio: object) -> cv.StreamRun:
        usage = {"prompt_tokens": 5, "completion_tokens_details": {"audio_tokens": audio}}
        return answer(sse, usage={**usage, "completion_tokens": 1})

    assert [(one.place, one.old, one.new) for one in cv.drift(counted(1), counted(2)).changes] == [
        ("as sent: completion_tokens_details.audio_tokens", "1", "2")
    ]
    huge = cv.drift(counted(10**400), counted(2)).changes
    assert [(len(one.old or ""), one.new) for one in huge] == [(401, "2")]


def test_what_is_not_read_is_not_called_the_same() -> None:
    path = "/v2/chat"
    request = {"message": "hi", "stream": True}
    body = b'{"event_type":"text-generation","text":"hi"}\n'
    from chatviz.runs.reader import StreamReader
    from chatviz.wire.exchange import RequestHead

    reader = StreamReader(
        RequestHead("POST", f"https://api.cohere.com{path}", {}, json.dumps(request).encode())
    )
    reader.feed(body)
    run = reader.close()
    found = cv.drift(run, run)
    if run.spoken.manners.is_read:
        pytest.skip("it is read by now")
    assert found.verdicts["text"] == "not compared" and not found.is_same
    assert "are not read" in found.judged["text"].reason


def test_times_are_compared_where_clocks_allow(sse: SSE) -> None:
    def timed(*at: float) -> cv.StreamRun:
        reader = cv.StreamReader()
        for number, time in enumerate(at):
            reader.feed(sse({"choices": [{"delta": {"content": f"{number}"}}]}, done=False), time)
        return reader.close()

    assert cv.drift(timed(0.5, 1.0), timed(0.6, 1.4)).changes == ()
    slow = cv.drift(timed(0.5, 1.0), timed(1.5, 4.0))
    assert slow.is_same and slow.verdicts["times"] == "different"
    assert [(one.place, one.old, one.new) for one in slow.changes] == [
        ("time_to_first_token_s (measured)", "0.500 s", "1.500 s"),
        ("duration_s (measured)", "1.000 s", "4.000 s"),
        ("longest_gap_s (measured)", "0.500 s", "2.500 s"),
    ]
    unknown = cv.drift(timed(0.5, 1.0), answer(sse, "01"))
    assert unknown.judged["times"] == (
        "not compared", 0, "measured in the old, no clock in the new",
    )  # fmt: skip


def test_it_shows_its_verdicts_and_marks_the_words() -> None:
    found = cv.drift(FIREWORKS, NOVITA)
    view = show_drift(found)
    assert found._repr_mimebundle_()["text/plain"] == view.sentence == found.sentence
    layers, wire, text, _usage = view.tables
    assert layers.rows[0] == ("wire", "≠ different", "2 came, 1 changed")
    assert layers.rows[1] == ("parts", "= same", "")
    assert layers.rows[3][2] == "15 of 49 words of both sides differ"
    assert ("system_fingerprint", None, "1, 2", "came", None, "string") in wire.rows
    marked = text.rows[0][4]
    assert isinstance(marked, MarkedText)
    assert [marked[a:b] for a, b in marked.spans] == ["add and multiply", "numbers"]
    assert "<mark>add and multiply</mark>" in view.html and "<script" not in view.html


def test_long_texts_are_cut_near_their_marks_and_many_are_not_marked(sse: SSE) -> None:
    long = "word " * 3_000
    found = cv.drift(answer(sse, f"{long}one {long}"), answer(sse, f"{long}two {long}"))
    old = show_drift(found).tables[1].rows[0][4]
    assert isinstance(old, MarkedText) and len(old) < 700
    assert [old[a:b] for a, b in old.spans] == ["one"]
    many = [
        [
            answer(sse, f"the {n}th of {m} texts, which are long enough")
            for n in range(MOST_MARKED + 5)
        ]
        for m in (1, 2)
    ]
    rows = show_drift(cv.drift(*many)).tables[1].rows
    assert [isinstance(row[4], MarkedText) for row in rows[-6:]] == [True] + [False] * 5
    assert "of the first 200 texts" in str(show_drift(cv.drift(*many)).tables[0].rows[3][2])


def test_white_space_alone_is_no_word(sse: SSE) -> None:
    view = show_drift(cv.drift(answer(sse, "a b."), answer(sse, "a  b!")))
    assert view.tables[0].rows[3] == (
        "text",
        "≠ different",
        "only spaces and signs differ, no word",
    )


@settings(max_examples=60)
@given(data=st.data())
def test_damage_never_raises_and_is_the_same_as_itself(data: st.DataObject) -> None:
    _, candidate, run = data.draw(st.sampled_from(bases()))
    body = bytearray(run.body)
    for _ in range(data.draw(st.integers(1, 5))):
        start = data.draw(st.integers(0, len(body)))
        junk = data.draw(st.sampled_from(JUNK))
        body[start : start + data.draw(st.integers(0, 60))] = junk
    damaged = with_body(candidate, bytes(body)).run
    assert cv.drift(damaged, damaged).changes == ()
    for old, new in ((run, damaged), (damaged, run)):
        found = cv.drift(old, new)
        assert json.dumps(found.as_json()) and show_drift(found).html
        assert len(found.table) == len(found.changes)


def test_it_is_json_for_programs() -> None:
    told = json.loads(json.dumps(cv.drift(FIREWORKS, NOVITA).as_json()))
    assert told["layers"]["wire"] == {"verdict": "different", "changes": 3, "reason": ""}
    assert told["changes"][0] == {
        "layer": "wire", "place": "type of choices[].delta.tool_calls[].id", "what": "changed",
        "old": "null or string", "new": "string", "conversation": 0, "step": 0,
    }  # fmt: skip
    assert told["is_same"] is False and len(told["notes"]) == 2


def test_hostile_text_becomes_no_markup(sse: SSE) -> None:
    evil = "</mark><script>alert(1)</script>\x1b[31m‮"
    old = answer(sse, f"an answer that is long enough {evil}", **{evil: 1})
    new = answer(sse, f"another answer that is {evil} long enough", **{evil: "x"})
    html = show_drift(cv.drift(old, new)).html
    assert "<script>alert" not in html and "\x1b" not in html and "‮" not in html


def test_names_without_end_are_cut(sse: SSE) -> None:
    long = "k" * 10_000
    view = show_drift(cv.drift(answer(sse), answer(sse, **{long: 1})))
    assert view.tables[1].rows[0][0] == "k" * 200 + "… (9,800 more characters)"
    found = cv.drift(answer(sse, model="m"), answer(sse, model=long))
    assert found.notes == (
        f"Another model answered: m, then {'k' * 120}… (9,880 more characters).",
    )


def test_shared_recordings_have_no_drift_against_themselves(shared_cassettes: Path) -> None:
    for path in sorted(shared_cassettes.rglob("*.yaml")):
        found = cv.drift(path, path)
        assert found.is_same and found.table.empty, path.name


def test_answers_that_came_again_are_a_note(shared_cassettes: Path) -> None:
    path = shared_cassettes / "go-vcr" / "openrouter_429_then_retry.yaml"
    assert cv.drift(path, path).notes[0] == (
        "In the old recording 1 answer came again; the last is compared."
    )
