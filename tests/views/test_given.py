"""What views take: runs, and whatever holds them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import chatviz as cv
from chatviz.views.given import conversations_given

SAMPLE = "openrouter_kimi-k2_novita"
BODY = b'data: {"choices":[{"index":0,"delta":{"content":"secret words"}}]}\n\ndata: [DONE]\n\n'
VIEWS = [cv.inspect, cv.timeline, cv.tool_calls, cv.transcript, cv.usage]
each_view = pytest.mark.parametrize("show", VIEWS, ids=lambda show: show.__name__)


@each_view
def test_a_path_a_cassette_and_a_samples_name_show_what_their_runs_show(
    show: Callable[[Any], cv.View],
) -> None:
    path = cv.sample(SAMPLE)
    wanted = show(cv.read_conversations(path))
    for given in (path, str(path), SAMPLE, cv.load_cassette(path), [path], iter([SAMPLE])):
        assert show(given) == wanted


def test_sides_of_a_comparison_may_be_paths(tmp_path: Path) -> None:
    saved = tmp_path / "answer.sse"
    saved.write_bytes(BODY)
    view = cv.compare(saved, cv.sample(SAMPLE), cv.read_stream(BODY))
    assert [label[:1] for label in view.tables[0].columns[1:]] == ["A", "B", "C"]


def test_what_curl_saved_is_shown(tmp_path: Path) -> None:
    saved = tmp_path / "answer.sse"
    saved.write_bytes(BODY)
    assert "secret words" in cv.transcript(saved).html


def test_each_file_is_linked_by_itself() -> None:
    """The same request in two files is two conversations, as with cv.read_conversations."""
    path = cv.sample(SAMPLE)
    given = conversations_given([path, path, cv.read_runs(path)[0]])
    assert [len(talk.steps) for talk in given] == [2, 2, 1]


def test_a_file_of_a_samples_name_is_read_before_the_sample(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(SAMPLE).write_bytes(BODY)
    assert len(conversations_given(SAMPLE)[0].runs[0].chunks) == 1


def test_a_recording_without_chats_is_no_conversation() -> None:
    empty = cv.Cassette()
    assert conversations_given(empty) == ()
    assert conversations_given([empty]) == ()


@each_view
def test_bytes_are_refused_and_never_printed(show: Callable[[Any], cv.View]) -> None:
    with pytest.raises(TypeError, match=r"found bytes: read them first, cv\.read_stream") as caught:
        show(BODY)
    assert "secret" not in str(caught.value)
    with pytest.raises(TypeError) as caught:
        show([BODY])
    assert "secret" not in str(caught.value)


def test_what_cannot_be_read_says_why() -> None:
    with pytest.raises(cv.CassetteError, match=r"no_such_file\.yaml"):
        cv.inspect("no_such_file.yaml")
    with pytest.raises(TypeError, match="wanted a run"):
        cv.inspect(5)  # type: ignore[arg-type]
    for wrong in ({}, {"a.yaml": 1}):
        with pytest.raises(TypeError, match="a dict is no list of runs"):
            cv.inspect(wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="found 5 among them"):
        cv.inspect([5])  # type: ignore[list-item]


def test_the_result_of_an_agent_shows_its_conversation() -> None:
    class Result:
        conversation = cv.read_conversation(cv.sample(SAMPLE))

    assert conversations_given(Result()) == (Result.conversation,)  # type: ignore[arg-type]
