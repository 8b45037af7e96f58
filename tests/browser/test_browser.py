"""The browser itself: it draws a picture that is inside the page, and reaches nothing outside."""

from __future__ import annotations

import base64

from playwright.sync_api import Page

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="320" height="40" viewBox="0 0 320 40"></svg>'


def test_a_picture_inside_the_page_is_drawn(page: Page) -> None:
    data = base64.b64encode(SVG).decode()
    page.set_content(f'<img src="data:image/svg+xml;base64,{data}" alt="nothing yet">')
    image = page.locator("img")
    assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") == 320


def test_a_request_off_this_machine_fails_and_is_noticed(page: Page, problems: list[str]) -> None:
    page.set_content('<img src="https://example.com/picture.png" alt="never seen">')
    page.wait_for_function("document.images[0].complete")
    assert any("https://example.com/picture.png" in problem for problem in problems)
    problems.clear()


def test_an_exception_and_a_console_error_are_noticed(page: Page, problems: list[str]) -> None:
    page.set_content("<script>console.error('one'); throw new Error('two')</script>")
    assert problems == ["console: one", "exception: two"]
    problems.clear()
