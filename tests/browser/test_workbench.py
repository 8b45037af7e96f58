"""The workbench's module in Chromium, without Jupyter: Python's side answers through a stub."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from chatviz.widgets.workbench import scanning
from chatviz.widgets.workbench.workbench import Workbench

HOSTILE = "<img src=x onerror=\"document.title='owned'\">.yaml"
TRAITS = (
    *("css", "_key", "_names", "_progress", "_charts", "_rows", "_state"),
    *("_film", "_cursor", "_table", "_comparison", "_notice"),
)
# A model whose messages Python answers: the page waits for nothing, `take` brings what changed.
STUB = """
async ([code, traits]) => {
  const acts = {};
  const model = {
    get: name => traits[name], set: () => {}, save_changes: () => {},
    on: (name, act) => (acts[name] ??= new Set()).add(act),
    off: (name, act) => acts[name]?.delete(act),
    send: message => window.toPython(JSON.stringify(message)),
  };
  window.take = changed => {
    Object.assign(traits, changed);
    for (const name of Object.keys(changed)) for (const act of acts[`change:${name}`] ?? []) act();
  };
  window.listeners = () => Object.values(acts).reduce((sum, set) => sum + set.size, 0);
  const url = URL.createObjectURL(new Blob([code], {type: "text/javascript"}));
  window.module = (await import(url)).default;
  window.model = model;
}
"""


class Stage:
    """A workbench with its page."""

    def __init__(self, page: Page, bench: Workbench) -> None:
        self.page = page
        self.bench = bench
        self.asked: list[dict[str, Any]] = []
        page.expose_function("toPython", lambda text: self.asked.append(json.loads(text)))
        page.set_content("<!doctype html><title>bench</title><div id=el></div>")
        self.known = self._traits()
        page.evaluate(STUB, [bench._esm, self.known])

    def answer(self) -> None:
        """Let Python act on what the page asks for, and tell it what changed, until it is quiet."""
        self.page.evaluate("0")  # what it has asked for has come by then
        while self.asked:
            while self.asked:
                message = self.asked.pop(0)
                if message["kind"] != "ready":  # the test reads the folder itself
                    self.bench._handle_custom_msg(message, [])
            self.tell()
            self.page.evaluate("0")
        self.tell()

    def open(self) -> None:
        """Show the workbench, with the rows that it asks for."""
        self.page.evaluate("void window.module.render({model, el})")
        self.answer()

    def row(self, name: str) -> Any:
        """A row of the overview."""
        return self.page.locator(".rows tbody tr").filter(has_text=name)

    def tell(self) -> None:
        """Tell the page what has changed in Python since it was told last."""
        now = self._traits()
        changed = {name: value for name, value in now.items() if value != self.known[name]}
        self.known = now
        self.page.evaluate("changed => take(changed)", changed)

    def _traits(self) -> dict[str, Any]:
        return {name: getattr(self.bench, name) for name in TRAITS}


@pytest.fixture
def stage(page: Page, tmp_path: Path, seeds: Any) -> Iterator[Stage]:
    shutil.copy(seeds.novita, tmp_path / HOSTILE)
    shutil.copy(seeds.fireworks, tmp_path / "a.yaml")
    (tmp_path / "broken.yaml").write_text("version: 2\ninteractions: 7\n")
    bench = Workbench(tmp_path, exports=tmp_path / "exports")
    bench.scan()
    yield Stage(page, bench)
    bench.close()


def test_it_fills_its_place_when_it_appears_and_hides_its_picture(stage: Stage) -> None:
    page = stage.page
    page.evaluate("void (window.stop = window.module.initialize({model}))")  # else it is called
    assert page.locator(".chatviz").count() == 0
    page.evaluate(
        """key => el.innerHTML = `<div data-chatviz-place="${key}"></div>
           <p data-chatviz-still="${key}">still</p><div data-chatviz-place="other"></div>`""",
        stage.bench._key,
    )
    expect(page.get_by_role("group", name="Workbench")).to_have_count(1)
    expect(page.get_by_text("still")).to_be_hidden()
    page.evaluate("window.stop()")
    assert page.locator(".chatviz").count() == 0
    expect(page.get_by_text("still")).to_be_visible()
    page.wait_for_function("window.listeners() === 0")


def test_it_starts_from_the_overview_and_a_row_opens_the_inspector(stage: Stage) -> None:
    page = stage.page
    stage.open()
    assert page.get_by_role("tab", selected=True).inner_text() == "Overview"
    assert page.locator(".rows .name").all_inner_texts() == [HOSTILE, "a.yaml", "broken.yaml"]
    told = page.locator(".progress").inner_text()
    assert told.startswith("3 recordings · 1 that cannot be read · Python holds ")
    expect(stage.row("broken.yaml")).to_contain_text("cannot be read: ")
    expect(stage.row("a.yaml").get_by_role("checkbox")).to_be_enabled()
    expect(stage.row("broken.yaml").get_by_role("checkbox")).to_be_disabled()
    page.get_by_role("button", name="a.yaml").click()
    stage.answer()
    assert page.get_by_role("tab", selected=True).inner_text() == "Inspector"
    expect(page.get_by_role("heading")).to_contain_text("Fireworks")
    assert stage.bench.cassette.path.endswith("a.yaml")  # type: ignore[union-attr]


def test_the_overview_is_sorted_and_its_filter_filters(stage: Stage) -> None:
    page = stage.page
    stage.open()
    page.locator("button[data-column=cost]").click()
    assert page.locator(".rows .name").all_inner_texts()[0] == "a.yaml"
    page.get_by_role("searchbox").fill("novita")
    assert page.locator(".rows .name").all_inner_texts() == [HOSTILE]
    expect(page.locator("output.count")).to_have_text("1 of 3 rows match")
    page.get_by_role("combobox", name="Findings").select_option("unreadable")
    expect(page.get_by_text("No row matches “novita”.")).to_be_visible()
    page.get_by_role("button", name="Show all").click()
    expect(page.locator(".rows .name")).to_have_count(3)


def test_rows_come_while_recordings_are_read(page: Page, tmp_path: Path, seeds: Any) -> None:
    for number in range(30):
        shutil.copy(seeds.novita, tmp_path / f"{number:02}.yaml")
    bench = Workbench(tmp_path)
    stage = Stage(page, bench)
    stage.open()
    expect(page.locator("output.count")).to_have_text("30 rows")  # at once, by their names
    expect(page.locator(".progress")).to_contain_text("Reading 1 of 30 recordings …")
    expect(stage.row("07.yaml")).to_contain_text("not read yet")
    page.get_by_role("searchbox").fill("yaml")
    page.get_by_role("checkbox", name="Choose 00.yaml").check()
    bench.scan()
    stage.tell()
    stage.answer()
    expect(stage.row("07.yaml")).to_contain_text("Novita")
    expect(page.locator(".progress")).to_contain_text("30 recordings · Python holds")
    expect(page.get_by_role("searchbox")).to_have_value("yaml")
    expect(page.get_by_role("checkbox", name="Choose 00.yaml")).to_be_checked()
    page.get_by_text("Charts", exact=True).click()
    expect(page.get_by_text("Tokens, by model")).to_be_visible()
    bench.close()


def test_a_page_that_opens_late_has_all_rows_batch_by_batch(
    page: Page, tmp_path: Path, seeds: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "MAX_BATCH", 3)
    for number in range(8):
        shutil.copy(seeds.novita, tmp_path / f"{number}.yaml")
    bench = Workbench(tmp_path)
    bench.scan()
    stage = Stage(page, bench)
    stage.open()
    expect(page.locator(".rows").get_by_text("Novita")).to_have_count(8)
    bench.close()


def test_several_are_ticked_compared_and_exported(stage: Stage) -> None:
    page, bench = stage.page, stage.bench
    stage.open()
    page.get_by_role("checkbox", name="Choose a.yaml").check()
    stage.answer()
    expect(page.get_by_text("1 conversation ticked")).to_be_visible()
    page.get_by_role("checkbox", name=f"Choose {HOSTILE}").check()
    stage.answer()
    assert [talk.runs[0].provider for talk in bench.picked] == ["Fireworks", "Novita"]
    page.get_by_role("button", name="Compare them").click()
    stage.answer()
    assert page.get_by_role("tab", selected=True).inner_text() == "Compare"
    expect(page.get_by_text(f"A: a.yaml · B: {HOSTILE}")).to_be_visible()
    expect(page.get_by_text("B: Novita").first).to_be_visible()
    page.get_by_role("button", name="HTML page").click()
    stage.answer()
    expect(page.get_by_role("alert").last).to_contain_text("2_conversations.html")
    page.get_by_role("button", name="the list as CSV").click()
    stage.answer()
    expect(page.get_by_role("alert").last).to_contain_text("conversations.csv")
    page.get_by_role("tab", name="Overview").click()
    page.get_by_role("button", name="Untick all").click()
    stage.answer()
    expect(page.get_by_role("checkbox", name="Choose a.yaml")).not_to_be_checked()
    expect(page.get_by_text("Export the conversation:")).to_be_visible()


def test_what_is_ticked_in_python_is_ticked_in_the_page(stage: Stage) -> None:
    stage.open()
    stage.bench.picked = [(1, 0), (0, 0), (7, 0)]
    stage.tell()
    expect(stage.page.get_by_role("checkbox", name="Choose a.yaml")).to_be_checked()
    expect(stage.page.get_by_text("2 conversations ticked")).to_be_visible()


def test_hostile_names_are_text(stage: Stage) -> None:
    page = stage.page
    stage.open()
    assert stage.row(HOSTILE).locator("[title]").first.get_attribute("title") == HOSTILE
    page.get_by_role("button", name=HOSTILE).click()
    stage.answer()
    expect(page.get_by_role("heading")).to_contain_text("Novita")
    page.get_by_role("tab", name="runs").click()
    stage.answer()
    expect(page.get_by_role("columnheader").first).to_be_visible()
    assert page.locator("img").count() == 0
    assert page.title() == "bench"


def test_a_choice_made_in_python_moves_the_inspector_and_nothing_comes_back_twice(
    stage: Stage,
) -> None:
    page = stage.page
    stage.open()
    page.get_by_role("tab", name="Inspector").click()
    page.get_by_role("slider", name="Chunk").wait_for()
    stage.asked.clear()
    stage.bench.chunk = 3
    stage.tell()
    expect(page.locator(".place")).to_have_text("3 of 0–33 · step 2")
    page.get_by_role("button", name="Next chunk").click()
    stage.answer()  # Python hears of 4, and must not move the page that is at 5 by then
    page.get_by_role("button", name="Next chunk").click()
    stage.tell()
    expect(page.locator(".place")).to_have_text("5 of 0–33 · step 2")
    stage.answer()
    assert stage.bench.chunk.index == 5  # type: ignore[union-attr]
    stage.bench.run = 0
    stage.tell()
    expect(page.locator(".place")).to_have_text("44 of 0–44 · step 1")
    expect(page.get_by_role("combobox", name="Answer")).to_have_value("0")


def test_another_recording_set_in_python_is_shown(stage: Stage) -> None:
    page = stage.page
    stage.open()
    page.get_by_role("tab", name="Inspector").click()
    expect(page.get_by_role("heading")).to_contain_text("Novita")
    stage.bench.cassette = "a.yaml"
    stage.tell()
    expect(page.get_by_role("heading")).to_contain_text("Fireworks")
    expect(page.locator(".chosen")).to_have_text("a.yaml")
    expect(page.locator(".choose")).to_contain_text("moonshotai/kimi-k2-0905 by Fireworks, 2 steps")
    page.get_by_role("tab", name="Overview").click()
    expect(page.locator("tr.opened")).to_contain_text("a.yaml")


def test_a_step_in_a_film_that_is_no_longer_shown_changes_nothing(stage: Stage) -> None:
    page, bench = stage.page, stage.bench
    stage.open()
    page.get_by_role("tab", name="Inspector").click()
    page.get_by_role("button", name="Previous chunk").click()
    assert stage.asked[-1]["kind"] == "select"
    bench.cassette = "a.yaml"  # Python hears of the step only now
    chosen = bench.run, bench.chunk
    stage.answer()
    assert (bench.run, bench.chunk) == chosen
    expect(page.locator(".place")).to_have_text("29 of 0–29 · step 2")


def test_tabs_are_walked_with_arrows_and_no_key_leaves_the_workbench(stage: Stage) -> None:
    page = stage.page
    page.evaluate("window.keys = []; document.addEventListener('keydown', e => keys.push(e.key))")
    page.evaluate("void window.module.render({model, el})")
    page.get_by_role("tab", name="Overview").focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "b", "Escape"):
        page.keyboard.press(key)
    assert page.get_by_role("tab", selected=True).inner_text() == "chunks"
    assert page.evaluate("window.keys") == ["Escape"]
    unmarked = page.locator("button:not([data-lm-suppress-shortcuts])").count()
    assert unmarked == 0


def test_an_unreadable_recording_says_why_and_the_next_one_is_shown(stage: Stage) -> None:
    page = stage.page
    stage.open()
    stage.bench.cassette = "broken.yaml"
    stage.tell()
    expect(page.get_by_text("This recording cannot be read")).to_be_visible()
    page.get_by_role("button", name="a.yaml").click()
    stage.answer()
    expect(page.get_by_text("This recording cannot be read")).to_be_hidden()
    expect(page.get_by_role("heading")).to_contain_text("Fireworks")


@pytest.mark.parametrize("width", [320, 1200])
def test_it_is_never_wider_than_the_page(stage: Stage, width: int) -> None:
    page = stage.page
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate("void window.module.render({model, el})")
    for name in ("Overview", "Inspector", "chunks"):
        page.get_by_role("tab", name=name, exact=True).click()
        stage.answer()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
