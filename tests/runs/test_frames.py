"""Frames of AWS event streams: the errors and the damage that any dialect in them may have."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chatviz.runs.run import StreamRun
from chatviz.wire.exchange import RequestHead
from tests.wire.aws_building import error_frame, exception_frame, frame, raw_frame

Read = Callable[..., StreamRun]
URL = "https://bedrock-runtime.us-east-1.amazonaws.com/model/m/invoke-with-response-stream"


def codes(run: StreamRun) -> set[str]:
    return {finding.code for finding in run.findings}


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        (exception_frame("throttlingException", "slow down"), "throttlingException", "slow down"),
        (
            frame({"Message": "no"}, message_type="exception", exception_type="accessDenied"),
            "accessDenied",
            "no",
        ),
        (error_frame("InternalError", "gone"), "InternalError", "gone"),
        (
            frame(b"", message_type="exception", exception_type="validationException"),
            "validationException",
            "validationException",
        ),
        (frame(b"no JSON", message_type="exception", exception_type="x"), "x", "no JSON"),
        (frame(b"", message_type="exception"), "", "the frame says only that it is an error"),
    ],
)
@pytest.mark.parametrize("url", [URL, ""])
def test_the_frame_of_an_exception_is_an_error(
    read: Read, body: bytes, code: str, message: str, url: str
) -> None:
    run = read(body, RequestHead("POST", url))
    assert run.error is not None
    assert (run.error.code, run.error.message, run.error.status) == (code, message, None)
    assert "error_in_stream" in codes(run)


def test_an_event_with_a_slash_in_its_name_is_no_error(read: Read) -> None:
    assert read(frame({"n": 1}, event_type="odd/name")).error is None


FRAME = frame({"n": 1}, event_type="chunk")


@pytest.mark.parametrize(
    ("body", "chunk", "words"),
    [
        (FRAME + FRAME[:-1] + b"\0" + FRAME, 1, "checksum is wrong"),
        (FRAME + raw_frame(b"{}", b"\x09x"), 1, "headers cannot be read"),
        (FRAME + b"\0" * 20, 0, "nothing after it is read"),
        (FRAME[:1] + FRAME[1:-1] + b"\0" + FRAME, 0, "checksum is wrong"),
    ],
)
def test_a_damaged_frame_is_found(read: Read, body: bytes, chunk: int, words: str) -> None:
    run = read(body, RequestHead("POST", URL))
    (found,) = [one for one in run.findings if one.code == "frame_damaged"]
    assert (found.chunk, found.severity, found.count) == (chunk, "error", 1)
    assert words in found.message
    assert run.body == body


def test_the_name_of_a_frame_comes_with_its_data(read: Read) -> None:
    run = read(FRAME + exception_frame("x", "y"))
    assert [name for _, name in run.wire.chunk_data()] == [b"chunk", b"exception/x"]
    assert [data for data, _ in run.wire.chunk_data()] == [b'{"n": 1}', b'{"message": "y"}']
