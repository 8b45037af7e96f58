"""Real recordings: the packaged ones, and other people's where they are there."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from chatviz.cassettes.convert import convert
from chatviz.cassettes.reading import read_runs
from chatviz.cassettes.storage import load_cassette, save_cassette


def check_round_trip(path: Path, folder: Path) -> bytes:
    """Load, save and load again; return what was saved."""
    cassette = load_cassette(path)
    saved = folder / "saved.yaml"
    save_cassette(cassette, saved)
    assert load_cassette(saved) == cassette, path
    return saved.read_bytes()


def check_against_another_reader(path: Path) -> None:
    """Hold what was read against PyYAML's own loader."""
    raw = yaml.load(path.read_bytes(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    cassette = load_cassette(path)
    assert len(cassette.interactions) == len(raw["interactions"])
    for interaction, wanted in zip(cassette.interactions, raw["interactions"], strict=True):
        assert interaction.id == wanted["id"]
        for message, fields in (
            (interaction.request, wanted["request"]),
            (interaction.response, wanted["response"]),
        ):
            body = fields["body"]
            assert message.body == (body.encode() if isinstance(body, str) else body)
            assert {k: list(v) for k, v in message.headers.items()} == fields["headers"]
            assert message.content_length == fields["content_length"]
            assert message.extra == {}
        assert interaction.request.url == wanted["request"]["url"]
        assert interaction.response.status == wanted["response"]["code"]
        assert interaction.response.time_to_headers_s is not None


def unindented(data: bytes) -> list[bytes]:
    return [line.lstrip(b" ") for line in data.split(b"\n")]


def test_the_packaged_recordings_are_read(seeds: tuple[Path, ...]) -> None:
    for path in seeds:
        check_against_another_reader(path)
    request = load_cassette(seeds[0]).interactions[0].request
    assert request.method == "POST"
    assert request.head.host == "openrouter.ai"


def test_the_packaged_recordings_are_written_as_go_vcr_wrote_them(
    seeds: tuple[Path, Path], tmp_path: Path
) -> None:
    """The first one is in the other indent style of the two; nothing else differs."""
    fireworks, novita = (path.read_bytes() for path in seeds)
    assert check_round_trip(seeds[1], tmp_path) == novita
    assert unindented(check_round_trip(seeds[0], tmp_path)) == unindented(fireworks)


def test_other_peoples_recordings_are_read_and_written_alike(
    shared_cassettes: Path, tmp_path: Path
) -> None:
    paths = sorted((shared_cassettes / "go-vcr").glob("*.yaml"))
    assert paths
    for path in paths:
        check_against_another_reader(path)
        saved = check_round_trip(path, tmp_path)
        assert unindented(saved) == unindented(path.read_bytes()), path


def body_of(message: dict[str, Any]) -> bytes | None:
    """Return a body of vcrpy's as PyYAML reads it; None where only the parsed JSON is kept."""
    body = message.get("body", b"" if "parsed_body" not in message else None)
    body = body.get("string") if isinstance(body, dict) else body
    return body.encode() if isinstance(body, str) else body


def test_other_peoples_vcrpy_recordings_are_read(shared_cassettes: Path, tmp_path: Path) -> None:
    paths = sorted((shared_cassettes / "vcrpy").glob("*.yaml"))
    assert paths
    for path in paths:
        raw = yaml.safe_load(path.read_bytes())
        cassette = load_cassette(path)
        assert (cassette.format, cassette.extra) == ("vcrpy", {})
        for interaction, wanted in zip(cassette.interactions, raw["interactions"], strict=True):
            request, response = interaction.request, interaction.response
            assert request.url == wanted["request"]["uri"]
            assert response.status == wanted["response"]["status"]["code"]
            assert interaction.is_chat or request.method == "GET"
            for message, fields in ((request, wanted["request"]), (response, wanted["response"])):
                found = body_of(fields)
                if found is None:
                    assert json.loads(message.body) == fields["parsed_body"]
                else:
                    assert message.body == found
                assert message.headers.keys() == fields["headers"].keys()
        assert convert(path, tmp_path / "a.yaml") == load_cassette(tmp_path / "a.yaml")


@pytest.mark.parametrize(
    ("name", "finish_reasons", "texts", "costs"),
    [
        ("deepseek_thinking", ["stop"], ["Hello there! 😊 How can I help you today?"], [None]),
        (
            "groq_error_inside_stream",
            ["error", "tool_calls", "stop"],
            ["", "", "The tool returned the expected result for the valid call."],
            [None, None, None],
        ),
        ("openrouter_cache", ["stop"], ["Hello!"], ["0.000837"]),
        (
            "llm_tool_variant_a",
            [None, "stop"],
            ["", "The current version of *llm* is **0.fixed-version**."],
            ["0.00007159", "0.0001017"],
        ),
        (
            "llm_tool_variant_c",
            ["tool_calls", "stop"],
            ["", "The installed version of LLM on this system is 0.fixed-version."],
            ["0.00005952", "0.000103"],
        ),
        (
            "llm_tool_variant_d",
            ["tool_calls", "stop"],
            ["", "The current version of *llm* is **0.fixed-version**."],
            ["0.00007159", "0.0001017"],
        ),
    ],
)
def test_runs_are_read_from_vcrpy(
    shared_cassettes: Path,
    name: str,
    finish_reasons: list[str | None],
    texts: list[str],
    costs: list[str | None],
) -> None:
    runs = read_runs(shared_cassettes / "vcrpy" / f"{name}.yaml")
    assert [run.finish_reason for run in runs] == finish_reasons
    assert [run.message.text for run in runs] == texts
    assert [run.cost for run in runs] == [cost and Decimal(cost) for cost in costs]
    assert {run.timing for run in runs} == {"none"}
