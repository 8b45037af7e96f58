"""``lint``: findings with their places, and exit codes that CI can use."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest

from tests.doors.cli.conftest import BODY, KIMI, Run

GOOD = BODY.replace(b'"model":"m"', b'"model":"m","usage":null')
ERROR = b'data: {"error":{"message":"a\\n::error::b %0A, c"}}\n\n'
CUT = b'data: {"choices":[{"index":0,"delta":{"content":"Hi"}}]}\n\ndata: {"choices":[{"in'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "cut.sse").write_bytes(CUT)
    (tmp_path / "failed.sse").write_bytes(BODY[:70] + ERROR)
    (tmp_path / "good.sse").write_bytes(GOOD)
    return tmp_path


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ([], 1),
        (["--fail-on", "never"], 0),
        (["--fail-on", "warning"], 1),
        (["--fail-on", "stall"], 0),
        (["--fail-on", "error_in_stream"], 1),
        (["--ignore", "error_in_stream"], 0),
        (["--fail-on", "stall", "--fail-on", "usage_missing"], 1),
    ],
)
def test_the_exit_code_says_whether_it_fails(
    cli: Run, folder: Path, options: list[str], code: int
) -> None:
    assert cli("lint", folder / "failed.sse", *options).code == code


def test_a_finding_has_its_file_interaction_chunk_and_byte(cli: Run, folder: Path) -> None:
    found = json.loads(cli("lint", folder, "--format", "json").out)
    assert found["files"] == 3
    (error,) = [one for one in found["findings"] if one["code"] == "error_in_stream"]
    assert error["file"] == str(folder / "failed.sse")
    assert (error["interaction"], error["chunk"]) == (0, 1)
    data = (folder / "failed.sse").read_bytes()
    assert data[error["byte_offset"] :].startswith(b'data: {"error"')
    told = cli("lint", folder / "failed.sse").out
    assert f"failed.sse: interaction 0, chunk 1 (byte {error['byte_offset']}): error" in told


def test_a_note_that_makes_it_fail_is_shown(cli: Run) -> None:
    told = cli("lint", KIMI, "--fail-on", "call_id_positional")
    assert told.code == 1
    assert {line.split(" info ")[1].split(":")[0] for line in told.out.splitlines()[:-1]} == {
        "call_id_positional"
    }


def test_the_worst_come_first_and_notes_only_when_asked_for(cli: Run, folder: Path) -> None:
    told = cli("lint", folder).out.splitlines()
    assert told[-1].startswith("3 files: 1 error, ") and "notes not shown" in told[-1]
    assert not any(" info " in line for line in told)
    assert any(" info " in line for line in cli("lint", folder, "--notes").out.splitlines())


def test_a_file_that_cannot_be_read_is_told_and_the_rest_is_checked(cli: Run, folder: Path) -> None:
    (folder / "torn.yaml").write_text("version: 2\ninteractions:\n- request: {")
    told = cli("lint", folder, "--fail-on", "never")
    assert told.code == 2
    assert "torn.yaml: error unreadable: " in told.out and "4 files" in told.out
    (folder / "torn.yaml").write_text("not: one\n")  # no recording, and only come across
    assert cli("lint", folder, "--fail-on", "never").code == 0
    assert cli("lint", folder / "torn.yaml", "--fail-on", "never").code == 2


def test_githubs_annotations_hold_one_command_a_line(cli: Run, folder: Path) -> None:
    lines = cli("lint", folder / "failed.sse", "--format", "github").out.splitlines()
    assert lines and all(line.startswith("::") for line in lines)
    (error,) = [line for line in lines if line.startswith("::error")]
    assert ",title=error_in_stream (interaction 0%2C chunk 1 (byte 70))::" in error
    assert "%250A" in error


def test_a_files_name_may_hold_what_separates(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "a: b.sse").write_bytes(CUT)
    (line, *_) = cli("lint", tmp_path / "a: b.sse", "--format", "github").out.splitlines()
    assert "a%3A b.sse,title=" in line


def test_a_line_is_broken_on_a_terminal_alone(
    cli: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (piped, *_) = cli("lint", folder / "cut.sse").out.splitlines()
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setattr("chatviz.doors.cli.reports.width_of", lambda _: 40)
    first, second, *_ = click.unstyle(cli("lint", folder / "cut.sse").out).splitlines()
    assert piped.startswith(f"{first} {second.strip()}") and second.startswith("    ")


def test_sarif_names_rules_and_places(cli: Run, folder: Path) -> None:
    (run,) = json.loads(cli("lint", folder, "--format", "sarif").out)["runs"]
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("error", "warning", "note")
        (place,) = result["locations"]
        assert place["physicalLocation"]["artifactLocation"]["uri"].endswith(".sse")
    assert {rule["id"] for rule in rules} >= {"error_in_stream"}
    assert all("help" in rule for rule in rules)


def test_a_code_that_no_finding_has_is_named_with_those_near_it(cli: Run) -> None:
    told = cli("lint", KIMI, "--ignore", "usage_mising")
    assert told.code == 2 and "usage_missing" in told.err
    assert cli("lint", KIMI, "--fail-on", "errors").code == 2


def test_a_recording_without_a_chat_is_not_said_to_be_good(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "empty.yaml").write_text("version: 2\ninteractions: []\n")
    told = cli("lint", tmp_path / "empty.yaml")
    assert told.code == 0 and "empty.yaml: no answer of a chat is in this recording." in told.err


def test_a_good_recording_has_nothing(cli: Run) -> None:
    told = cli("lint", KIMI)
    assert told.code == 0 and told.out.startswith("1 file: 0 errors, 0 warnings (10 notes")
    assert "(1 note not shown: --notes)" in cli("lint", "gemini_2.5-flash").out
