"""Any recording becomes a go-vcr file that holds the same."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from chatviz.cassettes.cassette import Cassette, Interaction, RecordedRequest, RecordedResponse
from chatviz.cassettes.convert import convert
from chatviz.cassettes.storage import load_cassette
from chatviz.errors import CassetteError, CassetteNotFoundError

# The fields of go-vcr's Request and Response structs, version 3 and 4 (cassette.go).
REQUEST_KEYS = {
    *("proto", "proto_major", "proto_minor", "content_length", "transfer_encoding", "trailer"),
    *("host", "remote_addr", "request_uri", "body", "form", "headers", "url", "method"),
}
RESPONSE_KEYS = {
    *("proto", "proto_major", "proto_minor", "transfer_encoding", "trailer", "content_length"),
    *("uncompressed", "body", "headers", "status", "code", "duration"),
}


def test_a_cassette_is_written_and_returned_as_it_is_on_disk(tmp_path: Path) -> None:
    exchange = Interaction(RecordedRequest("GET", "u"), RecordedResponse(200))
    source = Cassette((exchange, exchange), version=1, format="vcrpy", extra={"vcrpy": {"a": 1}})
    written = convert(source, tmp_path / "a.yaml")
    assert (written.format, written.version, written.path) == (
        "go-vcr",
        2,
        str(tmp_path / "a.yaml"),
    )
    assert [interaction.id for interaction in written.interactions] == [0, 1]
    assert load_cassette(tmp_path / "a.yaml") == written


def test_a_number_that_the_recorder_gave_stays(tmp_path: Path) -> None:
    exchange = Interaction(RecordedRequest("GET", "u"), RecordedResponse(200), id=7)
    assert convert(Cassette((exchange,)), tmp_path / "a.yaml").interactions == (exchange,)


def test_a_path_is_read_in_its_own_format(seeds: tuple[Path, Path], tmp_path: Path) -> None:
    written = convert(seeds[1], tmp_path / "a.yaml")
    assert written == load_cassette(seeds[1])
    assert (tmp_path / "a.yaml").read_bytes() == seeds[1].read_bytes()


def test_go_vcr_knows_every_key_but_those_that_are_extra(tmp_path: Path) -> None:
    (tmp_path / "a.sse").write_bytes(b"data: [DONE]\n\n")
    convert(tmp_path / "a.sse", tmp_path / "a.yaml")
    (written,) = yaml.safe_load((tmp_path / "a.yaml").read_text())["interactions"]
    assert written.keys() == {"id", "request", "response"}
    assert written["request"].keys() <= REQUEST_KEYS
    assert written["response"].keys() <= RESPONSE_KEYS | {"x-chatviz"}


def test_what_cannot_be_read_or_written_says_why(tmp_path: Path) -> None:
    with pytest.raises(CassetteNotFoundError):
        convert(tmp_path / "none.yaml", tmp_path / "a.yaml")
    with pytest.raises(CassetteError, match="cannot be written"):
        convert(Cassette(), tmp_path / "none" / "a.yaml")
