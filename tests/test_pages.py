"""The pages that people learn from: their code runs, and prints what they say.

In `docs/tutorials/start.md` and `docs/how_to/` the blocks of a page run in their order, in an
empty folder: ``python`` (with ``text`` right below it: what it prints), and ``console``, whose
lines with ``$`` are commands of chatviz, with what they print below them. ``sh`` is for what no
test can run.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
import io
import os
import re
import shlex
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest

import chatviz as cv
from chatviz.doors.cli.main import main, run

DOCS = Path(__file__).parents[1] / "docs"
PAGES = [DOCS / "tutorials" / "start.md", *sorted((DOCS / "how_to").rglob("*.md"))]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$\n*", re.MULTILINE | re.DOTALL)
NEEDED = re.compile(
    r"^(?:import|from) (openai|anthropic|dask|groq|pyarrow|starlette)\b", re.MULTILINE
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_its_code_prints_what_it_says(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = page.read_text(encoding="utf-8")
    for name in NEEDED.findall(text):
        pytest.importorskip(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    names: dict[str, Any] = {"__name__": "__main__"}
    said, heard = "", ""
    for kind, code in BLOCK.findall(text):
        if kind == "python":
            heard = printed_by(code, names)
            said += code
        elif kind == "text":
            assert heard == code, said
        elif kind == "console":
            for command, output in commands(code):
                assert answer(command, expected=output) == output, command


def printed_by(code: str, names: dict[str, Any]) -> str:
    """Run a block as a notebook would, with await; return what it prints."""
    compiled = compile(code, "<page>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    with redirect_stdout(io.StringIO()) as out:
        result = eval(compiled, names)
        if inspect.iscoroutine(result):
            asyncio.run(result)
    return out.getvalue()


def commands(block: str) -> Iterator[tuple[str, str]]:
    """Yield each command of a console block, with the output that stands below it."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield command, output


def answer(command: str, expected: str) -> str:
    """Run a command, hold it to its exit code (a comment may name it); return its output.

    A page may cut an output short by a last line "...", or show none of it.
    """
    program, *words = shlex.split(command, comments=True)
    code = re.search(r"# exit code (\d)", command)
    assert program == "chatviz"
    with redirect_stdout(io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="\n")) as out:
        assert run(words) == (int(code[1]) if code else 0), command
        out.flush()
    output = out.buffer.getvalue().decode().replace(os.sep, "/")  # type: ignore[attr-defined]
    start = expected.removesuffix("...\n")
    return (
        expected if start != expected and output.startswith(start) else output if expected else ""
    )


def test_every_public_name_is_in_the_reference_once() -> None:
    pages = "\n".join(path.read_text(encoding="utf-8") for path in DOCS.glob("reference/*.md"))
    listed = " ".join(
        re.findall(r"^```\{public-names\}\n(?::[^\n]*\n)*(.*?)^```", pages, re.M | re.S)
    )
    assert sorted(listed.split()) == sorted(cv.__all__)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_no_test_can_run_names_commands_that_exist(page: Path) -> None:
    for kind, code in BLOCK.findall(page.read_text(encoding="utf-8")):
        for line in re.findall(r"^chatviz (.*)$", code, re.MULTILINE) if kind == "sh" else ():
            words = shlex.split(line, comments=True)
            assert words[0] in main.commands, line
            options = {one for param in main.commands[words[0]].params for one in param.opts}
            assert {word for word in words if word.startswith("--") and word != "--"} <= options
