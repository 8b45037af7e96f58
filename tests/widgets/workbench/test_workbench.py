"""The workbench without a browser: the choice is Python's, a browser's requests are messages."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import ipywidgets
import pandas as pd
import pytest

import chatviz as cv
from chatviz.views.view import renderers
from chatviz.widgets import cell_placeholders
from chatviz.widgets.workbench import memory, scanning, workbench
from chatviz.widgets.workbench.workbench import Workbench


@pytest.fixture
def shelf(tmp_path: Path, seeds: Any) -> Path:
    """A folder with two recordings and a file that is none."""
    shutil.copy(seeds.fireworks, tmp_path / "a.yaml")
    shutil.copy(seeds.novita, tmp_path / "b.yaml")
    (tmp_path / "broken.yaml").write_text("version: 2\ninteractions: 7\n")
    return tmp_path


@pytest.fixture
def bench(shelf: Path, tmp_path: Path) -> Iterator[Workbench]:
    bench = Workbench(shelf, exports=tmp_path / "exports")
    yield bench
    bench.close()


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What is displayed; an update changes it in its place."""
    bundles: list[dict[str, Any]] = []

    class Handle:
        def __init__(self, place: int) -> None:
            self.place = place

        def update(self, bundle: dict[str, Any], raw: bool) -> None:
            bundles[self.place] = bundle

    def show(bundle: dict[str, Any]) -> Handle:
        bundles.append(bundle)
        return Handle(len(bundles) - 1)

    monkeypatch.setattr(workbench, "show", show)
    return bundles


def ask(bench: Workbench, kind: str, **content: Any) -> None:
    """Send a message as a browser does."""
    bench._handle_custom_msg({"kind": kind, **content}, [])


def sent(bench: Workbench, name: str) -> Any:
    """What a browser has been sent under a name of the model."""
    return bench.get_state()[name]


def wait_until(is_so: Callable[[], bool], *, at_most_s: float = 20) -> None:
    end_s = monotonic() + at_most_s
    while not is_so() and monotonic() < end_s:
        sleep(0.005)


# ---- what is chosen


def test_it_is_a_widget_that_shows_the_first_recording(bench: Workbench) -> None:
    assert isinstance(bench, ipywidgets.DOMWidget)
    assert bench.run is bench.conversation.runs[1]  # type: ignore[union-attr]
    assert bench.cassette.path.endswith("a.yaml")  # type: ignore[union-attr]
    assert repr(bench) == "<Workbench: 'a.yaml', run 1, chunk 29>"


def test_what_a_browser_chooses_is_read_in_python(bench: Workbench) -> None:
    ask(bench, "open", file=1, number=0)
    assert bench.cassette.path.endswith("b.yaml")  # type: ignore[union-attr]
    assert bench.run.provider == "Novita"  # type: ignore[union-attr]
    assert bench.conversation is bench.conversations[0]
    assert bench.errors == []


def test_what_is_set_in_python_takes_its_parts_along(bench: Workbench) -> None:
    bench.run = 0
    bench.chunk = 5
    assert repr(bench) == "<Workbench: 'a.yaml', run 0, chunk 5>"
    assert (bench.run, bench.chunk) == (bench.conversation.runs[0], bench.run.chunks[5])  # type: ignore[union-attr]
    bench.cassette = "b.yaml"
    assert repr(bench) == "<Workbench: 'b.yaml', run 1, chunk 33>"
    assert "Novita" in bench.view.html  # type: ignore[union-attr]


def test_a_wrong_choice_in_python_raises_and_changes_nothing(bench: Workbench) -> None:
    with pytest.raises(IndexError, match="no chunk 99"):
        bench.chunk = 99
    assert bench.chunk.index == 29  # type: ignore[union-attr]


# ---- the list


def test_a_bad_file_is_listed_with_its_reason_and_stops_nothing(bench: Workbench) -> None:
    bench.scan()
    frame = bench.recordings.set_index("name")
    assert list(frame["state"]) == ["read", "read", "unreadable"]
    assert "interactions" in frame.loc["broken.yaml", "reason"]
    assert sent(bench, "_progress")["bad"] == 1
    ask(bench, "rows", **{"from": 0})
    assert sent(bench, "_rows")["files"][2][:2] == [2, "unreadable"]
    bench.cassette = 2
    assert (bench.cassette, bench.run, bench.chunk, bench.view) == (None, None, None, None)


def test_the_rest_is_read_when_a_browser_shows_it(bench: Workbench) -> None:
    assert sent(bench, "_names") == ["a.yaml", "b.yaml", "broken.yaml"]
    assert sent(bench, "_progress")["read"] == 1
    ask(bench, "ready")
    ask(bench, "ready")
    wait_until(lambda: sent(bench, "_progress")["read"] == 3)
    assert bench.recordings["state"].tolist() == ["read", "read", "unreadable"]


def test_the_list_is_shown_while_it_is_read(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "SHOWN_EVERY_S", 0)
    monkeypatch.setattr(scanning, "monotonic", iter(range(9)).__next__)
    seen: list[int] = []
    bench.observe(lambda change: seen.append(change["new"]["read"]), "_progress")
    bench.scan()
    assert sorted(set(seen)) == [2, 3] or seen[-1] == 3


def test_rows_are_sent_in_the_order_in_which_recordings_were_read(bench: Workbench) -> None:
    bench.cassette = "b.yaml"
    ask(bench, "rows", **{"from": 0})
    first = sent(bench, "_rows")
    assert [row[0] for row in first["rows"]] == [0, 1]
    assert (first["from"], first["to"]) == (0, 2)
    bench.scan()
    ask(bench, "rows", **{"from": 2})
    rest = sent(bench, "_rows")
    assert (rest["from"], rest["to"], rest["rows"]) == (2, 3, [])
    assert rest["files"][0][:2] == [2, "unreadable"]


def test_a_recording_counts_once_however_often_it_is_opened(bench: Workbench) -> None:
    for name in ("b.yaml", "a.yaml", "b.yaml"):
        bench.cassette = name
    bench.scan()
    assert str(bench.overview).startswith("Overview: 2 conversations with 4 answers")
    assert "1 file that cannot be read" in str(bench.overview)


def test_memory_is_told_where_the_system_says(
    bench: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert memory.resident_mb() is None or memory.resident_mb() > 10  # type: ignore[operator]
    monkeypatch.setattr(memory, "_STATM", tmp_path / "none")
    assert memory.resident_mb() is None
    bench.scan()
    assert sent(bench, "_progress")["memory_mb"] is None


def test_a_closed_workbench_reads_no_more(bench: Workbench) -> None:
    bench.close()
    bench.scan()
    assert bench.recordings["state"].tolist() == ["read", "waiting", "waiting"]


# ---- what can be done


def test_a_table_is_sent_sorted_with_the_unknown_last(bench: Workbench) -> None:
    ask(bench, "table", name="chunks", sort="size_bytes", descending=True)
    page = sent(bench, "_table")
    at = page["columns"].index("size_bytes")
    sizes = [row[at] for row in page["rows"]]
    assert sizes == sorted(sizes, reverse=True)
    assert (page["total"], page["numeric"][at]) == (74, True)
    ask(bench, "table", name="runs", sort="", descending=False)
    assert sent(bench, "_table")["total"] == 2


def test_what_is_ticked_is_compared_and_one_alone_with_what_is_chosen(bench: Workbench) -> None:
    ask(bench, "compare")
    assert sent(bench, "_comparison") is None
    bench.pin()
    assert sent(bench, "_state")["picks"] == ["0:0"]
    ask(bench, "open", file=1, number=0)
    assert sent(bench, "_state")["sides"] == ["a.yaml", "b.yaml"]
    ask(bench, "compare")
    assert sent(bench, "_comparison")["labels"] == ["A: Fireworks", "B: Novita"]
    bench.conversation = 0
    assert sent(bench, "_comparison") is None
    ask(bench, "picked", keys=["1:0", "0:0", "9:9", "2:0"])
    assert [talk.runs[0].provider for talk in bench.picked] == ["Novita", "Fireworks"]
    ask(bench, "compare")
    assert sent(bench, "_comparison")["labels"] == ["A: Novita", "B: Fireworks"]


def test_exports_are_written_and_told(bench: Workbench, tmp_path: Path) -> None:
    for what, ending in (
        ("html", "a.html."),
        ("csv", "a_findings.csv."),
        ("cassette", "Secrets removed in 0 places."),
    ):
        ask(bench, "export", what=what)
        assert sent(bench, "_notice")["words"].count(ending) == 1
    assert len(list((tmp_path / "exports").iterdir())) == 9
    assert bench.export_html(tmp_path / "x.html") == tmp_path / "x.html"
    assert bench.export_cassette(tmp_path / "x.yaml") == (tmp_path / "x.yaml", ())
    assert len(bench.export_tables(tmp_path / "csv")) == 7
    ask(bench, "export", what="list")
    rows = pd.read_csv(tmp_path / "exports" / "conversations.csv")
    assert rows["recording"].tolist() == ["a.yaml"] and rows["cost_usd"][0] == 0.0005058
    assert bench.export_list(tmp_path / "list.csv", raw=True) == tmp_path / "list.csv"


def test_what_is_ticked_is_exported_together(bench: Workbench, tmp_path: Path) -> None:
    bench.scan()
    bench.picked = [(0, 0), (1, 0)]
    page = bench.export_html()
    assert page.name == "2_conversations.html"
    assert "Overview: 2 conversations" in page.read_text(encoding="utf-8")
    tables = {path.stem: pd.read_csv(path) for path in bench.export_tables()}
    assert len(tables["2_conversations_runs"]) == 4
    path, removed = bench.export_cassette()
    assert (path.name, removed) == ("2_conversations.yaml", ())
    assert len(cv.read_conversations(path)) == 2


def test_an_error_is_kept_and_shown(bench: Workbench) -> None:
    ask(bench, "table", name="nothing", sort="", descending=False)
    ask(bench, "no such request")
    ask(bench, "select")
    assert [type(error) for error in bench.errors] == [KeyError] * 3
    assert sent(bench, "_notice")["is_error"]
    assert sent(bench, "_notice")["number"] == 3


# ---- how it is shown


def test_a_cell_holds_a_place_and_a_picture_and_no_widget_view(
    bench: Workbench, shown: list[dict[str, Any]]
) -> None:
    bench._ipython_display_()
    place, still = shown
    assert place["text/html"] == f'<div data-chatviz-place="{sent(bench, "_key")}"></div>'
    assert "<img" in still["text/html"] and "a.yaml" in still["text/plain"]
    assert not [kind for bundle in shown for kind in bundle if "widget" in kind]
    bench.cassette = 1
    assert "b.yaml" in shown[1]["text/plain"]
    bench.cassette = 2
    assert "<img" not in shown[1]["text/html"]


def test_the_renderer_widget_shows_the_widget_itself(
    bench: Workbench, shown: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renderers, "_enabled", "widget")
    bench._ipython_display_()
    [bundle] = shown
    assert bundle["application/vnd.jupyter.widget-view+json"]["model_id"] == bench.model_id
    assert "<img" in bundle["text/html"]


def test_the_renderer_static_shows_the_picture_alone(
    bench: Workbench, shown: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renderers, "_enabled", "static")
    bench._ipython_display_()
    [bundle] = shown
    assert "<script" not in bundle["text/html"]


def test_a_key_is_the_same_each_time_where_no_browser_looks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keys = []
    for session in ("", "", "/a.ipynb", "/b.ipynb"):
        monkeypatch.setenv("JPY_SESSION_NAME", session)
        monkeypatch.setattr(cell_placeholders, "_numbers", iter([0, 1]))
        keys.append((cell_placeholders.make_key(), cell_placeholders.make_key()))
    assert keys[0] == keys[1]
    assert len({key for pair in keys for key in pair}) == 6
    assert all(re.fullmatch("[0-9a-f]{16}", key) for pair in keys for key in pair)


def test_the_name_of_a_recording_is_no_markup_in_the_picture() -> None:
    bundle = cell_placeholders.still_bundle("k", "<img src=x onerror=1>", None)
    assert "<img" not in bundle["text/html"]


def test_a_workbench_that_was_refused_closes_without_a_word() -> None:
    """Python ends it half made; an error there would be printed beside the one that matters."""
    bench = Workbench.__new__(Workbench)
    with pytest.raises(TypeError, match="wanted a folder"):
        bench.__init__(b"data: {}")  # type: ignore[misc]
    bench.close()
