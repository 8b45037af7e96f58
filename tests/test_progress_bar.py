"""The bar that says how far long work is, below a notebook's cell."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import IPython
import pytest
from IPython import display

from chatviz.progress_bar import NotebookLine, ProgressBar, is_in_notebook


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is written into the one display of a notebook, first to last."""
    told: list[str] = []

    class Handle:
        def update(self, data: dict[str, str], raw: bool) -> None:
            assert raw and data.keys() == {"text/plain"}
            told.append(data["text/plain"])

    def show(data: dict[str, str], **how: Any) -> Handle:
        assert not told and how == {"raw": True, "display_id": True}
        told.append(data["text/plain"])
        return Handle()

    monkeypatch.setattr(display, "display", show)
    monkeypatch.setattr(IPython, "get_ipython", lambda: SimpleNamespace(kernel=None))
    monkeypatch.setattr("chatviz.progress_bar.FIRST_AFTER_S", 0.0)
    assert is_in_notebook()
    return told


@pytest.mark.parametrize("stays", [True, False])
def test_in_a_notebook_a_bar_is_one_line_of_text(shown: list[str], stays: bool) -> None:
    with ProgressBar(3, doing="reading", unit="file", is_shown=True, stays=stays) as bar:
        for _ in range(3):
            bar.advance(1, bad=0)
    assert shown[0].startswith("reading:   0%|") and "0/3" in shown[0]
    *_, last = shown
    assert ("3/3" in last and "bad=0" in last and "█" in last) if stays else last == ""
    assert max(map(len, shown)) <= 80


def test_work_that_is_done_soon_shows_no_line(
    shown: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatviz.progress_bar.FIRST_AFTER_S", 60.0)
    with ProgressBar(3, doing="reading", unit="file", is_shown=True, stays=False) as bar:
        bar.advance(3)
    NotebookLine().write("")
    assert shown == []
