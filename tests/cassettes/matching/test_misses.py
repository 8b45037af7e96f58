from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pytest

from chatviz.cassettes.cassette import Interaction, RecordedRequest, RecordedResponse
from chatviz.cassettes.matching.matcher import Difference, Matching
from chatviz.cassettes.matching.misses import miss
from chatviz.errors import ChatvizError, NoMatchingInteraction

URL = "https://openrouter.ai/api/v1/chat/completions"
TOKEN = "the-token-of-this-test"


def post(body: Any, url: str = URL) -> RecordedRequest:
    headers = {"Authorization": (f"Bearer {TOKEN}",)}
    return RecordedRequest("POST", url, headers, json.dumps(body).encode())


def record(*bodies: Any) -> list[Interaction]:
    return [Interaction(post(body), RecordedResponse(200)) for body in bodies]


def test_one_difference_is_said_in_one_line() -> None:
    recorded = record({"n": 0}, {"messages": [1, 2, {"tool_call_id": "test-3"}]})
    asked = post({"messages": [1, 2, {"tool_call_id": "x-1"}]})
    error = miss(asked, recorded, Matching(), path="a.yaml")
    assert str(error) == (
        "'a.yaml' holds no answer for POST 'https://openrouter.ai/api/v1/chat/completions': "
        "the nearest, #1, differs in messages[2].tool_call_id: recorded 'test-3', asked 'x-1'. "
        "Record again with mode='all', or ignore it: ignore=['messages[].tool_call_id']."
    )
    assert isinstance(error, LookupError)
    assert isinstance(error, ChatvizError)
    assert error.request == f"POST '{URL}'"
    assert (error.nearest, error.path) == (1, "a.yaml")
    assert [str(item) for item in error.differences] == [
        "messages[2].tool_call_id: recorded 'test-3', asked 'x-1'"
    ]


def test_several_differences_are_a_list_of_lines() -> None:
    error = miss(post({"a": 1, "b": 2}), record({"a": 2, "c": 1}), Matching())
    assert str(error).splitlines() == [
        f"the recording holds no answer for POST '{URL}': the nearest, #0, differs in 3 places:",
        "  a: recorded 2, asked 1",
        "  c: recorded 1, asked nothing",
        "  b: recorded nothing, asked 2",
        "Record again with mode='all', or ignore them: ignore=['a', 'c', 'b'].",
    ]


def test_of_many_differences_eight_are_shown_and_the_rest_counted() -> None:
    names = [f"n{number}" for number in range(20)]
    error = miss(post(dict.fromkeys(names, 1)), record(dict.fromkeys(names, 2)), Matching())
    lines = str(error).splitlines()
    assert len(lines) == 1 + 8 + 1 + 1
    assert lines[-2:] == [
        "  … and 12 more",
        "Record again with mode='all', or ask what was recorded.",
    ]
    assert len(error.differences) == 20


@pytest.mark.parametrize(
    ("asked", "recorded"),
    [
        (post({}, "https://other.example/"), {}),
        (post({"messages": [1, 2]}), {"messages": [1]}),
        (post([1]), {"a": 1}),
    ],
)
def test_what_cannot_be_ignored_is_not_proposed(asked: RecordedRequest, recorded: Any) -> None:
    assert "ignore" not in str(miss(asked, record(recorded), Matching()))


def test_a_recording_without_anything_says_so() -> None:
    error = miss(post({}), (), Matching(), path="a.yaml")
    assert str(error).startswith("'a.yaml' holds no interaction, and so no answer for POST ")
    assert (error.nearest, error.differences) == (None, ())


@pytest.mark.parametrize(
    ("used", "count"), [([1], "once already (#1)"), ([0, 1, 2, 3], "3 times already (#1, #2, #3)")]
)
def test_an_answer_that_is_used_up_is_said_to_be(used: list[int], count: str) -> None:
    recorded = record({"n": 0}, {"n": 1}, {"n": 1}, {"n": 1})
    error = miss(post({"n": 1}), recorded, Matching(), used=used)
    assert f"it was answered {count}, as often as it was recorded" in str(error)
    assert "repeat=True" in str(error)
    assert error.nearest == used[-1]


def test_many_used_answers_are_not_all_listed() -> None:
    error = miss(post({}), record(*[{}] * 20), Matching(), used=range(20))
    assert "20 times already (#0, #1, #2, #3, #4, #5, #6, #7, …)" in str(error)


def test_a_matcher_of_the_users_is_asked_and_its_words_are_cleaned() -> None:
    def strict(request: RecordedRequest, recorded: RecordedRequest) -> list[Difference | str]:
        return [f"headers {request.headers} are not {recorded.headers}"]

    error = miss(post({}), record({}), strict)
    assert TOKEN not in str(error) + repr(error) + repr(error.differences)
    assert "headers {'Authorization'" in str(error)


def test_a_long_url_is_shortened_and_its_query_left_out() -> None:
    error = miss(post({}, f"https://a.example/{'x' * 500}/end?key={TOKEN}#{TOKEN}"), (), Matching())
    assert error.request.endswith("x/end'")
    assert len(error.request) < 100


def test_a_secret_anywhere_in_the_request_is_in_no_part_of_the_error() -> None:
    recorded = record({"a": "b", "user": "c"})
    asked = post(
        {"a": f"my key: {TOKEN}", "user": f"{'x' * 100}{TOKEN}{'x' * 100}", TOKEN: TOKEN},
        f"https://anna:{TOKEN}@a.example/{TOKEN}/?token={TOKEN}",
    )
    error = miss(asked, recorded, Matching(), path="a.yaml")
    rendered = "".join(error._render_traceback_())
    shown = f"{error}{error!r}{error.differences!r}{error.request}{rendered}{vars(error)}"
    assert TOKEN not in shown
    assert all(TOKEN[n : n + 8] not in shown for n in range(len(TOKEN) - 7))


def test_an_error_survives_pickling() -> None:
    error = miss(post({}), (), Matching(), path="a.yaml")
    copy = pickle.loads(pickle.dumps(error))
    assert (str(copy), copy.path, copy.request) == (str(error), "a.yaml", error.request)


def test_a_notebook_shows_the_message_without_the_frames(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)  # IPython warns of another one
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    shell = InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}))
    shell.push({"error": NoMatchingInteraction("nothing\n  is like it")})
    shell.run_cell("def client():\n    raise error\n\nclient()")
    out = capsys.readouterr().out
    assert "NoMatchingInteraction: nothing\n  is like it" in out
    assert "client" not in out


def test_what_an_error_keeps_is_bounded_whatever_was_asked() -> None:
    long = "x" * 50_000
    asked = {
        "text": f"{long} and then this {long}",
        "list": [long] * 3,
        long: 1,
        **{f"n{number}": long for number in range(110)},
    }
    recorded = {"text": f"{long} and then that {long}", "list": 1}
    error = miss(post(asked), record(recorded), Matching())
    found = [each for each in error.differences if isinstance(each, Difference)]
    assert len(found) == len(error.differences) == 100
    held = [part for each in found for part in (each.path, each.recorded, each.asked)]
    assert sum(len(part) for part in held if isinstance(part, str)) < 300_000
    assert len(str(error)) + len(repr(vars(error))) < 100_000
    (text,) = (each for each in found if each.path == "text")
    assert "and then this" in text.asked
    assert "and then that" in str(text)


def test_what_a_matcher_of_ones_own_says_is_bounded() -> None:
    error = miss(post({}), record({}), lambda asked, here: ["z" * 1_000_000] * 200)
    assert len(error.differences) == 100
    assert len(str(error)) + sum(len(str(each)) for each in error.differences) < 200_000
