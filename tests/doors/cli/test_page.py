"""docs/command_line.md: its commands run, and it names every command, option and fault."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.shell_completion import ShellComplete

from chatviz.doors.cli.commands.serving import AT_CHUNK
from chatviz.doors.cli.commands.tables import KINDS
from chatviz.doors.cli.main import main
from tests.doors.cli.conftest import Run

PAGE = (Path(__file__).parents[3] / "docs" / "command_line.md").read_text(encoding="utf-8")
FILES = re.findall(r"^```python\n# (\w+\.py)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
LINES = re.findall(r"^\$ chatviz (.*)$", PAGE, re.MULTILINE)


def test_its_commands_run_in_their_order(
    cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = [line for line in LINES if not line.startswith(("serve", "tap"))]  # it would never end
    for name, text in FILES:
        (tmp_path / name).write_text(text, encoding="utf-8")
    codes = {line: cli(*shlex.split(line)).code for line in ran}
    assert codes == dict.fromkeys(ran, 0) and len(ran) > 12
    assert (tmp_path / "clean.yaml").exists() and (tmp_path / "page.html").exists()


def test_it_names_every_command_table_and_fault() -> None:
    for name in main.commands:
        assert re.search(rf"chatviz {name}|`{name}`", PAGE), name
    for word in (*KINDS, *(f"{fault}@" for fault in AT_CHUNK)):
        assert f"`{word}" in PAGE, word


def test_the_options_that_it_names_exist() -> None:
    options = {
        option
        for command in main.commands.values()
        for parameter in command.params
        if isinstance(parameter, click.Option)
        for option in parameter.opts
    }
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", PAGE))
    assert named <= options | {"--traceback"}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_there_for_each_shell(shell: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "chatviz"],
        env={"_CHATVIZ_COMPLETE": f"{shell}_source", "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "_CHATVIZ_COMPLETE" in done.stdout or "bash" in done.stderr  # too old a bash says so
    assert done.returncode == 0 or "bash" in done.stderr


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
def test_a_real_bash_completes_a_sample(tmp_path: Path) -> None:
    program = tmp_path / "chatviz"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m chatviz "$@"\n')
    program.chmod(0o755)
    script = (
        'eval "$(_CHATVIZ_COMPLETE=bash_source chatviz)" && COMP_WORDS=(chatviz show gem) '
        '&& COMP_CWORD=2 && _chatviz_completion chatviz && echo "${COMPREPLY[@]}"'
    )
    folders = (str(tmp_path), *os.environ["PATH"].split(os.pathsep))
    done = subprocess.run(
        ["bash", "-ec", script], env={**os.environ, "PATH": os.pathsep.join(folders)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout.strip()) == (0, "gemini_2.5-flash"), done.stderr


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("chatviz show openrouter", ["openrouter_kimi-k2_fireworks", "openrouter_kimi-k2_novita"]),
        ("chatviz convert gemini", ["gemini_2.5-flash"]),
        ("chatviz explain call_index_g", ["call_index_gap"]),
        ("chatviz lint a --ignore usage_mis", ["usage_missing"]),
        ("chatviz table us", ["usage"]),
        ("chatviz sho", ["show"]),
    ],
)
def test_a_shell_completes_commands_samples_and_codes(words: str, offered: list[str]) -> None:
    typed = shlex.split(words)
    found = ShellComplete(main, {}, "chatviz", "_CHATVIZ_COMPLETE").get_completions(
        typed[1:-1], typed[-1]
    )
    assert [item.value for item in found] == offered


def test_a_shell_lists_its_files_where_no_sample_is_meant() -> None:
    complete = ShellComplete(main, {}, "chatviz", "_CHATVIZ_COMPLETE").get_completions
    assert [item.type for item in complete(["show"], "")] == ["file"]
    assert [item.type for item in complete(["compare", "a"], "recordings/x")] == ["file"]
