"""``chatviz faults``: what is printed, what is written, and the exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chatviz.doors.cli.commands.serving import AT_CHUNK
from chatviz.evidence.fault_matrix.planning.kinds import FAULTS
from tests.doors.cli.conftest import KIMI, Run

CLIENTS = "tests.evidence.fault_matrix.clients"
NAIVE, CAREFUL = f"{CLIENTS}:naive", f"{CLIENTS}:careful"


def test_a_client_that_could_have_done_better_is_exit_code_1(cli: Run, tmp_path: Path) -> None:
    page, test = tmp_path / "faults.html", tmp_path / "test_it.py"
    told = cli(
        "faults", KIMI, "--test", NAIVE, "--any", "--faults", "cut,drop,refuse",
        "--chunks", "3,20", "-o", page, "--as-test", test,
    )  # fmt: skip
    assert told.code == 1
    lines = told.out.splitlines()
    assert lines[:5] == [
        "interaction 0: 2 of 44 chunks",
        "chunk             3   20",
        "cut               W!  ✓",
        "drop              W   ✓",
        "refuse            W!",
    ]
    assert "✓ right answer; W wrong answer without an error" in lines
    assert lines[-1].startswith("5 cells: 2 right answer, 3 wrong answer without an error")
    assert any(line.endswith("[http_error]") for line in lines)
    assert "<img " in page.read_text() and "def test_cut_at_chunk_3" in test.read_text()
    assert f"Written: {page}\nWritten: {test}\n" == told.err


def test_a_client_that_raises_is_exit_code_0_and_strict_counts_what_nobody_can_know(
    cli: Run,
) -> None:
    words = ("faults", KIMI, "--test", CAREFUL, "--any", "--faults", "cut,drop", "--chunks", "7")
    assert cli(*words).code == 0
    assert cli(*words, "--strict").code == 1


def test_json_is_for_programs(cli: Run) -> None:
    told = cli(
        "faults", KIMI, "--test", NAIVE, "--any", "--faults", "cut", "--chunks", "3", "--json"
    )
    document = json.loads(told.out)
    assert told.code == 1 and document["planned"] == 1 and document["unasked"] == [1]
    (cell,) = document["cells"]
    assert (cell["fault"], cell["chunk"], cell["verdict"]) == ("cut", 3, "wrong")
    assert cell["got"] == repr("I'll add and") and cell["is_failure"] is True


def test_a_file_is_a_module_and_its_errors_are_its_own(cli: Run, tmp_path: Path) -> None:
    path = tmp_path / "my_planted_client.py"
    path.write_text("def same(url):\n    return 'same'\n")
    told = cli(
        "faults", KIMI, "--test", f"{path}:same", "--over", "server", "--faults", "refuse",
    )  # fmt: skip
    assert told.code == 2 and "no answer has such chunks" not in told.err
    assert "asked for none of its answers" in " ".join(told.err.split())


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("--test", "nothing"), "wanted MODULE:FUNCTION"),
        (("--test", "no_such_module_at_all:f"), "there is no module 'no_such_module_at_all'"),
        (("--test", f"{CLIENTS}:no_such_function"), "has no function 'no_such_function'"),
        (("--test", NAIVE, "--faults", "cutt"), "wanted the name of a fault"),
        (("--test", NAIVE, "--chunks", "a"), "wanted numbers of chunks"),
        (("--test", CAREFUL), "it raised NoMatchingInteraction"),
        (("--test", NAIVE, "--any", "--chunks", "99", "--faults", "cut"), "have 44 chunks"),
    ],
)
def test_what_cannot_be_tried_is_said_in_a_sentence(
    cli: Run, words: tuple[str, ...], error: str
) -> None:
    told = cli("faults", KIMI, *words)
    assert told.code == 2 and told.out == ""
    assert error in " ".join(told.err.split())


def test_ctrl_c_prints_what_was_done(cli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from chatviz.evidence.fault_matrix import trying

    judge, calls = trying.judge, iter(range(9))

    def interrupted(*arguments: object, **options: object) -> object:
        if next(calls) == 1:
            raise KeyboardInterrupt
        return judge(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(trying, "judge", interrupted)
    told = cli("faults", KIMI, "--test", CAREFUL, "--any", "--faults", "cut", "--chunks", "3,7")
    assert told.code == 130
    assert "stopped (interrupted) with 1 to go" in told.out


def test_faults_have_the_names_that_serve_gives_them() -> None:
    assert list(FAULTS) == [*AT_CHUNK, "refuse"]
