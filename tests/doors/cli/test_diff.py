"""``chatviz diff``: what is printed, exit codes, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.doors.cli.conftest import BODY, KIMI, Run

OTHER = "openrouter_kimi-k2_novita"


def test_layers_and_changes_are_printed(cli: Run) -> None:
    told = cli("diff", KIMI, OTHER)
    assert told.code == 1 and told.err == ""
    assert told.out.startswith("wire   ≠ different     2 came, 1 changed\nparts  = same\n")
    assert "note                   Another provider answered: Fireworks, then Novita." in told.out
    assert "system_fingerprint                       1, 2  came" in told.out
    assert "  old       I'll [-add and multiply-] the [-numbers-] 2 and 3 for you." in told.out
    assert "  new       I'll {+perform both+} the" in told.out


def test_the_same_recording_is_the_same(cli: Run) -> None:
    told = cli("diff", KIMI, KIMI)
    assert told.code == 0 and told.out.count("= same") == 6
    assert len(told.out.splitlines()) == 6


@pytest.mark.parametrize(
    ("layers", "code"),
    [
        ("wire", 1), ("calls", 0), ("calls,text", 1), ("parts, calls,times", 0), ("usage", 1),
        ("spelling", 0), ("never", 0),
    ],
)  # fmt: skip
def test_it_fails_on_the_layers_that_are_named(cli: Run, layers: str, code: int) -> None:
    assert cli("diff", KIMI, OTHER, "--fail-on", layers).code == code


def test_spelling_fails_only_where_it_is_named(cli: Run, tmp_path: Path) -> None:
    item = b'{"index":0,"id":"c","function":{"name":"f","arguments":"%s"}}'
    call = b'{"choices":[{"delta":{"tool_calls":[' + item + b"]}}]}"
    for name, arguments in (("a.sse", b'{\\"a\\":2}'), ("b.sse", b'{\\"a\\": 2}')):
        (tmp_path / name).write_bytes(b"data: " + call % arguments + b"\n\n")
    sides = tmp_path / "a.sse", tmp_path / "b.sse"
    told = cli("diff", *sides)
    assert told.code == 0 and "calls  ≈ respelt       1 respelt" in told.out
    assert cli("diff", *sides, "--fail-on", "spelling").code == 1


@pytest.mark.parametrize(
    ("layers", "error"),
    [
        ("wires", "wants some of wire, parts, calls, text, usage, times, spelling, never"),
        ("", "wants layers, such as wire,calls; or never alone"),
        ("never,wire", "or never alone"),
    ],
)
def test_a_layer_that_there_is_not_is_refused(cli: Run, layers: str, error: str) -> None:
    told = cli("diff", KIMI, OTHER, "--fail-on", layers)
    assert told.code == 2 and error in " ".join(told.err.split())


def test_what_cannot_be_read_exits_with_two(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "torn.yaml").write_text("interactions: [")
    told = cli("diff", KIMI, tmp_path / "torn.yaml")
    assert told.code == 2 and "torn.yaml" in told.err and told.out == ""
    assert cli("diff", KIMI, tmp_path / "none.yaml").code == 2
    (tmp_path / "empty.yaml").write_text("---\nversion: 2\ninteractions: []\n")
    told = cli("diff", KIMI, tmp_path / "empty.yaml")
    assert told.code == 2 and "no answer of one in the new recording" in told.err


@pytest.mark.parametrize("words", [("--json",), ("--format", "json")])
def test_json_is_for_programs(cli: Run, words: tuple[str, ...]) -> None:
    told = cli("diff", KIMI, OTHER, *words)
    found = json.loads(told.out)
    assert told.code == 1 and found["layers"]["calls"]["verdict"] == "same"
    assert (found["old"], found["new"]) == (KIMI, OTHER)


def test_the_page_is_saved(cli: Run, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    told = cli("diff", KIMI, OTHER, "-o", page)
    assert told.out.endswith(f"\nWritten: {page}\n") and "<mark>" in page.read_text("utf-8")
    told = cli("diff", KIMI, OTHER, "-o", page, "--json")
    assert json.loads(told.out) and f"Written: {page}" in told.err


def test_standard_input_is_a_side(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "a.sse").write_bytes(BODY)
    assert cli("diff", tmp_path / "a.sse", "-", stdin=BODY).code == 0


def test_hostile_text_controls_no_terminal(cli: Run, tmp_path: Path) -> None:
    evil = b"a \\u001b[31mred word in a text that is long enough to be marked %d"
    for number in (1, 2):
        data = b'{"choices":[{"delta":{"content":"' + evil % number + b'"}}],"\\u001b]0;%d":1}'
        (tmp_path / f"{number}.sse").write_bytes(b"data: " + data % number + b"\n\n")
    told = cli("diff", tmp_path / "1.sse", tmp_path / "2.sse")
    assert told.code == 1 and "\x1b" not in told.out and "\\u001b[31mred" in told.out


def test_diff_and_compare_say_how_they_differ(cli: Run) -> None:
    for command in ("diff", "compare"):
        told = " ".join(cli(command, "--help").out.split())
        assert "two recordings of one test" in told and "two answers side by side" in told


def test_several_conversations_are_numbered(cli: Run, tmp_path: Path) -> None:
    import chatviz as cv

    first, second = (cv.load_cassette(cv.sample(name)) for name in (KIMI, "gemini_2.5-flash"))
    both = cv.Cassette((*first.interactions, *second.interactions))
    cv.save_cassette(both, tmp_path / "both.yaml")
    bent = (tmp_path / "both.yaml").read_bytes().replace(b"Multiplication: 2", b"Product: 2")
    (tmp_path / "bent.yaml").write_bytes(bent)
    told = cli("diff", tmp_path / "both.yaml", tmp_path / "bent.yaml", "--fail-on", "never")
    assert told.code == 0
