"""What a workbench writes: whole, in its folder, and without secrets."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from chatviz.cassettes.cassette import Cassette
from chatviz.cassettes.reading import read_conversation
from chatviz.cassettes.storage import load_cassette
from chatviz.widgets.workbench.exports import (
    TABLES,
    export_cassette,
    export_page,
    export_tables,
    file_stem,
    say_export,
)
from chatviz.widgets.workbench.selection import Selection

SECRET = "sk-or-v1-" + "0123456789abcdef" * 4


@pytest.fixture
def chosen(seeds: Any) -> Selection:
    return Selection(seeds.fireworks)


def test_a_page_is_written_to_the_folder_which_is_made(chosen: Selection, tmp_path: Path) -> None:
    path = export_page(chosen, folder=tmp_path / "new")
    assert path == tmp_path / "new" / "multi_tool_streaming_kimi-k2_fireworks.html"
    assert path.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert export_page(chosen, tmp_path / "x.html", folder=Path("/")) == tmp_path / "x.html"


def test_each_table_is_written_whole(chosen: Selection, tmp_path: Path) -> None:
    paths = export_tables(chosen, tmp_path)
    assert len(paths) == len(TABLES) == 7
    chunks = next(path for path in paths if path.stem.endswith("_chunks"))
    assert len(pd.read_csv(chunks)) == 74


@pytest.mark.parametrize(
    "text", ["=cmd|'/c calc'!A1", "+1+cmd", "-2+3", "@SUM(1)", "\t=1", " =1", "\uff1d1"]
)
def test_no_text_is_a_formula_to_a_spreadsheet(text: str, seeds: Any, tmp_path: Path) -> None:
    call = {"index": 0, "id": text, "function": {"name": text, "arguments": "{}"}}
    delta = {"choices": [{"index": 0, "delta": {"content": text, "tool_calls": [call]}}]}
    body = f"data: {json.dumps(delta)}\n\ndata: [DONE]\n\n".encode()
    cassette = load_cassette(seeds.novita)
    first = cassette.interactions[0]
    first = replace(first, response=replace(first.response, body=body))
    chosen = Selection(replace(cassette, interactions=(first,)))
    guarded, plain = (
        pd.read_csv(
            next(
                p
                for p in export_tables(chosen, tmp_path / name, raw=raw)
                if p.stem.endswith("_tool_calls")
            ),
            keep_default_na=False,
        )
        for name, raw in (("guarded", False), ("plain", True))
    )
    assert guarded["name"][0] == f"'{text}"
    assert plain["name"][0] == text
    assert guarded["call"][0] == plain["call"][0] == 0  # numbers stay numbers
    said = say_export(chosen, "csv", tmp_path)
    assert "Texts that a spreadsheet would run begin with '" in said


def test_the_cassette_of_a_conversation_reads_as_that_conversation(
    seeds: Any, tmp_path: Path
) -> None:
    both = load_cassette(seeds.fireworks).interactions + load_cassette(seeds.novita).interactions
    chosen = Selection(Cassette(both))
    chosen.choose_talk(1)
    path, removed = export_cassette(chosen, folder=tmp_path)
    assert (path.name, removed) == ("cassette_1.yaml", ())
    assert read_conversation(path).messages == chosen.conversation.messages  # type: ignore[union-attr]
    assert load_cassette(path).interactions == both[2:]


def test_secrets_are_removed_and_their_places_told(seeds: Any, tmp_path: Path) -> None:
    cassette = load_cassette(seeds.fireworks)
    first = cassette.interactions[0]
    headers = {**first.request.headers, "Authorization": (f"Bearer {SECRET}",)}
    first = replace(first, request=replace(first.request, headers=headers))
    told = replace(
        cassette,
        interactions=(first, *cassette.interactions[1:]),
        extra={"api_key": SECRET},
    )
    chosen = Selection(told)
    said = say_export(chosen, "cassette", tmp_path)
    assert "Secrets removed in 2 places: extra.api_key; interaction 0: request.headers" in said
    assert SECRET not in said
    for path in tmp_path.iterdir():
        assert SECRET not in path.read_text(encoding="utf-8")
    assert chosen.opened.cassette is told  # type: ignore[union-attr]


def test_what_was_written_is_told(chosen: Selection, tmp_path: Path) -> None:
    said = say_export(chosen, "html", tmp_path)
    assert "fireworks.html. It holds the streams as they came: no secret was removed." in said
    assert say_export(chosen, "csv", tmp_path).count(".csv") == 7
    with pytest.raises(ValueError, match="wanted 'html', 'csv', 'cassette' or 'list', found 'pdf'"):
        say_export(chosen, "pdf", tmp_path)


def test_nothing_is_exported_where_nothing_is_chosen(tmp_path: Path) -> None:
    empty = Selection(tmp_path)
    for export in (export_page, export_cassette):
        with pytest.raises(LookupError, match="no conversation to export"):
            export(empty, folder=tmp_path / "new")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("a/b c.yaml", "a_b_c"),
        ("../../etc/passwd", "etc_passwd"),
        ("...", "recording"),
        ("x" * 300 + ".yaml", "x" * 100),
    ],
)
def test_a_recordings_name_as_a_file_climbs_nowhere(name: str, stem: str) -> None:
    assert file_stem(name) == stem
