"""From a recording to the least of it, in every dialect, by every kind of failure."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import chatviz as cv
from chatviz.cassettes.cassette import RecordedRequest, RecordedResponse
from chatviz.cassettes.reading import read_interaction
from chatviz.errors import NotFailingError
from chatviz.evidence.reductions.body_parts import BodyParts, cut_body
from chatviz.evidence.shrinking.oracle import MALFORMED_CODES
from chatviz.evidence.shrinking.writing import bytes_literal
from tests.fake_clock import FakeClock

KEY = "sk-proj-" + "Ab1" * 16
MADE = {"model": "m", "created_at": "2025-01-01T00:00:00Z"}  # by Ollama
URL = "https://api.openai.com/v1/chat/completions"


def has_call(run: cv.StreamRun) -> bool:
    return any(call.name for call in run.message.tool_calls)


def found(code: str) -> Callable[[cv.StreamRun], bool]:
    return lambda run: code in {finding.code for finding in run.findings}


def cases() -> list[tuple[str, str]]:
    """Each packaged sample with each finding that it shows, and with the one that none needs."""
    shown = [
        (name, code)
        for name in cv.samples()
        for code in sorted(
            {one.code for run in cv.read_runs(cv.sample(name)) for one in run.findings}
        )
    ]
    return shown + [(name, "") for name in cv.samples()]


def read_with(shrunk: cv.Shrunk, body: bytes) -> cv.StreamRun:
    """Read another body in the place of the one that is left."""
    (interaction,) = shrunk.cassette.interactions
    response = replace(interaction.response, body=body, metadata=None)
    return read_interaction(replace(interaction, response=response))


def smaller_trees(tree: Any) -> Iterator[Any]:
    """Yield a JSON value without each of its fields and elements, one at a time."""
    if isinstance(tree, dict):
        for key in tree:
            yield {k: v for k, v in tree.items() if k != key}
            yield from ({**tree, key: less} for less in smaller_trees(tree[key]))
    if isinstance(tree, list):
        for n in range(len(tree)):
            yield tree[:n] + tree[n + 1 :]
            yield from ([*tree[:n], less, *tree[n + 1 :]] for less in smaller_trees(tree[n]))


def one_less(parts: BodyParts) -> Iterator[bytes]:
    """Yield the body without each event, and without each field of each."""
    for place, event in enumerate(parts.events):
        before, behind = parts.events[:place], parts.events[place + 1 :]
        yield replace(parts, events=(*before, *behind)).body
        for tree in smaller_trees(event.json):
            yield replace(parts, events=(*before, event.with_json(tree), *behind)).body


@pytest.mark.parametrize(("name", "code"), cases())
def test_what_is_left_fails_is_well_formed_and_nothing_can_go_alone(name: str, code: str) -> None:
    """For a finding; "" stands for a function: that the answer calls a tool by a name."""
    fails = found(code) if code else has_call
    if not code and not any(map(has_call, cv.read_runs(cv.sample(name)))):
        pytest.skip("no tool is called in this sample")
    shrunk = cv.shrink(name, code or has_call)
    malformed = {one.code for one in shrunk.before.findings} & MALFORMED_CODES

    def still(run: cv.StreamRun) -> bool:
        codes = {one.code for one in run.findings} & MALFORMED_CODES
        same = run.dialect == shrunk.before.dialect and codes <= malformed
        return same and run.has_ended >= shrunk.before.has_ended and fails(run)

    assert shrunk.is_minimal and still(shrunk.after)
    (interaction,) = shrunk.cassette.interactions
    assert still(read_interaction(interaction))
    assert len(shrunk.after.body) <= len(shrunk.before.body)
    tried = list(one_less(cut_body(shrunk.after)))
    assert tried and not any(still(read_with(shrunk, body)) for body in tried)


def test_every_dialect_and_framing_is_among_the_cases() -> None:
    runs = [run for name in cv.samples() for run in cv.read_runs(cv.sample(name))]
    assert {run.framing for run in runs} >= {"sse", "aws_frames", "json_lines"}
    assert len({run.dialect for run in runs}) >= 6


def test_the_same_recording_gives_the_same_result(seeds: Any) -> None:
    first, second = (cv.shrink(seeds.fireworks, "role_repeated") for _ in range(2))
    assert first.cassette == second.cassette and first.tries == second.tries
    assert first.sentence == second.sentence
    assert cv.shrink(cv.load_cassette(seeds.fireworks), "role_repeated").cassette == first.cassette
    run = cv.read_runs(seeds.fireworks)[first.interaction or 0]
    assert cv.shrink(run, "role_repeated").cassette == first.cassette


def test_a_stream_becomes_the_chunk_that_shows_it(sse: Callable[..., bytes]) -> None:
    body = sse(
        {"model": "m", "choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}]},
        {"model": "m", "choices": [{"index": 0, "delta": {"content": "a longer text"}}]},
        {"model": "m", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
    )
    shrunk = cv.shrink(cv.read_stream(body), lambda run: "nger" in run.message.text)
    assert shrunk.after.body == (
        b'data: {"choices":[{"delta":{"content":"nger"}}]}\n\ndata: [DONE]\n\n'
    )
    assert [one.text for one in shrunk.texts] == ["nger"]
    assert shrunk.texts[0].place == "chunk 0: choices[0].delta.content"


def test_numbers_of_the_events_do_not_keep_them() -> None:
    """OpenAI's Responses number their events: without the numbers the middle can go."""
    shrunk = cv.shrink("openai_gpt-4o-mini", has_call)
    assert len(shrunk.after.chunks) < len(shrunk.before.chunks) / 2
    assert b"sequence_number" not in shrunk.after.body


def test_times_stay_where_the_failure_needs_them_alone() -> None:
    timed = cv.sample("synthetic_timed")
    late = cv.shrink(timed, lambda run: (run.duration_s or 0) > 0.5)
    assert late.after.timing == "measured" and late.after.duration_s is not None
    assert late.after.duration_s <= max(run.duration_s or 0 for run in cv.read_runs(timed))
    assert cv.shrink(timed, "keep_alive").after.timing == "none"


def test_an_event_may_become_another_while_it_shrinks() -> None:
    """The data of an event without JSON goes byte by byte, and what is left is no event at all."""
    left = cv.shrink(cv.read_stream(b"data: {oops}\n\n"), lambda run: not run.message.text)
    assert left.is_minimal and left.after.body == b"\n\n"  # of no bytes at all it says otherwise


# ---- budgets


def test_a_budget_ends_it_with_the_best_so_far(seeds: Any) -> None:
    shrunk = cv.shrink(seeds.fireworks, "role_repeated", max_tries=9)
    assert (shrunk.tries, shrunk.stopped, shrunk.is_minimal) == (9, "max_tries", False)
    assert found("role_repeated")(shrunk.after)
    assert "stopped by max_tries" in shrunk.sentence
    full = cv.shrink(seeds.fireworks, "role_repeated")
    assert len(full.after.body) < len(shrunk.after.body) < len(shrunk.before.body)


def test_a_limit_of_time_ends_it(seeds: Any) -> None:
    clock = FakeClock()

    def slow(run: cv.StreamRun) -> bool:
        clock.sleep(1.0)
        return found("role_repeated")(run)

    shrunk = cv.shrink(seeds.fireworks, slow, max_s=20, clock=clock)
    assert shrunk.stopped == "max_s" and 10 < shrunk.tries < 30


def test_an_error_of_the_predicate_counts_as_no_and_is_told(seeds: Any) -> None:
    def careless(run: cv.StreamRun) -> bool:
        return run.message.tool_calls[1].name == "multiply"  # only one of the answers has calls

    shrunk = cv.shrink(seeds.fireworks, careless)
    assert shrunk.raised > 0 and shrunk.is_minimal
    assert "errors of the predicate" in shrunk._repr_mimebundle_()["text/html"]


# ---- what is refused


def test_what_does_not_fail_is_said_so(seeds: Any) -> None:
    with pytest.raises(NotFailingError, match=r"chatviz finds think_tags, found 2 answers, and it"):
        cv.shrink(seeds.fireworks, "think_tags")
    with pytest.raises(NotFailingError, match="0 answers"):
        cv.shrink([], "think_tags")
    with pytest.raises(ValueError, match="found 'role_repeatd'; near it: role_repeated"):
        cv.shrink(seeds.fireworks, "role_repeatd")
    with pytest.raises(ValueError, match=r"chatviz explain. lists them"):
        cv.shrink(seeds.fireworks, "")
    with pytest.raises(TypeError, match="found 'int'"):
        cv.shrink(seeds.fireworks, 1)  # type: ignore[arg-type]
    with pytest.raises(ZeroDivisionError):  # on the whole answer the predicate is the user's own
        cv.shrink(seeds.fireworks, lambda run: 1 / 0 > 0)


# ---- secrets and texts


def with_secrets() -> cv.Cassette:
    body = b'data: {"choices":[{"delta":{"content":"%s"}}]}\n\ndata: [DONE]\n\n' % KEY.encode()
    asked = {"messages": [{"role": "user", "content": "my dear Watson"}], "api_key": KEY}
    head = {"Authorization": (f"Bearer {KEY}",), "X-Name": ("Sherlock",)}
    return cv.Cassette(
        (
            cv.Interaction(
                RecordedRequest("POST", f"{URL}?key={KEY}", head, json.dumps(asked).encode()),
                RecordedResponse(200, "200 OK", {"content-type": ("text/event-stream",)}, body),
            ),
        )
    )


def test_no_secret_is_left_and_private_texts_go_or_are_listed() -> None:
    shrunk = cv.shrink(with_secrets(), lambda run: b"delta" in run.body)
    told = [shrunk.as_issue(), repr(shrunk), repr(shrunk.texts), str(shrunk.cassette.interactions)]
    told += [shrunk._repr_mimebundle_()["text/html"]]
    for text in told:
        assert KEY not in text and "Sherlock" not in text and "Watson" not in text
    assert shrunk.after.head.body == b"{}" and shrunk.after.head.url == URL
    needed = cv.shrink(with_secrets(), lambda run: b"Watson" in run.head.body)
    assert ("request: messages[0].content", "Watson") in needed.texts
    with pytest.raises(NotFailingError, match="Secrets are removed first"):
        cv.shrink(with_secrets(), lambda run: KEY.encode() in run.body)


# ---- what is made of it


def run_test(text: str, tmp_path: Path) -> None:
    """Run a test that was made, as pytest would."""
    names: dict[str, Any] = {"__name__": "made"}
    exec(compile(text, "test_made.py", "exec"), names)
    (test,) = (value for name, value in names.items() if name.startswith("test_"))
    test(*([tmp_path] if "tmp_path" in inspect.signature(test).parameters else []))


@pytest.mark.parametrize("name", ["bedrock_claude-3-haiku", "openrouter_kimi-k2_fireworks"])
def test_the_test_of_a_finding_passes_as_long_as_it_is_there(name: str, tmp_path: Path) -> None:
    shrunk = cv.shrink(name, "no_clock")
    run_test(shrunk.as_test(), tmp_path)
    with pytest.raises(AssertionError):
        run_test(shrunk.as_test().replace("'no_clock'", "'think_tags'"), tmp_path)


def test_the_test_of_a_function_has_its_source_and_fails(seeds: Any, tmp_path: Path) -> None:
    text = cv.shrink(seeds.novita, has_call).as_test()
    assert "def has_call(run: cv.StreamRun) -> bool:" in text
    with pytest.raises(AssertionError):
        run_test(text, tmp_path)


def test_a_lambda_has_no_test_and_its_issue_says_why(seeds: Any) -> None:
    shrunk = cv.shrink(seeds.novita, lambda run: bool(run.message.tool_calls))
    with pytest.raises(ValueError, match="give shrink\\(\\) one made by def"):
        shrunk.as_test()
    assert "(No test: wanted a function" in shrunk.as_issue()
    assert "<lambda>(run) is false" in shrunk.as_issue()


def test_the_issue_names_versions_bytes_and_what_was_found(seeds: Any) -> None:
    text = cv.shrink(seeds.fireworks, "role_repeated").as_issue()
    for wanted in ("# chatviz finds role_repeated", "- chatviz-inspector ", "- Python 3", "[DONE]"):
        assert wanted in text
    assert "## Got\n\n```\nThe role is sent with" in text


def test_nothing_hostile_controls_who_reads_it(sse: Callable[..., bytes]) -> None:
    evil = "\x1b]0;x\x07\u202e```\n</script><script>alert(1)</script>"
    body = sse({"choices": [{"delta": {"content": evil}}]})
    shrunk = cv.shrink(cv.read_stream(body), lambda run: run.message.text == evil)
    bundle = shrunk._repr_mimebundle_()
    page, _, script = bundle["text/html"].partition('<script type="module">')
    for text in (shrunk.as_issue(), bundle["text/plain"], page):
        assert "\x1b" not in text and "\u202e" not in text
    assert "<script>alert" not in page + script
    raw = cv.shrink(cv.read_stream(b"<\x1b[2J\x00\xff>" * 3), lambda run: b"\x00\xff" in run.body)
    assert "\x00" not in raw.as_issue() and "\\x00\\xff" in raw.as_issue()


def test_bytes_are_written_as_they_are() -> None:
    for data in (b"", b"one", b"one\ntwo", bytes(range(256)) * 2, b"'\"\\\r\n" * 50):
        assert eval(bytes_literal(data)) == data
        assert max(map(len, bytes_literal(data).splitlines())) < 500


# ---- other framings


def test_an_array_stays_one_and_lines_stay_lines() -> None:
    """Made up: Gemini without ``alt=sse`` sends an array; Ollama sends lines."""
    parts = [{"candidates": [{"content": {"parts": [{"text": word}]}}]} for word in "abc"]
    array = cv.read_stream(json.dumps(parts, indent=1).encode())
    assert (array.dialect, array.framing) == ("gemini", "json_array")
    left = cv.shrink(array, lambda run: "b" in run.message.text).after
    assert json.loads(left.body) == [parts[1]] and left.framing == "json_array"
    says = [{"message": {"role": "assistant", "content": word}, "done": False} for word in "abc"]
    body = b"".join(json.dumps({**MADE, **one}).encode() + b"\n" for one in says)
    last = {**MADE, "message": {"role": "assistant"}, "done": True, "done_reason": "stop"}
    run = cv.read_stream(body + json.dumps(last).encode() + b"\n")
    lines = cv.shrink(run, lambda run: "a" in run.message.text and len(run.chunks) > 1).after
    assert lines.framing == "json_lines" and len(lines.chunks) == 2
    assert lines.dialect == run.dialect == "ollama-chat"
