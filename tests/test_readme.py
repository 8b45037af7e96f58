"""README's first example prints what README says it prints."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import chatviz as cv
from chatviz.doors.cli.main import main

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
EXAMPLE = re.compile(
    r"^```python\n(?P<code>.*?)^```\n+(?:[^\n`]+\n+)?^```(?:text)?\n(?P<output>.*?)^```",
    re.M | re.S,
)


@pytest.fixture(scope="module")
def readme() -> str:
    """README's text."""
    if not README.exists():
        pytest.skip("no README.md yet")
    return README.read_text(encoding="utf-8")


def test_the_example_prints_what_stands_below_it(readme: str) -> None:
    example = EXAMPLE.search(readme)
    assert example, (
        "README.md needs a ```python block, followed by the ```text block that it prints"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-"],
        input=example["code"],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
    )
    assert (done.stdout, done.stderr) == (example["output"], "")


def test_the_example_stands_within_the_first_forty_lines(readme: str) -> None:
    assert readme[: readme.index("```python")].count("\n") < 40


def test_every_file_that_it_links_to_is_there(readme: str) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", readme)
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_name_and_command_that_it_shows_exists(readme: str) -> None:
    names = set(re.findall(r"\bcv\.(\w+)", readme))
    commands = set(re.findall(r"`chatviz (\w+)", readme))
    assert len(names) > 8 and names <= set(cv.__all__)
    assert len(commands) > 3 and commands <= set(main.commands)
