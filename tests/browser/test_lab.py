"""A real JupyterLab on this machine: what a reader does there, and what a saved notebook shows."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.lab import PANEL, Lab

ROOT = Path(__file__).parents[2]


def test_all_cells_of_the_first_notebook_run_and_show_their_pictures(lab: Lab) -> None:
    shutil.copy(ROOT / "notebooks" / "01_replay_a_cassette.ipynb", lab.folder)
    page = lab.run("01_replay_a_cassette.ipynb")
    expect(page.locator(".jp-OutputArea-output img, .chatviz").first).to_be_attached()
    lab.save(page)
    saved = json.loads((lab.folder / "01_replay_a_cassette.ipynb").read_text(encoding="utf-8"))
    kinds = [out["output_type"] for cell in saved["cells"] for out in cell.get("outputs", [])]
    assert kinds and "error" not in kinds


BENCH = """
import chatviz as cv
from chatviz.widgets.workbench.workbench import Workbench
bench = Workbench(["recordings", cv.sample("openrouter_kimi-k2_novita")], exports="exported")
bench
"""
SAY = "print(bench.cassette.path, bench.run.provider, bench.run.interaction, bench.chunk.index)"
INSPECT = """
import chatviz as cv
from chatviz.views.inspector.inspect import inspect
inspect(cv.read_conversation(cv.sample("openrouter_kimi-k2_fireworks")))
"""


@pytest.fixture
def recordings(lab: Lab, seeds: Any) -> Path:
    """A folder beside the notebooks with a recording and a file that is none."""
    folder = lab.folder / "recordings"
    folder.mkdir(exist_ok=True)
    shutil.copy(seeds.fireworks, folder / "a.yaml")
    (folder / "broken.yaml").write_text("version: 2\ninteractions: 7\n", encoding="utf-8")
    return folder


def place(page: Page) -> str:
    return page.locator(".place").inner_text()


def cell_count(page: Page) -> int:
    count: int = page.evaluate(f"{PANEL}.content.widgets.length")
    return count


@pytest.mark.parametrize("renderer", ["html", "widget"])
def test_a_stream_is_played_stepped_and_scrubbed_and_no_key_reaches_the_notebook(
    lab: Lab, renderer: str
) -> None:
    enable = f"import chatviz as cv; cv.renderers.enable({renderer!r})"
    page = lab.run(lab.write(f"inspector_{renderer}.ipynb", enable, INSPECT))
    page.get_by_role("button", name="Restart", exact=True).wait_for()
    cells = cell_count(page)
    page.locator("canvas").focus()
    page.keyboard.press("Home")
    assert place(page) == "0 of 0–43 · step 1"
    page.keyboard.press("ArrowRight")
    page.get_by_role("button", name="Next chunk").click()
    assert place(page) == "2 of 0–43 · step 1"
    for key in ("b", "a", "d", "d", "x", "Enter"):
        page.keyboard.press(key)
    assert cell_count(page) == cells
    page.get_by_role("slider", name="Chunk").fill("50")
    assert place(page).endswith("step 2")
    page.get_by_role("combobox", name="Speed").select_option("p10000")
    page.get_by_role("button", name="Restart", exact=True).click()
    expect(page.locator(".place")).to_have_text("29 of 0–29 · step 2")
    assert lab.chatviz_errors() == []


def test_what_is_chosen_in_the_workbench_is_read_and_set_in_python(
    lab: Lab, recordings: Path
) -> None:
    page = lab.run(lab.write("bench.ipynb", BENCH, SAY))
    bench = page.get_by_role("group", name="Workbench")
    expect(bench.get_by_text("1 that cannot be read")).to_be_visible()
    expect(bench.locator("tr", has_text="broken.yaml")).to_contain_text("cannot be read: ")
    bench.get_by_role("button", name="unique_tool_call_ids").click()
    expect(bench.get_by_role("heading")).to_contain_text("Novita")
    bench.locator("canvas").focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    expect(bench.locator(".place")).to_contain_text("1 of")
    output = page.locator(".jp-Cell").last.locator(".jp-OutputArea-output")
    for _ in range(5):  # the kernel may run a cell before it hears of the last key
        lab.run_last(page)
        if "Novita 0 1" in output.inner_text():
            break
    expect(output).to_contain_text("stream_unique_tool_call_ids.yaml Novita 0 1")
    lab.set_source(page, "bench.run = 1; bench.chunk = 3")
    lab.run_last(page)
    expect(bench.locator(".place")).to_contain_text("3 of")
    expect(bench.locator(".place")).to_contain_text("step 2")
    expect(page.get_by_role("combobox", name="Answer")).to_have_value("1")
    assert lab.chatviz_errors() == []


def test_tables_are_sorted_two_are_compared_and_all_is_exported(lab: Lab, recordings: Path) -> None:
    page = lab.run(lab.write("tables.ipynb", BENCH))
    page.get_by_role("tab", name="chunks").click()
    page.get_by_role("button", name="size_bytes").click()
    page.get_by_role("button", name="size_bytes ▲").click()
    expect(page.get_by_role("columnheader", name="size_bytes")).to_have_attribute(
        "aria-sort", "descending"
    )
    column = [n.strip() for n in page.locator(".table thead button").all_inner_texts()]
    at = column.index("size_bytes ▼")
    sizes = [
        int(row.locator("td").nth(at).inner_text()) for row in page.locator(".table tbody tr").all()
    ]
    assert sizes == sorted(sizes, reverse=True) and len(set(sizes)) > 3
    page.get_by_role("tab", name="Overview").click()
    page.get_by_role("checkbox", name="Choose a.yaml").check()
    page.get_by_role("checkbox", name="unique_tool_call_ids").check()
    expect(page.get_by_text("2 conversations ticked")).to_be_visible()
    page.get_by_role("button", name="Compare them").click()
    expect(page.get_by_text("A: a.yaml · B: ")).to_be_visible()
    expect(page.get_by_text("B: Novita").first).to_be_visible()
    page.get_by_role("button", name="cassette, redacted").click()
    expect(page.get_by_role("alert").last).to_contain_text("Secrets removed in 0 places")
    page.get_by_role("button", name="HTML page").click()
    expect(page.get_by_role("alert").last).to_contain_text("2_conversations.html")
    page.get_by_role("button", name="tables as CSV").click()
    expect(page.get_by_role("alert").last).to_contain_text("tool_calls.csv")
    page.get_by_role("button", name="the list as CSV").click()
    expect(page.get_by_role("alert").last).to_contain_text("conversations.csv")
    assert len(list((lab.folder / "exported").iterdir())) == 10
    assert lab.chatviz_errors() == []


@pytest.mark.parametrize("trusted", [True, False])
def test_a_saved_notebook_shows_its_last_picture_without_a_kernel(
    lab: Lab, recordings: Path, trusted: bool
) -> None:
    name = lab.write("saved.ipynb", BENCH, INSPECT)
    page = lab.run(name)
    page.get_by_role("button", name="unique_tool_call_ids").click()
    expect(page.locator("header").first).to_contain_text("Novita")
    page.wait_for_function(  # the stored picture comes with a message of its own
        f"JSON.stringify({PANEL}.content.model.toJSON()).includes('unique_tool_call_ids')"
    )
    lab.save(page)
    lab.shut_down(page)
    page.close()
    lab.take_kernel(name, trusted=trusted)
    page = lab.open(name, kernel=False)
    page.get_by_role("dialog").get_by_role("button", name="No Kernel").click()
    if trusted:
        expect(page.get_by_role("button", name="Restart", exact=True)).to_have_count(2)
        page.get_by_role("button", name="Previous chunk").first.click()
    else:
        expect(page.locator(".jp-OutputArea-output img")).to_have_count(2)
        assert page.locator(".jp-OutputArea-output table").count() > 0
        assert page.locator(".chatviz").count() == 0
    expect(page.locator(".jp-OutputArea-output").nth(1)).to_contain_text("unique_tool_call_ids")
    expect(page.get_by_text("Error displaying widget")).to_have_count(0)
    assert not page.evaluate(f"{PANEL}.context.sessionContext.session?.kernel")
    assert lab.chatviz_errors() == []
