"""Registries, and what fills them: each look-up works in a fresh process, before anything else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import chatviz
from chatviz.registry import Registry
from chatviz.shown import Shown

WIDGET = "application/vnd.jupyter.widget-view+json"
STREAM = b'data: {"model": "m", "choices": [{"index": 0, "delta": {"content": "Hi"}}]}\n\n'


def run_alone(code: str) -> str:
    """Run some code in a Python of its own; return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(chatviz.__file__).parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_a_name_is_loaded_when_it_is_asked_for() -> None:
    asked: list[str] = []
    registry: Registry[int] = Registry("number")
    registry.fill({"one": lambda: asked.append("one") or 1, "two": lambda: 2})
    assert registry.names == ("one", "two")
    assert "two" in registry and "three" not in registry
    assert asked == []
    assert registry.load("one") == 1
    assert asked == ["one"]


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    registry: Registry[int] = Registry("number")
    with pytest.raises(LookupError, match="wanted a number, one of none, found 'one'"):
        registry.load("one")
    registry.fill({"two": lambda: 2})
    with pytest.raises(LookupError, match="one of 'two', found 'one'"):
        registry.load("one")


def test_a_value_that_is_shown_by_nothing_says_what_is() -> None:
    class Stranger(Shown):
        pass

    with pytest.raises(LookupError, match=r"'StreamRun', .* found 'Stranger'"):
        Stranger()._repr_mimebundle_()


def test_a_value_of_a_derived_class_is_shown_like_its_parent() -> None:
    class Mine(chatviz.Usage):
        pass

    assert Mine()._repr_mimebundle_()["text/plain"] == "Usage: nothing counted."


def test_every_name_of_the_registries_can_be_loaded() -> None:
    from chatviz.registry import RENDERERS, SHOWN, SOURCES

    assert {name: callable(SHOWN.load(name)) for name in SHOWN.names} == {
        "AgentResult": True,
        "Cassette": True,
        "Conversation": True,
        "Drift": True,
        "FaultMatrix": True,
        "SDKMatrix": True,
        "Shrunk": True,
        "StreamRun": True,
        "ToolCall": True,
        "Usage": True,
    }
    assert [callable(RENDERERS.load(name)) for name in ("html", "widget", "static")] == [True] * 3
    assert [callable(SOURCES.load(name)) for name in ("path", "cassette")] == [True] * 2


def test_a_source_is_read_through_the_registry_in_a_fresh_process(tmp_path: Path) -> None:
    path = tmp_path / "answer.sse"
    path.write_bytes(STREAM)
    shown = run_alone(f"""
from chatviz.registry import SOURCES
path = {str(path)!r}
print([run.message.text for run in SOURCES.load("path")(path)])
import chatviz as cv
print([run.message.text for run in SOURCES.load("cassette")(cv.load_cassette(path))])
""")
    assert shown.splitlines() == ["['Hi']", "['Hi']"]


def test_a_run_is_shown_by_ipython_in_a_fresh_process() -> None:
    shown = run_alone(f"""
import chatviz as cv
from IPython.core.formatters import DisplayFormatter
bundle, _ = DisplayFormatter().format(cv.read_stream({STREAM!r}))
print(sorted(bundle), "<table>" in bundle["text/html"])
print(bundle["text/plain"])
""")
    assert shown.splitlines() == [
        "['text/html', 'text/plain'] True",
        "Answer of m: 1 chunk, no finish reason.",
    ]


@pytest.mark.parametrize(
    ("renderer", "kinds", "has_script"),
    [
        ("html", ["text/html", "text/plain"], True),
        ("static", ["text/html", "text/plain"], False),
        ("widget", [WIDGET, "text/html", "text/plain"], True),
    ],
)
def test_a_view_is_shown_by_each_renderer_in_a_fresh_process(
    renderer: str, kinds: list[str], has_script: bool
) -> None:
    shown = run_alone(f"""
import chatviz as cv
cv.renderers.enable({renderer!r})
bundle = cv.usage(cv.read_stream({STREAM!r}))._repr_mimebundle_()
print(sorted(bundle), "<script" in bundle["text/html"])
""")
    assert shown == f"{kinds} {has_script}"
