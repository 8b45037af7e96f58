"""The workbench's module in Chromium, without Jupyter: Python's side answers through a stub."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from chatviz.widgets.workbench.workbench import Workbench

HOSTILE = "<img src=x onerror=\"document.title='owned'\">.yaml"
TRAITS = (
    *("css", "_key", "_listing", "_state"),
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
        """Let Python act on what the page asked for, and tell the page what changed."""
        while self.asked:
            self.bench._handle_custom_msg(self.asked.pop(0), [])
        self.tell()

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


def test_hostile_names_are_text(stage: Stage) -> None:
    page = stage.page
    page.evaluate("void window.module.render({model, el})")
    page.get_by_role("combobox", name="Recording").select_option(
        label=f"{HOSTILE} (1 conversation, 2 answers)"
    )
    stage.answer()
    expect(page.get_by_role("heading")).to_contain_text("Novita")
    page.get_by_role("button", name="Keep as A").click()
    page.get_by_role("tab", name="runs").click()
    stage.answer()
    expect(page.get_by_role("columnheader").first).to_be_visible()
    assert page.locator("img").count() == 0
    assert page.title() == "bench"


def test_a_choice_made_in_python_moves_the_inspector_and_nothing_comes_back_twice(
    stage: Stage,
) -> None:
    page = stage.page
    page.evaluate("void window.module.render({model, el})")
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
    page.evaluate("void window.module.render({model, el})")
    expect(page.get_by_role("heading")).to_contain_text("Novita")
    stage.bench.cassette = "a.yaml"
    stage.tell()
    expect(page.get_by_role("heading")).to_contain_text("Fireworks")
    expect(page.get_by_role("combobox", name="Recording")).to_have_value("1")
    chosen = page.get_by_role("combobox", name="Conversation").locator("option:checked")
    expect(chosen).to_contain_text("#0 moonshotai/kimi-k2-0905 by Fireworks, 2 steps")
    page.get_by_role("button", name="Keep as A").click()
    stage.answer()
    expect(page.get_by_role("button", name="A is a.yaml: keep this one")).to_be_visible()


def test_a_step_in_a_film_that_is_no_longer_shown_changes_nothing(stage: Stage) -> None:
    page, bench = stage.page, stage.bench
    page.evaluate("void window.module.render({model, el})")
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
    page.get_by_role("tab", name="Inspector").focus()
    for key in ("ArrowRight", "ArrowRight", "b", "Escape"):
        page.keyboard.press(key)
    assert page.get_by_role("tab", selected=True).inner_text() == "chunks"
    assert page.evaluate("window.keys") == ["Escape"]
    unmarked = page.locator("button:not([data-lm-suppress-shortcuts])").count()
    assert unmarked == 0


def test_an_unreadable_recording_says_why_and_the_next_one_is_shown(stage: Stage) -> None:
    page = stage.page
    page.evaluate("void window.module.render({model, el})")
    page.get_by_role("combobox", name="Recording").select_option(label="✕ broken.yaml")
    stage.answer()
    expect(page.get_by_text("This recording cannot be read")).to_be_visible()
    page.get_by_role("combobox", name="Recording").select_option(index=1)
    stage.answer()
    expect(page.get_by_text("This recording cannot be read")).to_be_hidden()
    expect(page.get_by_role("heading")).to_contain_text("Fireworks")


@pytest.mark.parametrize("width", [320, 1200])
def test_it_is_never_wider_than_the_page(stage: Stage, width: int) -> None:
    page = stage.page
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate("void window.module.render({model, el})")
    for name in ("Inspector", "chunks"):
        page.get_by_role("tab", name=name, exact=True).click()
        stage.answer()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
