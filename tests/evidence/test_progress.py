"""The line that says how far it is."""

from __future__ import annotations

import io
import sys
from types import SimpleNamespace
from typing import Any

import pytest

import chatviz as cv
from tests.fake_clock import FakeClock


class Terminal(io.StringIO):
    """Standard error that is one."""

    def isatty(self) -> bool:
        return True


def shrink_slowly(seconds: float) -> cv.Shrunk:
    clock = FakeClock()

    def slow(run: cv.StreamRun) -> bool:
        clock.sleep(seconds)
        return len(run.message.tool_calls) > 0

    return cv.shrink("openrouter_kimi-k2_fireworks", slow, clock=clock, max_s=1e9)


def test_on_a_terminal_it_comes_after_a_second_and_goes_at_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "stderr", told := Terminal())
    shrunk = shrink_slowly(0.3)
    lines = told.getvalue().split("\r")
    assert lines[0] == "" and lines[-1] == "\x1b[K"
    assert 2 < len(lines) < shrunk.tries
    assert f"→ {len(shrunk.after.body):,} bytes" in lines[-2] and "tries" in lines[-2]


def test_what_is_quick_or_seen_by_nobody_writes_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shrink_slowly(5.0)
    assert capsys.readouterr() == ("", "")
    monkeypatch.setattr(sys, "stderr", told := Terminal())
    shrink_slowly(0.0)
    assert told.getvalue() == ""


def test_in_a_notebook_one_output_is_updated_and_emptied(monkeypatch: pytest.MonkeyPatch) -> None:
    import IPython
    from IPython import display

    shown: list[str] = []

    class Handle:
        def update(self, data: dict[str, str], raw: bool) -> None:
            shown.append(data["text/plain"])

    def show(data: dict[str, str], **_: Any) -> Handle:
        shown.append(data["text/plain"])
        return Handle()

    monkeypatch.setattr(display, "display", show)
    monkeypatch.setattr(IPython, "get_ipython", lambda: SimpleNamespace(kernel=None))
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    shrink_slowly(0.3)
    assert shown[0].startswith("shrinking ") and shown[-1] == "" and len(shown) > 2
