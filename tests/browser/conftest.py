"""Chromium for the tests that look at what a reader sees; no network, no error left unseen."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    sync_playwright,
)

from tests.browser.lab import Lab, serve_lab

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # No name but this machine's is ever looked up.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1",
]


# One browser per file, not per session: while Playwright is started no other test of the process
# could run an asyncio loop of its own.
@pytest.fixture(scope="module")
def browser(without_program: Callable[[str], NoReturn]) -> Iterator[Browser]:
    """Chromium, as it is installed; $CHATVIZ_CHROMIUM names another one."""
    chromium = _find_chromium() or without_program("Chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def problems() -> Iterator[list[str]]:
    """What went wrong in a page: nothing, or the test fails (unless it clears the list)."""
    found: list[str] = []
    yield found
    assert found == []


@pytest.fixture
def context(browser: Browser, problems: list[str]) -> Iterator[BrowserContext]:
    """A fresh profile, whose pages report their problems."""
    context = browser.new_context(viewport={"width": 1200, "height": 800})
    context.on("page", lambda page: _watch(page, problems))
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """An empty page without a network: fill it with set_content."""
    context.set_offline(True)
    return context.new_page()


def _watch(page: Page, problems: list[str]) -> None:
    """Note what a reader of the page would not see."""

    def note_message(message: ConsoleMessage) -> None:
        if message.type == "error":
            problems.append(f"console: {message.text}")

    def note_request(request: Request) -> None:
        problems.append(f"request failed: {request.url[:200]}")

    page.on("console", note_message)
    page.on("pageerror", lambda error: problems.append(f"exception: {error}"))
    page.on("requestfailed", note_request)


def _find_chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome")
    found = (shutil.which(name) for name in names)
    return os.environ.get("CHATVIZ_CHROMIUM") or next(filter(None, found), None)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The address of a JupyterLab, and the folder that it shows."""
    pytest.importorskip("jupyterlab", reason="JupyterLab is not installed (extra: lab)")
    with serve_lab(tmp_path_factory.mktemp("lab")) as served:
        yield served


@pytest.fixture
def lab(server: tuple[str, Path], browser: Browser) -> Iterator[Lab]:
    """That JupyterLab, with a browser of its own."""
    lab = Lab(*server, browser)
    yield lab
    for page in lab.context.pages:
        lab.shut_down(page)
    lab.context.close()
