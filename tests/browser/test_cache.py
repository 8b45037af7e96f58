"""Prompt caches in Chromium: a click, and a key, show the difference of a request."""

from __future__ import annotations

from playwright.sync_api import Page, expect

import chatviz as cv
from tests.measures.caching.talks import asked, talk_of


def body(time: str, count: int) -> dict[str, object]:
    system = {"role": "system", "content": f"It is {time}. Be brief."}
    said = [{"role": "user", "content": f"Question {n}"} for n in range(count)]
    return {"model": "m", "messages": [system, *said]}


def test_a_click_and_a_key_show_what_changed(page: Page) -> None:
    talk = talk_of(asked(body("9:41", 1)), asked(body("9:42", 2)), asked(body("9:42", 3)))
    page.set_content(f"<!doctype html><meta charset=utf-8><body>{cv.cache(talk).html}")
    requests, marks = page.locator(".request"), page.locator("mark")
    expect(requests).to_have_count(3)
    expect(marks).to_have_text(["1", "2"])  # the first change is chosen
    requests.nth(0).click()
    expect(marks).to_have_count(0)
    page.keyboard.press("ArrowDown")
    expect(requests.nth(1)).to_be_focused()
    expect(marks).to_have_text(["1", "2"])
    expect(page.locator("pre")).to_have_text(["It is 9:41. Be brief.", "It is 9:42. Be brief."])
    shown = page.evaluate(
        "() => [...document.querySelector('.chatviz').shadowRoot.querySelectorAll('.prompt')].map("
        "bar => [...bar.children].map(part => Math.round(part.getBoundingClientRect().width)))"
    )
    assert shown[0][:2] == [0, 0] and shown[1][1] > 0 and shown[2][1] == 0
