"""Tables, pages and recordings that the command line writes."""

from __future__ import annotations

import builtins
import io
import json
import shutil
from pathlib import Path
from typing import Any

import click
import pandas as pd
import pytest

import chatviz as cv
from chatviz.doors.cli.commands.serving import read_fault
from chatviz.doors.cli.commands.tables import KINDS
from chatviz.explanations import codes, explain
from tests.doors.cli.conftest import BODY, KIMI, Run

KEY = "sk-proj-" + "Ab1" * 16


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret.yaml"
    path.write_text(
        "version: 2\ninteractions:\n- id: 0\n  request:\n    method: POST\n"
        "    url: https://api.openai.com/v1/chat/completions\n    body: '{}'\n"
        f"    headers: {{Authorization: ['Bearer {KEY}']}}\n"
        f"  response: {{code: 200, body: '{{}}', headers: {{}}}}\n"
    )
    return path


@pytest.mark.parametrize("kind", KINDS)
def test_every_table_is_that_of_the_library(cli: Run, kind: str) -> None:
    told = cli("table", kind, KIMI, "--to", "json")
    given: Any = cv.read_conversation(cv.sample(KIMI))
    table = getattr(cv, KINDS[kind])(given)
    assert told.code == 0
    assert json.loads(told.out) == json.loads(table.to_json(orient="records", date_format="iso"))
    assert cli("table", kind, KIMI).code == 0


def test_several_recordings_are_told_apart(cli: Run) -> None:
    told = cli("table", "usage", KIMI, "gemini_2.5-flash", "--to", "csv").out
    frame = pd.read_csv(io.StringIO(told))
    assert list(frame["run"]) == [0, 1, 0, 1] and frame["file"].nunique() == 2


def test_csv_is_guarded_against_formulas_unless_it_is_raw(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "a.sse").write_bytes(BODY.replace(b"Hi", b"=cmd|x"))
    assert "'=cmd|x" in cli("table", "chunks", tmp_path / "a.sse", "--to", "csv").out
    assert "'=cmd|x" not in cli("table", "chunks", tmp_path / "a.sse", "--to", "csv", "--raw").out


def test_parquet_wants_a_file_and_pyarrow(
    cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "wanted -o FILE" in cli("table", "runs", KIMI, "--to", "parquet").err
    target = tmp_path / "runs.parquet"
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name.partition(".")[0] in ("pyarrow", "fastparquet"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    told = cli("table", "runs", KIMI, "--to", "parquet", "-o", target)
    assert told.code == 2 and "pip install pyarrow" in told.err and not target.exists()


def test_data_on_a_terminal_cannot_control_it(
    cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.sse").write_bytes(BODY.replace(b"Hi", b"\\u001b[31mHi\\u009b"))
    words = ("table", "deltas", tmp_path / "a.sse", "--to", "csv")
    assert "\x1b[31mHi\x9b" in cli(*words).out  # a pipe gets it as it is
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert "\\u001b[31mHi\\u009b" in cli(*words).out


def test_a_table_for_the_eye_fits_and_says_what_it_leaves_out(
    cli: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("chatviz.doors.cli.terminal.shutil.get_terminal_size", lambda: (80, 24))
    monkeypatch.setattr("chatviz.doors.cli.commands.tables.width_of", lambda _: 80)
    told = cli("table", "runs", KIMI)
    assert max(map(len, told.out.splitlines())) <= 80 and "Fireworks" in told.out
    assert "Without any value: error, time_to_first_chunk_s," in told.out
    assert cli("table", "gaps", KIMI).out.startswith("No rows. The columns are: run, timing,")
    kept = tmp_path / "runs.txt"
    assert cli("table", "runs", KIMI, "-o", kept).code == 0
    assert "\x1b" not in kept.read_text(encoding="utf-8")


def test_a_long_table_says_how_much_follows(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "long.sse").write_bytes(BODY[:70] * 100)
    assert "40 more rows (--to csv" in cli("table", "chunks", tmp_path / "long.sse").out


def test_a_scorecard_is_of_all_files_together_by_what_one_asks(cli: Run) -> None:
    sources = (KIMI, "openrouter_kimi-k2_novita")
    told = cli("table", "scorecard", *sources, "--by", "model", "--by", "provider", "--to", "csv")
    frame = pd.read_csv(io.StringIO(told.out))
    assert frame["provider"].tolist() == ["Fireworks", "Novita"]
    assert frame["answers"].tolist() == [2, 2]
    assert (
        len(pd.read_csv(io.StringIO(cli("table", "scorecard", *sources, "--to", "csv").out))) == 1
    )
    wrong = cli("table", "runs", KIMI, "--by", "model")
    assert wrong.code == 2 and "what a scorecard's rows are" in wrong.err


def test_a_folder_becomes_one_page(cli: Run, tmp_path: Path) -> None:
    for name in (KIMI, "openrouter_kimi-k2_novita"):
        shutil.copy(cv.sample(name), tmp_path / f"{name}.yaml")
    page = tmp_path / "page.html"
    told = cli("html", tmp_path, "-o", page, "--view", "overview")
    assert told.code == 0 and "Overview: 2 conversations with 4 answers" in told.out
    assert "makeOverview" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("view", ["inspect", "timeline", "tool-calls", "transcript", "usage"])
def test_a_page_is_saved_with_its_title_and_note(cli: Run, tmp_path: Path, view: str) -> None:
    page = tmp_path / "page.html"
    told = cli("html", KIMI, "-o", page, "--view", view, "--title", "A <b>", "--note", "Look.")
    assert told.code == 0
    text = page.read_text(encoding="utf-8")
    assert "<title>A &lt;b&gt;</title>" in text and "<p class=note>Look.</p>" in text
    assert "kimi-k2" in text or view == "transcript"


def test_sides_are_compared_and_the_exit_code_says_whether_they_differ(
    cli: Run, tmp_path: Path
) -> None:
    same = cli("compare", KIMI, KIMI)
    assert same.code == 0 and "0 of them with a difference" in same.out
    page = tmp_path / "page.html"
    other = cli("compare", KIMI, "openrouter_kimi-k2_novita", "-o", page)
    assert other.code == 1 and "the first is in text of step 1" in other.out
    assert "input tokens" in other.out and page.exists()
    assert cli("html", KIMI, "-o", page, "--view", "compare").code == 2


def test_an_answer_that_says_nothing_differs_from_one_that_does(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "said.sse").write_bytes(BODY)
    (tmp_path / "silent.sse").write_bytes(b"data: [DONE]\n\n")
    told = cli("compare", tmp_path / "said.sse", tmp_path / "silent.sse")
    assert told.code == 1 and "1 not on all sides" in told.out
    assert "only here" in told.out and "the same" not in told.out


def test_a_recording_is_converted(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "a.sse").write_bytes(BODY)
    told = cli("convert", tmp_path / "a.sse", tmp_path / "a.yaml")
    assert told.code == 0 and "a.yaml: 1 interaction, as" in told.out
    assert cv.read_runs(tmp_path / "a.yaml")[0].message.text == "Hi"


def test_secrets_are_removed_and_their_places_told(cli: Run, tmp_path: Path, secret: Path) -> None:
    clean = tmp_path / "clean.yaml"
    told = cli("redact", secret, clean)
    assert told.code == 0 and KEY not in told.out + told.err
    assert "interaction 0: request.headers.authorization" in told.out
    assert KEY not in clean.read_text() and KEY in secret.read_text()
    assert cli("redact", secret, "--check").code == 1
    assert cli("redact", clean, "--check").code == 0


def test_a_recording_is_never_written_over_by_what_is_made_of_it(cli: Run, secret: Path) -> None:
    before = secret.read_bytes()
    made = (
        *(["redact", secret, secret], ["convert", secret, secret], ["share", secret, secret]),
        *(["html", secret, "-o", secret], ["html", secret.parent, "-o", secret]),
        *(["compare", KIMI, secret, "-o", secret], ["diff", KIMI, secret, "-o", secret]),
        *(["table", "runs", secret, "-o", secret], ["sdks", secret, "-o", secret]),
        *(["shrink", secret, "--finding", "no_clock", word, secret] for word in ("-o", "--test")),
    )
    for words in made:
        told = cli(*words)
        assert told.code == 2 and "the target is the source" in told.err, words
        assert secret.read_bytes() == before
        assert KEY in secret.read_text()
    assert "wanted the path to write to" in cli("redact", secret).err


def test_what_cannot_be_written_is_named_before_the_work_begins(cli: Run, tmp_path: Path) -> None:
    missing = tmp_path / "missing" / "made.html"
    for target, said in (
        (missing, f"there is no folder '{missing.parent}' for the target"),
        (tmp_path, "is a folder: give a path to a file in it"),
    ):
        for words in (
            *(["redact", KIMI], ["convert", KIMI], ["share", KIMI], ["html", KIMI, "-o"]),
            *(["compare", KIMI, KIMI, "-o"], ["diff", KIMI, KIMI, "-o"]),
            *(["table", "runs", KIMI, "-o"], ["sdks", KIMI, "-o"]),
            *(["shrink", KIMI, "--finding", "no_clock", word] for word in ("-o", "--test")),
            ["faults", KIMI, "--test", "json:loads", "--as-test"],
        ):
            told = cli(*words, target)
            assert told.code == 2 and not told.out and not missing.parent.exists(), words
            # A command that wants a file is told of a folder by click.
            assert said in told.err or f"File '{target}' is a directory" in told.err, told.err


def test_a_target_that_the_system_refuses_is_named(
    cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied", "a temporary name")

    for module in ("chatviz.whole_files", "chatviz.cassettes.storage"):
        monkeypatch.setattr(f"{module}.write_whole", refuse)
    for words in (["table", "runs", KIMI, "-o"], ["share", KIMI], ["convert", KIMI]):
        told = cli(*words, tmp_path / "made.yaml")
        assert told.code == 2 and "cannot be written: Permission denied" in told.err
        assert "made.yaml" in told.err and "temporary" not in told.err and "--names" not in told.err


def test_a_recording_is_shared_and_held_against_what_it_was(
    cli: Run, tmp_path: Path, secret: Path
) -> None:
    shown = tmp_path / "shown.yaml"
    told = cli("share", secret, shown)
    assert (
        told.code == 0 and "may be shown" in told.out and "holds: findings are the same" in told.out
    )
    assert KEY not in shown.read_text() + told.out + told.err
    assert cli("share", KIMI, shown, "--names", "helpful", "--text", "keep").code == 0
    (asked, *_) = cv.read_runs(shown)[0].chat_request.messages
    assert asked.text.startswith("You are a ") and "helpful" not in asked.text


def test_a_table_in_the_folder_that_it_is_of_can_be_written_again(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "a.sse").write_bytes(BODY)
    for _ in range(2):
        told = cli("table", "runs", tmp_path, "--to", "json", "-o", tmp_path / "runs.json")
        assert told.code == 0, told.err


def test_what_may_not_be_shown_ends_with_1(cli: Run, tmp_path: Path) -> None:
    told = cli("share", KIMI, tmp_path / "shown.yaml", "--names", "kimi")
    assert told.code == 1 and "do not show it" in told.out and "FAILS: usage" in told.out
    told = cli("share", KIMI, tmp_path / "other.yaml", "--names", "k")
    assert (
        told.code == 2 and "two characters" in told.err and not (tmp_path / "other.yaml").exists()
    )
    assert "the target is the source" in cli("share", cv.sample(KIMI), cv.sample(KIMI)).err


def test_samples_and_explanations(cli: Run) -> None:
    told = cli("samples").out
    assert all(name in told for name in cv.samples())
    told = cli("explain", "call_index_gap").out
    assert told.startswith("call_index_gap (warning)\n") and "\nCareless code" in told
    assert "```" not in told and "**" not in told and "\n    " in told
    assert "usage_missing" in cli("explain", "usage_mising").err
    listed = cli("explain").out.splitlines()
    assert [line.strip() for line in listed if line.startswith("  ") and line[2] != " "] == [
        code for severity in ("error", "warning", "info") for code in codes()
        if explain(code).startswith(f"**{severity}**")
    ]  # fmt: skip


def test_on_a_terminal_the_folder_of_the_samples_is_said_once(
    cli: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = cli("samples").out.splitlines()  # for other programs
    assert [line.split()[1] for line in lines] == [str(cv.sample(name)) for name in cv.samples()]
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    *listed, folder = click.unstyle(cli("samples").out).splitlines()
    for line in listed:
        name, path = line.split()
        assert Path(folder.removeprefix("The files are in "), path) == cv.sample(name)


@pytest.mark.parametrize(
    ("word", "fault"),
    [
        ("cut@10", cv.Cut(10)), ("stall@3:2.5", cv.Stall(3, seconds=2.5)), ("stall@3", cv.Stall(3)),
        ("drop@0", cv.Drop(0)), ("duplicate@1", cv.Duplicate(1)), ("corrupt@2", cv.Corrupt(2)),
        ("end@3", cv.End(3)), ("split@2", cv.SplitCharacter(2)), ("error@4", cv.SendError(4)),
        ("refuse", cv.Refuse()), ("refuse@2", cv.Refuse(times=2)),
    ],
)  # fmt: skip
def test_faults_are_named_in_a_word(word: str, fault: Any) -> None:
    assert read_fault(word) == fault


@pytest.mark.parametrize(
    "word", ["cut", "cut@x", "burn@1", "cut@1:2", "stall@1:x", "refuse@1:2", "refuse@0", "cut@-1"]
)
def test_a_word_that_names_no_fault_says_what_does(cli: Run, word: str) -> None:
    told = cli("serve", KIMI, "--fault", word)
    assert told.code == 2 and "stall@CHUNK:SECONDS" in told.err and repr(word) in told.err


def test_a_fault_that_fits_no_answer_is_told_before_it_is_served(cli: Run) -> None:
    told = cli("serve", KIMI, "--fault", "cut@9999")
    assert told.code == 2 and "names chunk 9999" in told.err and "None of 2 fits" in told.err


def test_a_sample_goes_by_its_name_where_people_read(cli: Run, tmp_path: Path) -> None:
    told = cli("lint", KIMI, "--notes").out
    assert f"{KIMI}: interaction 0" in told and str(cv.sample(KIMI)) not in told
    assert str(cv.sample(KIMI)) in cli("lint", KIMI, "--format", "json").out
    (tmp_path / "a.sse").write_bytes(BODY)
    told = cli("table", "usage", KIMI, tmp_path / "a.sse").out
    assert "openrouter" in told and "multi_tool" not in told
    assert (
        str(cv.sample(KIMI)) in cli("table", "usage", KIMI, tmp_path / "a.sse", "--to", "csv").out
    )


def test_a_name_that_is_no_file_brings_the_samples_to_mind(cli: Run) -> None:
    told = cli("show", "kimi")
    assert told.code == 2 and "A sample is called 'openrouter_kimi-k2_fireworks' or" in told.err
    assert "A sample" not in cli("show", "nothing_like_it").err


def test_a_code_that_is_like_no_other_says_where_they_are_listed(cli: Run) -> None:
    assert "'chatviz explain' lists them" in cli("explain", "zzz").err


def test_a_large_recording_says_on_a_terminal_that_it_is_read_and_how_far(
    cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cli("lint", KIMI).err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert cli("lint", KIMI).err == ""
    monkeypatch.setattr("chatviz.doors.cli.sources.MANY", 2)
    monkeypatch.setattr("chatviz.doors.cli.sources.LARGE", 1)
    monkeypatch.setattr("chatviz.progress_bar.FIRST_AFTER_S", 0.0)
    for command in ("lint", "show"):
        told = cli(command, KIMI).err
        assert told.startswith(f"reading {cv.sample(KIMI)} (0 MB) …\n"), command
        assert "reading:   0%" in told and told.endswith("\r"), command
    assert cli("show", tmp_path / "gone.yaml").code == 2
