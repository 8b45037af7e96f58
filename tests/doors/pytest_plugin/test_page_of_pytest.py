"""The examples of clients in the documents: each is recorded from a stand-in.

Those of docs/pytest.md are tests, and are replayed, too. Those of docs/how_to/clients/ that need
what our own tests do not are marked ``py`` there; `tests/test_pages.py` runs the rest.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest

import chatviz as cv
from tests.doors.pytest_plugin.inner import InnerTests

pytest_plugins = ["pytester"]

DOCS = Path(__file__).parents[3] / "docs"


def blocks(page: Path, kind: str) -> list[str]:
    text = page.read_text(encoding="utf-8")
    return re.findall(rf"^```{kind}\n(.*?)^```$", text, re.M | re.S)


TESTS = blocks(DOCS / "pytest.md", "python")
CLIENTS = sorted((DOCS / "how_to" / "clients").glob("*.md"))
HOW_TO = [(path.stem, block) for path in CLIENTS for block in blocks(path, "py")]
SDKS = (
    "openai", "anthropic", "groq", "google.genai", "langchain_anthropic", "langchain_openai",
    "litellm",
)  # fmt: skip
KIMI = "openrouter_kimi-k2_fireworks"
ANTHROPIC = "anthropic_claude-sonnet-4"
GEMINI = "gemini_2.5-flash"


def name_of(source: str) -> str:
    return re.findall(r"def (test_\w+)", source)[0]


def is_installed(name: str) -> bool:
    return find_spec(name.partition(".")[0]) is not None and find_spec(name) is not None


def skip_unless_installed(source: str) -> None:
    imported = source.replace("from google import genai", "import google.genai")
    for name in SDKS:
        is_used = re.search(rf"^(?:import|from) {re.escape(name)}\b", imported, re.M)
        if is_used and not is_installed(name):
            pytest.skip(f"{name} is not installed")


@contextmanager
def stand_in(source: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Answer whatever the code asks; yield it with the address of the answers put into it."""
    skip_unless_installed(source)
    sample = ANTHROPIC if "anthropic" in source else GEMINI if "genai" in source else KIMI
    answers = cv.ReplayServer(cv.sample(sample), match=lambda asked, recorded: [], repeat=True)
    with answers as server:
        monkeypatch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")
        for sdk in ("OPENAI", "ANTHROPIC", "GROQ", "GOOGLE_GEMINI"):
            monkeypatch.setenv(f"{sdk}_BASE_URL", server.url)
            monkeypatch.setenv(f"{sdk.partition('_')[0]}_API_KEY", "sk-" + "4" * 40)
        source = source.replace('upstream="openai"', f'upstream="{server.url}"')
        source = re.sub(r'Tap\("\w+"', f'Tap("{server.url}"', source)
        yield source.replace("https://api.openai.com", server.url)
    for sdk in ("OPENAI", "ANTHROPIC", "GROQ", "GOOGLE"):
        monkeypatch.delenv(f"{sdk}_API_KEY")


@pytest.mark.parametrize("source", TESTS, ids=name_of)
def test_the_tests_of_the_page_record_and_replay(
    inner: InnerTests, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    with stand_in(source, monkeypatch) as code:
        inner.write(code, raw=True)
        inner.run("-p", "anyio").assert_outcomes(passed=1)
    inner.run("-p", "anyio", "--chatviz-mode=none").assert_outcomes(passed=1)
    if "mode=" not in source and "chatviz_" in source:
        assert [path.stem.partition("[")[0] for path in inner.cassettes()] == [name_of(source)]


def test_the_how_to_has_an_example_of_each() -> None:
    names = [name for name, _ in HOW_TO]
    assert names == ["google-genai", "langchain", "langchain", "litellm"]


@pytest.mark.parametrize("source", [source for _, source in HOW_TO], ids=[one for one, _ in HOW_TO])
def test_the_examples_of_the_how_to_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    with stand_in(source, monkeypatch) as code:
        command = [sys.executable, "-c", f"import chatviz as cv\n{code}"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (path,) = tmp_path.glob("*.yaml")
    (run,) = cv.read_runs(path)
    assert run.timing == "measured" and len(run.chunks) > 0
