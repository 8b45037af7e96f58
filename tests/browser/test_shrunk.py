"""A shrunk recording in Chromium: a button shows, and copies, what its methods return."""

from __future__ import annotations

from playwright.sync_api import Page, expect

import chatviz as cv
from chatviz.evidence.shrinking.showing import show_shrunk


def test_a_button_shows_the_issue(page: Page) -> None:
    shrunk = cv.shrink("openrouter_kimi-k2_fireworks", "role_repeated")
    page.set_content(f"<!doctype html><meta charset=utf-8><body>{show_shrunk(shrunk).html}")
    expect(page.locator(".told")).to_have_text(shrunk.sentence)
    made = page.locator("pre").nth(1)
    expect(made).to_be_hidden()
    page.get_by_role("button", name="the issue").click()
    expect(made).to_be_visible()
    expect(made).to_have_text(shrunk.as_issue())
    page.get_by_role("button", name="the test").click()
    expect(made).to_have_text(shrunk.as_test())
