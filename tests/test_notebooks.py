"""The committed notebooks: run, small, without widget state, every picture readable as it is."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-8]*.ipynb"))
PICTURES = {"timeline", "tool_calls", "transcript", "usage", "inspect", "compare", "overview"}
MEGABYTE = 1_000_000
MACHINE = re.compile(r"(?<![\w.:/])(?:/(?:home|Users|root|tmp|opt|usr|var)/|[A-Z]:\\\\)\S*")

pytestmark = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def test_no_widget_state_is_stored(path: Path) -> None:
    assert "widgets" not in _load(path)["metadata"]
    kinds = {kind for cell in _code_cells(path) for data in _bundles(cell) for kind in data}
    assert not [kind for kind in kinds if "widget" in kind]


def test_every_cell_was_run_once_from_top_to_bottom(path: Path) -> None:
    counts = [cell["execution_count"] for cell in _code_cells(path)]
    assert counts == list(range(1, len(counts) + 1))


def test_every_cell_after_the_imports_has_an_output_and_no_error(path: Path) -> None:
    for cell in _code_cells(path):
        kinds = [output["output_type"] for output in cell["outputs"]]
        assert "error" not in kinds, _source(cell)
        assert kinds or _only_imports(_source(cell)), _source(cell)


def test_every_picture_has_words_and_a_table_of_its_numbers(path: Path) -> None:
    for cell in _code_cells(path):
        page = "".join(_text(data.get("text/html", "")) for data in _bundles(cell))
        images = re.findall(r"<img\b[^>]*>", page)
        assert images or not _ends_with_a_picture(_source(cell)), _source(cell)
        assert all(re.search(r'\balt="[^"]+"', image) for image in images), _source(cell)
        assert "<table" in page or not images, _source(cell)


def test_it_is_no_larger_than_a_megabyte(path: Path) -> None:
    assert path.stat().st_size <= MEGABYTE


def test_it_names_no_place_of_the_machine_that_ran_it(path: Path) -> None:
    text = re.sub(r";base64,[A-Za-z0-9+/=]+", "", path.read_text(encoding="utf-8"))
    assert str(ROOT) not in text
    assert MACHINE.findall(text) == []


def _load(path: Path) -> dict[str, Any]:
    notebook: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return notebook


def _code_cells(path: Path) -> list[dict[str, Any]]:
    return [cell for cell in _load(path)["cells"] if cell["cell_type"] == "code"]


def _bundles(cell: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The mime bundles of a cell's outputs."""
    return (output["data"] for output in cell["outputs"] if "data" in output)


def _text(value: str | list[str]) -> str:
    return value if isinstance(value, str) else "".join(value)


def _source(cell: dict[str, Any]) -> str:
    return _text(cell["source"])


def _only_imports(source: str) -> bool:
    return all(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.parse(source).body)


def _ends_with_a_picture(source: str) -> bool:
    """Tell a cell whose last line is a call such as ``cv.timeline(run)``."""
    last = ast.parse(source).body[-1]
    call = last.value if isinstance(last, ast.Expr) else None
    function = call.func if isinstance(call, ast.Call) else None
    return isinstance(function, ast.Attribute) and function.attr in PICTURES
