"""The command line as a whole: quick to start, errors in a sentence, exit codes."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from chatviz.doors.cli.main import main, run
from tests.doors.cli.conftest import BODY, KIMI, Run


def program_of(name: str) -> Callable[[], int]:
    """What a command of pyproject.toml runs."""
    text = (Path(__file__).parents[3] / "pyproject.toml").read_text(encoding="utf-8")
    script = tomllib.loads(text)["project"]["scripts"][name]
    program: Callable[[], int] = EntryPoint(name, script, "console_scripts").load()
    return program


CHATVIZ = [sys.executable, "-m", "chatviz"]


def test_help_loads_nothing_that_a_command_needs() -> None:
    code = (
        "import sys; from chatviz.doors.cli.main import run; run(['--help']);"
        "print([name for name in ('pandas', 'httpx', 'orjson', 'msgspec', 'yaml', 'ipywidgets',"
        " 'starlette') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_every_command_is_listed_with_a_whole_sentence(cli: Run) -> None:
    told = cli("--help")
    assert told.code == 0
    for name, command in main.commands.items():
        assert f"  {name}" in told.out
        assert command.short_help in told.out
        assert cli(name, "--help").code == 0


def test_the_version_is_said(cli: Run) -> None:
    from chatviz import __version__

    assert cli("--version").out == f"chatviz {__version__}\n"


@pytest.mark.parametrize("words", [["show"], ["shwo"], ["show", "--wdith"], ["table", "x", KIMI]])
def test_wrong_use_is_said_in_a_sentence(cli: Run, words: list[str]) -> None:
    told = cli(*words)
    assert told.code == 2 and "Error: " in told.err and "Traceback" not in told.err


def test_a_file_that_is_missing_is_named_with_those_near_it(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "answer.sse").write_bytes(BODY)
    told = cli("show", tmp_path / "anwser.sse")
    assert told.code == 2 and told.out == ""
    assert told.err.startswith("chatviz: ") and "answer.sse" in told.err


def test_what_is_no_recording_says_what_it_is(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(20))
    told = cli("show", tmp_path / "picture.png")
    assert told.code == 2 and "this is a picture (PNG)" in told.err


def test_an_error_that_nobody_meant_is_named_and_its_place_can_be_seen(
    cli: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatviz.doors.cli.commands.show._lines", lambda *_, **__: {}["secret"])
    told = cli("show", KIMI)
    assert told.code == 2
    assert told.err == (
        "chatviz: KeyError: this was not foreseen (--traceback shows where it comes from)\n"
    )
    with pytest.raises(KeyError):
        cli("show", KIMI, "--traceback")


def test_the_option_belongs_to_the_command_line_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands behind ``--`` is another program's."""
    given: list[list[str]] = []

    def keep(words: list[str], **_: object) -> int:
        given.append(words)
        return 0

    monkeypatch.setattr(main, "main", keep)
    run(["tap", "--traceback", "--", "app", "--traceback"])
    assert given == [["tap", "--", "app", "--traceback"]]


def test_an_errors_text_cannot_control_the_terminal(cli: Run, tmp_path: Path) -> None:
    told = cli("show", tmp_path / "\x1b[31mred")
    assert told.code == 2 and "\x1b" not in told.err


def test_a_files_name_that_looks_like_an_option_cannot_control_it_either(cli: Run) -> None:
    told = cli("show", "--\x1b[31mred")
    assert told.code == 2 and "\x1b" not in told.err and "1b[31mred" in told.err


def test_whoever_reads_the_output_may_go(tmp_path: Path) -> None:
    program = subprocess.Popen(
        [*CHATVIZ, "table", "chunks", KIMI, "--to", "json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert program.stdout is not None and program.stderr is not None
    program.stdout.close()
    assert b"Traceback" not in program.stderr.read()
    program.stderr.close()
    assert program.wait(60) in (0, 141)


def test_ctrl_c_while_it_loads_is_quiet_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("chatviz.doors.cli.main.run", interrupted)
    assert program_of("chatviz")() == 130


def test_the_installed_command_is_python_m_chatviz() -> None:
    from chatviz.__main__ import main as program

    assert program_of("chatviz") is program


@pytest.mark.skipif(sys.platform == "win32", reason="sends a POSIX signal")
def test_ctrl_c_ends_it_with_130() -> None:
    program = subprocess.Popen(
        [sys.executable, "-c", "import signal; signal.signal(signal.SIGINT,"
         " signal.default_int_handler); from chatviz.doors.cli.main import run;"
         f" raise SystemExit(run(['serve', '{KIMI}']))"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert program.stdout is not None
    assert "Serving 2 answers at http://127.0.0.1:" in program.stdout.readline()
    program.stdout.readline()
    time.sleep(0.2)  # it waits now
    program.send_signal(signal.SIGINT)
    _, errors = program.communicate(timeout=60)
    assert program.returncode == 130 and "Traceback" not in errors
    assert "2 answers were not asked for." in errors


def test_python_m_chatviz_is_the_same() -> None:
    done = subprocess.run([*CHATVIZ, "show", KIMI, "--json"], capture_output=True, check=True)
    assert len(json.loads(done.stdout)["conversations"]) == 1


def test_a_missing_extra_is_a_sentence_that_says_how_to_get_it(
    cli: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chatviz.transports.server import installed

    def find(name: str) -> object:
        raise ImportError(f"No module named {name!r}", name=name)

    monkeypatch.setattr(installed, "import_module", find)
    told = cli("serve", KIMI)
    assert told.code == 2 and "ImportError" not in told.err
    assert told.err.startswith("chatviz: ReplayServer needs starlette and uvicorn")
    assert "pip install 'chatviz-inspector[server]'" in told.err
