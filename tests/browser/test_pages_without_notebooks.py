"""In Chromium: the pace, and a folder of recordings, without a notebook."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

import chatviz as cv
from chatviz.doors.cli.folder_site import FolderSite


def test_the_cursor_walks_along_the_pace(page: Page) -> None:
    view = cv.pace(cv.sample("synthetic_timed"))
    page.set_content(f"<!doctype html><meta charset=utf-8><body>{view.html}")
    told, canvas = page.locator(".pacing .told"), page.locator("canvas.pace")
    expect(told).to_have_text(re.compile(r"^step 2, chunk 9 at 1\.\d\d s, .*25 characters so far$"))
    canvas.focus()
    page.keyboard.press("Home")
    expect(told).to_have_text(re.compile(r"^step 1, chunk 0 at 0\.\d+ s: 0 characters so far$"))
    page.keyboard.press("ArrowRight")
    expect(told).to_have_text(re.compile(r"^step 1, chunk 1 .*: 1 character so far$"))
    canvas.click(position={"x": 1_000, "y": 100})
    expect(told).not_to_have_text(re.compile("chunk 1 "))
    expect(page.locator(".pacing .swatch")).to_have_count(2)
    is_drawn = "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(v => v)"
    assert canvas.evaluate(is_drawn)


def test_a_folder_is_opened_and_a_recording_of_it(browser: Browser, tmp_path: Path) -> None:
    for name in ("openrouter_kimi-k2_fireworks", "gemini_2.5-flash"):
        (tmp_path / f"{name}.yaml").write_bytes(cv.sample(name).read_bytes())
    context = browser.new_context()
    page, problems = context.new_page(), list[str]()
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda told: problems.append(told.text) if told.type == "error" else None)
    with FolderSite(tmp_path) as site:
        page.goto(site.url)
        expect(page.get_by_role("link", name=re.compile(r"\.yaml"))).to_have_count(2)
        page.get_by_role("link", name="gemini_2.5-flash.yaml").click()
        expect(page.locator("header strong")).to_have_text(re.compile("gemini-2.5-flash"))
        expect(page.get_by_role("slider")).to_be_visible()
        context.close()
    assert problems == []
