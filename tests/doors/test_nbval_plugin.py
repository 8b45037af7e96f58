"""The nbval plugin: live cells compare, what differs still fails, and modules go by their names."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chatviz.doors.nbval_plugin import PATTERNS, OutputReader
from chatviz.views.overview.mounting import overview_module
from chatviz.views.page_module import Module, Mount, pane_module

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-8]*.ipynb"))

UPDATED = """
from IPython.display import display
handle = display("draft", display_id=True)
print("between")
handle.update("final")
"""
CLEARED = """
from IPython.display import clear_output
print("gone")
clear_output()
print("kept")
"""
CLEARED_LATE = """
from IPython.display import clear_output
print("gone")
clear_output(wait=True)
print("kept")
"""
CLEARED_NEVER = """
from IPython.display import clear_output
print("kept")
clear_output(wait=True)
"""

BAR = """
from tqdm import tqdm
from chatviz.progress_bar import ProgressBar
import chatviz.progress_bar as module, time
module.FIRST_AFTER_S = 0.0
with ProgressBar(3, doing="reading", unit="file", is_shown=True, stays={stays}) as bar:
    bar.advance(3)
"""
WIDGET = """
from tqdm.notebook import tqdm
for _ in tqdm(range(3)):
    pass
"""
AT_END = "reading: 100%|████| 3/3 [00:02<00:00,  1.25file/s]"


def text_output(text: str) -> dict[str, Any]:
    return {"output_type": "display_data", "metadata": {}, "data": {"text/plain": text}}


def stream_output(text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": text}


CELLS: list[tuple[str, list[dict[str, Any]], bool]] = [
    (UPDATED, [text_output("'final'"), stream_output("between\n")], True),
    (UPDATED, [text_output("'draft'"), stream_output("between\n")], False),
    (CLEARED, [stream_output("kept\n")], True),
    (CLEARED, [stream_output("gone\nkept\n")], False),
    (CLEARED_LATE, [stream_output("kept\n")], True),
    (CLEARED_NEVER, [stream_output("kept\n")], True),
    ("handle.update('later')", [], True),
    (BAR.format(stays=False), [], True),
    (BAR.format(stays=False), [text_output("")], True),
    (BAR.format(stays=True), [], True),
    (BAR.format(stays=True), [text_output(AT_END)], True),
    (BAR.format(stays=True), [text_output("'final'")], False),
    (WIDGET, [], True),
    ("pass", [text_output(AT_END)], True),
    ("pass", [text_output("'kept'")], False),
    ("print('')", [], False),
]


def test_live_cells_pass_and_differing_ones_fail(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "code", "id": f"c{n}", "metadata": {}, "source": source}
        | {"execution_count": n + 1, "outputs": outputs}
        for n, (source, outputs, _) in enumerate(CELLS)
    ]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (tmp_path / "live.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "chatviz.doors.nbval_plugin",
        "-rA",
        "--color=no",
    ]
    done = subprocess.run(
        [*command, "--nbval", "--nbval-current-env", "live.ipynb"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    passed = set(map(int, re.findall(r"^PASSED live.ipynb::Cell (\d+)", done.stdout, re.MULTILINE)))
    assert passed == {n for n, cell in enumerate(CELLS) if cell[2]}, done.stdout + done.stderr


# ---- message by message


class Cell:
    """What the reader touches of nbval's cell."""

    def __init__(self) -> None:
        self.test_outputs: list[dict[str, Any]] = []


def message(kind: str, parent: str = "cell", **content: Any) -> dict[str, Any]:
    return {"msg_type": kind, "content": content, "parent_header": {"msg_id": parent}}


def displayed(text: str, display_id: str | None, kind: str = "display_data") -> dict[str, Any]:
    transient = {"display_id": display_id} if display_id else None
    return message(kind, data={"text/plain": text}, metadata={}, transient=transient)


def outputs_after(*messages: dict[str, Any]) -> list[str]:
    """Return what nbval would compare, having read messages as it does."""
    cell = Cell()
    waiting: Iterator[dict[str, Any]] = iter([message("execute_input"), *messages, message("idle")])
    reader = OutputReader(cell, lambda **_: next(waiting))
    while (read := reader(timeout=5))["msg_type"] != "idle":
        assert read["msg_type"] not in ("update_display_data", "clear_output") or not is_own(read)
        if read["msg_type"] in ("display_data", "execute_result") and is_own(read):
            cell.test_outputs.append({"data": read["content"]["data"]})
    return [output["data"]["text/plain"] for output in cell.test_outputs]


def is_own(read: dict[str, Any]) -> bool:
    return bool(read["parent_header"]["msg_id"] == "cell")


def test_an_update_changes_every_output_of_its_display_and_no_other() -> None:
    shown = [displayed("one", "x"), displayed("two", "y"), displayed("three", "x")]
    update = displayed("new", "x", "update_display_data")
    assert outputs_after(*shown, update) == ["new", "two", "new"]


def test_a_display_with_an_id_that_was_used_updates_the_first_one() -> None:
    assert outputs_after(displayed("one", "x"), displayed("two", "x")) == ["two", "two"]


def test_an_update_of_an_earlier_cells_display_is_passed_over() -> None:
    update = displayed("new", "earlier", "update_display_data")
    assert outputs_after(displayed("one", None), update) == ["one"]


def test_clearing_forgets_the_displays_before_it() -> None:
    update = displayed("new", "x", "update_display_data")
    cleared = message("clear_output", wait=False)
    assert outputs_after(displayed("one", "x"), cleared, displayed("two", None), update) == ["two"]


def test_a_late_clearing_waits_for_the_next_output() -> None:
    cleared = message("clear_output", wait=True)
    assert outputs_after(displayed("one", None), cleared) == ["one"]
    assert outputs_after(displayed("one", None), cleared, displayed("two", None)) == ["two"]


def test_what_another_cell_says_late_changes_nothing() -> None:
    late = message("clear_output", "before", wait=False)
    assert outputs_after(displayed("one", None), late) == ["one"]


# ---- modules by their names


def sanitized(html: str) -> str:
    for pattern, replacement in PATTERNS.items():
        html = re.sub(pattern, replacement, html)
    return html


def test_another_version_of_a_module_compares_equal_and_other_data_does_not() -> None:
    module = pane_module("header", "usage")
    page = Mount(module, {"n": [1, 'a, "b"']}).html
    other = page.replace("const ", "let ").replace(module.hash, "0123456789ab")
    other = re.sub(r"cv-[0-9a-f]{16}", "cv-0123456789abcdef", other).replace(":host", ":root")
    assert other != page
    assert sanitized(other) == sanitized(page)
    assert sanitized(page.replace('"n"', '"m"')) != sanitized(page)
    assert sanitized(page.replace("header+usage", "usage")) != sanitized(page)
    assert len(sanitized(page)) < 300


def test_the_modules_in_the_notebooks_are_the_current_ones() -> None:
    """Refresh the notebooks with the command of CONTRIBUTING after a change of a module."""
    assert any(map(modules_in, NOTEBOOKS))
    for path in NOTEBOOKS:
        current = [(name, module_of(name).hash) for name, _ in modules_in(path)]
        assert modules_in(path) == current, path


def test_a_module_in_a_notebook_is_found(tmp_path: Path) -> None:
    module = pane_module("compare")
    shown = {"text/html": Mount(module, {}).html}
    outputs = [{"output_type": "display_data", "data": shown}]
    cell = {"cell_type": "code", "outputs": outputs}
    path = tmp_path / "one.ipynb"
    path.write_text(json.dumps({"cells": [cell]}), encoding="utf-8")
    assert modules_in(path) == [("compare", module.hash)]


def test_pytest_finds_the_plugins_by_itself() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["entry-points"]["pytest11"] == {
        name: name for name in ("chatviz.doors.nbval_plugin", "chatviz.doors.pytest_plugin.hooks")
    }


def module_of(name: str) -> Module:
    return overview_module() if name == "overview" else pane_module(*name.split("+"))


def modules_in(path: Path) -> list[tuple[str, str]]:
    """Return the name and the hash of each module that a notebook's outputs inline."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    pages = (
        "".join(output.get("data", {}).get("text/html", ""))
        for cell in notebook["cells"]
        for output in cell.get("outputs", ())
    )
    pattern = re.compile(r"^/\* chatviz ([\w+]+) ([0-9a-f]+) \*/$", re.MULTILINE)
    return [found for page in pages for found in pattern.findall(page)]
