"""Make screenshots of every view, light, dark and narrow, into ``screenshots/`` (git ignores it).

Run ``python tests/browser/screenshots.py`` (``--only inspect`` for some of them). Needs Chromium
and the ``test`` extra; $CHATVIZ_CHROMIUM names another Chromium.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

import chatviz as cv
from chatviz.runs.reader import StreamReader
from chatviz.views.compare.compare import compare
from chatviz.views.inspector.inspect import inspect
from chatviz.views.view import View, renderers
from chatviz.wire.exchange import RequestHead, ResponseHead

ROOT = Path(__file__).parents[2]
LOOKS: tuple[tuple[str, int, Any], ...] = (
    ("light", 1100, "light"),
    ("dark", 1100, "dark"),
    ("narrow", 320, "light"),
    ("wide", 2000, "light"),
)
SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city", "unit"],
}
THOUGHT = "They want a forecast: I need the place, the days and a unit."
ANSWER = "Let me look at the forecast for Zürich, one moment please."


def make_measured_run() -> cv.StreamRun:
    """Return an answer with measured times, reasoning, text and a call that breaks its schema."""
    tools = [{"type": "function", "function": {"name": "get_weather", "parameters": SCHEMA}}]
    asked = [{"role": "user", "content": "Will it rain in Zürich this week?"}]
    request = {"model": "example-large", "messages": asked, "tools": tools}
    head = RequestHead("POST", "https://api.example.com/v1/chat/completions", {}, _dump(request))
    reader = StreamReader(head, response=ResponseHead(200, {}, 0.31, "measured"))
    at = 0.42
    for number, piece in enumerate(_pieces()):
        reader.feed(piece, at)
        at += 0.4 if number == 40 else 0.012 + 0.009 * (number % 5)
    return reader.close()


def _pieces() -> Iterator[bytes]:
    yield _chunk({"role": "assistant", "content": ""})
    yield from (_chunk({"reasoning": word}) for word in _words(THOUGHT))
    yield b": keep-alive\n\n"
    yield from (_chunk({"content": word}) for word in _words(ANSWER))
    call: dict[str, Any] = {"index": 0, "id": "call_7f", "type": "function"}
    yield _chunk({"tool_calls": [{**call, "function": {"name": "get_weather", "arguments": ""}}]})
    arguments = '{"city": "Zürich", "days": "seven", "hours": [6, 12, 18], "more": {"wind": true}}'
    for start in range(0, len(arguments), 4):
        piece = {"index": 0, "function": {"arguments": arguments[start : start + 4]}}
        yield _chunk({"tool_calls": [piece]})
    yield _chunk({}, finish_reason="tool_calls")
    usage = {"prompt_tokens": 212, "completion_tokens": 61, "total_tokens": 273, "cost": 0.000418}
    yield b"data: " + _dump({"id": "x", "model": "example-large", "choices": [], "usage": usage})
    yield b"\n\ndata: [DONE]\n\n"


def _words(text: str) -> list[str]:
    return [f"{word} " for word in text.split()]


def _chunk(delta: dict[str, Any], finish_reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    return b"data: " + _dump({"id": "x", "model": "example-large", "choices": [choice]}) + b"\n\n"


def _dump(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def make_views() -> dict[str, Callable[[], View]]:
    """Return every view that is looked at, by name."""
    talk = cv.read_conversation(cv.sample("openrouter_kimi-k2_fireworks"))
    other = cv.read_conversation(cv.sample("openrouter_kimi-k2_novita"))
    measured = make_measured_run()
    return {
        "inspect_seed": lambda: inspect(talk),
        "inspect_measured": lambda: inspect(measured),
        "compare": lambda: compare(talk, other),
        "timeline": lambda: cv.timeline(talk),
        "tool_calls": lambda: cv.tool_calls(talk),
        "transcript": lambda: cv.transcript(talk),
        "usage": lambda: cv.usage(talk),
        "tool_calls_measured": lambda: cv.tool_calls(measured),
    }


def shoot(browser: Browser, name: str, make: Callable[[], View], folder: Path) -> None:
    """Save the pictures of one view: alive in each look, and as it is without scripts."""
    html = f"<!doctype html><meta charset=utf-8><title>{name}</title>{make().html}"
    for look, width, scheme in LOOKS:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True
        )
        page = context.new_page()
        page.set_content(html)
        _move_to_the_middle(page)
        page.screenshot(path=folder / f"{name}_{look}.png", full_page=True)
        context.close()
    renderers.enable("static")
    page = browser.new_page(viewport={"width": 1100, "height": 900})
    page.set_content(make().html)
    page.screenshot(path=folder / f"{name}_static.png", full_page=True)
    page.close()
    renderers.enable("html")


def _move_to_the_middle(page: Page) -> None:
    slider = page.get_by_role("slider")
    if slider.count():
        most = int(slider.first.get_attribute("max") or 0)
        slider.first.fill(str(most * 6 // 10))
        page.wait_for_timeout(100)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="a part of the names of the views")
    parser.add_argument("--folder", type=Path, default=ROOT / "screenshots")
    options = parser.parse_args()
    options.folder.mkdir(exist_ok=True)
    chromium = os.environ.get("CHATVIZ_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--headless", "--no-sandbox", "--disable-gpu"]
        )
        for name, make in make_views().items():
            if options.only in name:
                shoot(browser, name, make, options.folder)
        browser.close()
    print(f"{len(list(options.folder.glob('*.png')))} pictures in {options.folder}")


if __name__ == "__main__":
    main()
