"""In Chromium: the site of the documents, as .ci/run has built it just before."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, expect

import chatviz as cv


@pytest.fixture(scope="module")
def site() -> Path:
    """The folder of the built site."""
    folder = os.environ.get("CHATVIZ_SITE")
    if not folder:
        pytest.skip("set CHATVIZ_SITE to what 'sphinx-build docs FOLDER' has built")
    return Path(folder).resolve()


def test_every_page_opens_on_a_phone_and_fetches_nothing_from_elsewhere(
    site: Path, page: Page
) -> None:
    page.set_viewport_size({"width": 420, "height": 800})
    elsewhere: list[str] = []

    def note(request: Request) -> None:
        if not request.url.startswith(("file:", "data:", "blob:")):
            elsewhere.append(request.url)

    page.on("request", note)
    paths = [path for path in sorted(site.rglob("*.html")) if "_static" not in path.parts]
    assert len(paths) > 25
    for path in paths:
        page.goto(path.as_uri())
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 420, f"{path.relative_to(site)} is {width} pixels wide"
    assert elsewhere == []


def test_a_picture_in_a_tutorial_can_be_played(site: Path, page: Page) -> None:
    page.goto((site / "tutorials" / "01_replay_a_cassette.html").as_uri())
    view = page.locator(".cell_output").filter(has=page.get_by_role("slider")).first
    expect(view.get_by_text(re.compile("of 0–29 · step 2"))).to_be_visible()
    view.get_by_role("button", name="step 1").click()
    expect(view.get_by_text(re.compile("of 0–43 · step 1"))).to_be_visible()


def test_the_start_page_leads_to_an_inspector_that_plays(site: Path, page: Page) -> None:
    page.goto((site / "index.html").as_uri())
    page.get_by_role("link", name="Play it here").click()
    expect(page.get_by_role("slider")).to_be_visible()
    page.get_by_role("button", name="step 1").click()
    expect(page.get_by_text(re.compile("of 0–43 · step 1"))).to_be_visible()


def test_every_public_name_has_its_place_and_widgets_show_only_their_own(site: Path) -> None:
    pages = {path: path.read_text(encoding="utf-8") for path in site.glob("reference/*.html")}
    places = re.findall(r'id="chatviz\.([\w.]+)"', "".join(pages.values()))
    assert set(cv.__all__) <= set(places)
    noise = {"comm", "observe", "traits", "send_state", "model_id", "keys", "layout"}
    assert not {place.rpartition(".")[2] for place in places} & noise
