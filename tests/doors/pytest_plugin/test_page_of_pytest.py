"""docs/pytest.md: every test in it is recorded from a stand-in, and replayed without."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

import chatviz as cv
from tests.doors.pytest_plugin.inner import InnerTests

pytest_plugins = ["pytester"]

PAGE = Path(__file__).parents[3] / "docs" / "pytest.md"
TESTS = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.M | re.S)
SDKS = ("openai", "anthropic", "groq", "google.genai", "langchain_openai", "litellm")
KIMI = "openrouter_kimi-k2_fireworks"
ANTHROPIC = "anthropic_claude-sonnet-4"
GEMINI = "gemini_2.5-flash"


def name_of(source: str) -> str:
    return re.findall(r"def (test_\w+)", source)[0]


def is_installed(name: str) -> bool:
    return find_spec(name.partition(".")[0]) is not None and find_spec(name) is not None


@pytest.mark.parametrize("source", TESTS, ids=name_of)
def test_its_tests_record_and_replay(
    inner: InnerTests, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    """A stand-in answers whatever is asked; nothing but its address is put into the code."""
    imported = source.replace("from google import genai", "import google.genai")
    for name in SDKS:
        is_used = re.search(rf"^(?:import|from) {re.escape(name)}\b", imported, re.M)
        if is_used and not is_installed(name):
            pytest.skip(f"{name} is not installed")
    sample = ANTHROPIC if "anthropic" in source else GEMINI if "genai" in source else KIMI
    environ = {"LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    stand_in = cv.ReplayServer(cv.sample(sample), match=lambda asked, recorded: [], repeat=True)
    with stand_in as server:
        for sdk in ("OPENAI", "ANTHROPIC", "GROQ", "GOOGLE_GEMINI"):
            environ |= {f"{sdk}_BASE_URL": server.url, f"{sdk}_API_KEY": "sk-" + "4" * 40}
        environ["GOOGLE_API_KEY"] = environ.pop("GOOGLE_GEMINI_API_KEY")
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        source = source.replace('upstream="openai"', f'upstream="{server.url}"')
        inner.write(source.replace("https://api.openai.com", server.url), raw=True)
        inner.run_apart("-p", "anyio").assert_outcomes(passed=1)
    for name in ("OPENAI", "ANTHROPIC", "GROQ", "GOOGLE"):
        monkeypatch.delenv(f"{name}_API_KEY")
    inner.run_apart("-p", "anyio", "--chatviz-mode=none").assert_outcomes(passed=1)
    if "mode=" not in source and "chatviz_" in source:
        assert [path.stem.partition("[")[0] for path in inner.cassettes()] == [name_of(source)]
