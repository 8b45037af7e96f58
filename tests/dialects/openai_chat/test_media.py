"""Answers that are heard or seen: audio with its transcript, images, and how they go back."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

import chatviz as cv
from chatviz.chat.deltas import UnknownDelta
from chatviz.chat.messages import ChatRequest, Media, Message, Text
from chatviz.dialects.openai_chat.fast_path import read_usual_chunk
from chatviz.dialects.openai_chat.request import read_chat_request
from chatviz.dialects.openai_chat.stream import OpenAIChat
from chatviz.runs.run import StreamRun
from chatviz.views.inspector.runs import run_columns
from chatviz.wire.wire_event import WireEvent

Build = Callable[..., bytes]
Read = Callable[..., StreamRun]

USAGE = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
AUDIO = {"id": "audio_1", "transcript": "Hi there", "data": "UklGRg==", "expires_at": 1767000000}
PIECES = (
    {"id": "audio_1", "transcript": "Hi"},
    {"transcript": " there"},
    {"data": "Uklg"},
    {"data": "Rg=="},
    {"expires_at": 1767000000},
)
IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk="}, "index": 0}
OTHER = {"type": "image_url", "image_url": {"url": "data:image/png;base64,aG8="}, "index": 0}


def says(delta: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": "c", "model": "m", "choices": [{"index": 0, "delta": delta, **more}]}


def end() -> dict[str, Any]:
    return {**says({}, finish_reason="stop"), "usage": USAGE}


def spoken(sse: Build) -> bytes:
    first = says({"role": "assistant", "content": None, "audio": PIECES[0]})
    return sse(first, *(says({"audio": piece}) for piece in PIECES[1:]), end())


def whole(**said: Any) -> bytes:
    message = {"role": "assistant", "content": None, "refusal": None, **said}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    answer = {"id": "c", "model": "m", "object": "chat.completion", "choices": [choice]}
    return json.dumps({**answer, "usage": USAGE}).encode()


def media(run: StreamRun) -> list[tuple[str, Any, str]]:
    assert all(isinstance(part, Media) for part in run.message.parts)
    return [
        (part.type, json.loads(part.json), part.text)
        for part in run.message.parts
        if isinstance(part, Media)
    ]


def odd(run: StreamRun) -> list[str]:
    return sorted({one.code for one in run.findings} - {"no_clock"})


def unknown(run: StreamRun) -> list[str]:
    return [delta.path for _, delta in run.deltas if isinstance(delta, UnknownDelta)]


# ---- audio


def test_audio_is_a_part_with_what_is_said_in_it(sse: Build, read: Read) -> None:
    run = cv.read_stream(whole(audio=AUDIO))
    assert (media(run), odd(run)) == ([("audio", AUDIO, "Hi there")], [])
    run = read(spoken(sse))
    assert (media(run), odd(run)) == ([("audio", [*PIECES], "Hi there")], [])
    assert (run.message.text, run.answer.said_at) == ("", 0)


def test_what_is_said_in_audio_is_shown(sse: Build, read: Read) -> None:
    for run in (cv.read_stream(whole(audio=AUDIO)), read(spoken(sse))):
        ((_, who, what),) = cv.transcript(run).tables[0].rows
        assert who == "media" and "audio: " in what and what.endswith("Hi there")
        assert "".join(cv.chunk_table(run)["text"]) == "Hi there"
        kinds = {part["kind"]: part for part in run_columns(run)["parts"]}
        assert kinds["text"]["text"] == "Hi there"
        assert kinds["media"].get("text") is None
    assert [*cv.chunk_table(run)["kind"][:3]] == ["media", "media", "media"]


def test_audio_beside_text_is_another_part(sse: Build, read: Read) -> None:
    run = read(sse(says({"role": "assistant", "content": "a"}), says({"audio": AUDIO}), end()))
    assert run.message.parts[0] == Text("a")
    assert (run.message.text, odd(run)) == ("a", [])


def test_the_audio_of_minimax_is_one_too(sse: Build, read: Read) -> None:
    empty = says({"role": "assistant", "content": "a", "audio_content": ""})
    run = read(sse(empty, end()))
    assert (run.message.parts, odd(run)) == ((Text("a"),), [])
    run = read(sse(says({"role": "assistant", "audio_content": "49"}),
                   says({"audio_content": "44"}), end()))  # fmt: skip
    assert (media(run), odd(run)) == ([("audio", ["49", "44"], "")], [])
    assert media(cv.read_stream(whole(audio_content="4944"))) == [("audio", "4944", "")]


@pytest.mark.parametrize(("said", "is_usual"), [("", True), (None, True), ("49", False)])
def test_empty_audio_is_read_at_a_glance(said: str | None, is_usual: bool) -> None:
    data = json.dumps(says({"content": "a", "audio_content": said})).encode()
    assert (read_usual_chunk(WireEvent("data", 0, len(data), data)) is not None) is is_usual


@pytest.mark.parametrize("nothing", [None, {}, ""])
def test_no_audio_is_none(nothing: Any) -> None:
    run = cv.read_stream(whole(content="a", audio=nothing, images=[]))
    assert (run.message.parts, odd(run)) == ((Text("a"),), [])


def test_audio_of_another_kind_is_kept() -> None:
    run = cv.read_stream(whole(content="a", audio="UklGRg=="))
    assert unknown(run) == ["$.choices[0].message.audio"]


# ---- images


def test_images_are_parts_one_each(sse: Build, read: Read) -> None:
    """OpenRouter. Each is its own, whatever its index: two chunks may both begin at 0."""
    run = cv.read_stream(whole(content="", images=[IMAGE, OTHER]))
    assert (media(run), odd(run)) == ([("image", IMAGE, ""), ("image", OTHER, "")], [])
    first = says({"role": "assistant", "content": "", "images": [IMAGE]})
    run = read(sse(first, says({"images": [OTHER]}), end()))
    assert media(run) == [("image", IMAGE, ""), ("image", OTHER, "")]
    assert odd(run) == []


def test_images_that_come_again_with_the_message_are_shown_once(sse: Build, read: Read) -> None:
    again = says({}, message={"content": "", "images": [IMAGE, OTHER], "audio": AUDIO})
    first = says({"role": "assistant", "images": [IMAGE], "audio": AUDIO})
    run = read(sse(first, again, end()))
    assert media(run) == [
        ("audio", AUDIO, "Hi there"),
        ("image", IMAGE, ""),
        ("image", OTHER, ""),
    ]


@pytest.mark.parametrize("kind", ["image_url", "input_audio", "file"])
def test_parts_of_a_content_that_are_no_text(sse: Build, read: Read, kind: str) -> None:
    part = {"type": kind, kind: {"data": "aGk="}}
    run = cv.read_stream(whole(content=[part]))
    assert (media(run), odd(run)) == ([(kind, part, "")], [])
    run = read(sse(says({"role": "assistant", "content": [part]}), end()))
    assert (media(run), odd(run)) == ([(kind, part, "")], [])


# ---- and back


def sent_back(run: StreamRun) -> dict[str, Any]:
    """Return the answer as the next request holds it."""
    written = OpenAIChat().write_request(ChatRequest("m", (run.message,)))
    (message,) = written["messages"]
    return dict(message)


def test_audio_goes_back_by_its_id(sse: Build, read: Read) -> None:
    for run in (cv.read_stream(whole(audio=AUDIO)), read(spoken(sse))):
        assert sent_back(run) == {"role": "assistant", "audio": {"id": "audio_1"}}


def test_audio_without_an_id_goes_back_as_what_was_said() -> None:
    """Qwen's: it wants the text."""
    run = cv.read_stream(whole(audio={"transcript": "Hi", "data": "aGk="}))
    assert sent_back(run) == {"role": "assistant", "content": "Hi"}
    run = cv.read_stream(whole(audio_content="4944"))
    assert sent_back(run) == {"role": "assistant", "content": ""}


def test_images_go_back_as_they_came() -> None:
    part = {"type": "file", "file": {"file_id": "a"}}
    run = cv.read_stream(whole(content=["a", part], images=[IMAGE]))
    content = [{"type": "text", "text": "a"}, part]
    assert sent_back(run) == {"role": "assistant", "content": content, "images": [IMAGE]}


def test_a_request_repeats_them() -> None:
    sent = [
        {"role": "assistant", "audio": {"id": "audio_1"}},
        {"role": "assistant", "content": "b", "images": [IMAGE]},
    ]
    read = read_chat_request({"messages": sent})
    assert OpenAIChat().write_request(ChatRequest("m", read.messages))["messages"] == sent
    (message,) = read_chat_request({"messages": [{"role": "assistant", "audio": AUDIO}]}).messages
    assert message == Message("assistant", (Media("audio", message.parts[0].json, "Hi there"),))
    (message,) = read_chat_request({"messages": [{"role": "assistant", "audio": "x"}]}).messages
    assert message.parts == (Media("audio", '"x"'),)


def test_lint_has_nothing_against_them(sse: Build) -> None:
    for body in (whole(audio=AUDIO), whole(content="", images=[IMAGE]), spoken(sse)):
        severities = {one.severity for one in cv.read_stream(body).findings}
        assert severities <= {"info"}
