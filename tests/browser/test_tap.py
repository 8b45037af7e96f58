"""The page of a tap in Chromium: an answer grows while it passes, and a choice stays."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, expect

import chatviz as cv

KIMI = "openrouter_kimi-k2_fireworks"
FIRST = 15  # events that pass before the rest is waited for


class Upstream(httpx.AsyncBaseTransport):
    """Answers from a sample; of its second answer the rest waits for a turn."""

    def __init__(self) -> None:
        self.turn = threading.Event()
        self.recorded = cv.load_cassette(cv.sample(KIMI)).interactions

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = request.content
        number = next((n for n, one in enumerate(self.recorded) if one.request.body == body), None)
        if number is None:
            return httpx.Response(429, json={"error": {"message": "slow down"}})
        return httpx.Response(200, stream=self.stream(number))

    def stream(self, number: int) -> Any:
        events = self.recorded[number].response.body.splitlines(keepends=True)
        turn = self.turn

        class Body(httpx.AsyncByteStream):
            async def __aiter__(self) -> Any:
                for place, event in enumerate(events):
                    while number == 1 and place == 2 * FIRST and not turn.is_set():
                        await anyio.sleep(0.01)
                    yield event

        return Body()


@pytest.fixture
def upstream() -> Upstream:
    return Upstream()


@pytest.fixture
def tap(upstream: Upstream, tmp_path: Path) -> Iterator[cv.Tap]:
    with cv.Tap({"mine": "http://model.test"}, to=tmp_path / "kept", inner=upstream) as tap:
        yield tap


@pytest.fixture
def tap_page(context: BrowserContext, tap: cv.Tap, problems: list[str]) -> Iterator[Page]:
    page = context.new_page()
    page.goto(tap.page_url)
    yield page
    page.goto("about:blank")  # a question that is waiting is broken off by this
    # So is the one for the answer that was shown before.
    problems[:] = [one for one in problems if "/answers?have=" not in one and "/growth/" not in one]


def ask(tap: cv.Tap, body: bytes) -> threading.Thread:
    url = f"{tap.url}/mine/v1/chat/completions"
    asking = threading.Thread(target=lambda: httpx.post(url, content=body, trust_env=False))
    asking.start()
    return asking


def test_an_answer_grows_while_it_passes(tap_page: Page, tap: cv.Tap, upstream: Upstream) -> None:
    expect(tap_page.locator(".tap > .note")).to_contain_text("Nothing has passed yet")
    first, second = (one.request.body for one in upstream.recorded)
    ask(tap, first).join()
    growing = tap_page.locator(".growing")
    expect(growing).to_contain_text("multiply")
    asking = ask(tap, second)
    rows = tap_page.locator(".passed tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("streaming")
    expect(growing).to_contain_text("The results are")
    expect(growing).not_to_contain_text("Multiplication")
    assert tap.answers[1].is_going_on
    upstream.turn.set()
    asking.join()
    expect(growing).to_contain_text("Multiplication")
    expect(rows.first).to_contain_text("312")
    expect(growing).to_contain_text("finish")


def test_a_choice_stays_until_the_newest_is_wanted_again(
    tap_page: Page, tap: cv.Tap, upstream: Upstream
) -> None:
    upstream.turn.set()
    first, second = (one.request.body for one in upstream.recorded)
    ask(tap, first).join()
    ask(tap, b'{"messages":[{"role":"user","content":"<img src=x onerror=alert(1)>"}]}').join()
    rows = tap_page.locator(".passed tbody tr")
    expect(rows.first).to_contain_text("429")
    rows.last.get_by_role("button").click()
    box = tap_page.get_by_role("checkbox", name="show the newest")
    expect(box).not_to_be_checked()
    growing = tap_page.locator(".growing")
    expect(growing).to_contain_text("multiply")
    ask(tap, second).join()
    expect(rows).to_have_count(3)
    expect(rows.last.locator("button[aria-current=true]")).to_be_visible()
    box.check()
    expect(rows.first.locator("button[aria-current=true]")).to_be_visible()
    expect(growing).to_contain_text("The results are")
    assert tap_page.locator("img").count() == 0


def test_pages_open_from_the_list(tap_page: Page, tap: cv.Tap, upstream: Upstream) -> None:
    upstream.turn.set()
    for one in upstream.recorded:
        ask(tap, one.request.body).join()
    links = tap_page.get_by_role("link", name="conversation")
    expect(links).to_have_count(2)
    with tap_page.expect_popup() as popup:
        links.first.click()
    expect(popup.value.locator(".chatviz")).to_contain_text("step 2")


def test_a_tap_that_was_stopped_is_said(tap_page: Page, tap: cv.Tap, problems: list[str]) -> None:
    expect(tap_page.locator(".tap > .note")).to_contain_text("Nothing has passed yet")
    tap.close()
    expect(tap_page.locator(".tap > .note")).to_contain_text("it was stopped")
    problems.clear()
