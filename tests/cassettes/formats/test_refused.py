"""Websockets and gRPC: a clear "not supported" where there is nothing else, kept where there is."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatviz.cassettes.cassette import Cassette, Interaction, RecordedRequest, RecordedResponse
from chatviz.cassettes.convert import convert
from chatviz.cassettes.reading import read_runs
from chatviz.cassettes.storage import load_cassette
from chatviz.errors import CassetteFormatError, CassetteUnsupportedError

GRPC = {"Content-Type": ("application/grpc+proto",)}
ANSWER = RecordedResponse(200, body=b"data: [DONE]\n\n")
CHAT = Interaction(RecordedRequest("POST", "https://a.example/v1/chat/completions"), ANSWER, 0)
OTHERS = {
    "ws": Interaction(RecordedRequest("GET", "wss://a.example/v1/realtime"), ANSWER, 1),
    "upgrade": Interaction(
        RecordedRequest("GET", "https://a.example/", headers={"Upgrade": ("websocket",)}), ANSWER, 2
    ),
    "grpc asked": Interaction(RecordedRequest("POST", "https://a.example/x", GRPC), ANSWER, 3),
    "grpc answered": Interaction(
        RecordedRequest("POST", "https://a.example/x"), RecordedResponse(200, headers=GRPC), 4
    ),
}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("version: 1\ninteractions:\n- {kind: message, direction: sent, data: {}}", "a websocket"),
        ("version: 1\nresponses:\n- !!binary AA==", "gRPC messages"),
        ("version: 1\nstream_chunks:\n- - !!binary AA==", "gRPC messages"),
        ("interactions:\n- {request_sample: {}, response_sample: {}}", "gRPC messages"),
    ],
)
def test_a_recorder_of_frames_is_refused_by_its_kind(text: str, kind: str, tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(text)
    with pytest.raises(CassetteUnsupportedError, match=f"{kind}, which is not supported") as caught:
        load_cassette(path)
    assert caught.value.line == 1


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_a_file_of_nothing_else_is_refused(other: Interaction, tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    convert(Cassette((other,)), path)
    with pytest.raises(CassetteUnsupportedError, match="not supported"):
        load_cassette(path)


def test_among_other_traffic_they_are_kept_and_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    whole = Cassette((*OTHERS.values(), CHAT))
    convert(whole, path)
    assert load_cassette(path) == whole
    assert [run.interaction for run in read_runs(path)] == [4]


@pytest.mark.parametrize(
    "text", ["version: 2\ninteractions: [{}]", "version: 2\ninteractions: [7]"]
)
def test_a_broken_file_is_not_taken_for_frames(text: str, tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(text)
    with pytest.raises(CassetteFormatError, match=r"interactions\[0\]"):
        load_cassette(path)


def test_an_empty_recording_is_supported(tmp_path: Path) -> None:
    convert(Cassette(), tmp_path / "a.yaml")
    assert load_cassette(tmp_path / "a.yaml") == Cassette()
