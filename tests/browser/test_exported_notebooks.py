"""Notebooks as pages: exported by nbconvert, opened without a network, and without scripts."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

import chatviz as cv
from chatviz.views.compare.compare import compare
from chatviz.views.inspector.inspect import inspect
from chatviz.views.saving import save_html

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-8]*.ipynb"))
# What nbconvert's own template asks of the network: it is not ours, and a page shows without it.
TEMPLATE = re.compile(r"https://cdnjs\.cloudflare\.com/ajax/libs/(require\.js|mathjax)/")
MODULE = re.compile(r"^/\* chatviz [\w+]+ [0-9a-f]+ \*/", re.MULTILINE)
DRAWN = """
images => Promise.all(images.map(image => image.decode().then(
  () => image.naturalWidth > 0 && image.getClientRects().length > 0)))
"""


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every notebook as a page."""
    folder = tmp_path_factory.mktemp("exported")
    command = [sys.executable, "-m", "jupyter", "nbconvert", "--to", "html"]
    subprocess.run(
        [*command, f"--output-dir={folder}", *map(str, NOTEBOOKS)], check=True, capture_output=True
    )
    return folder


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_an_exported_notebook_shows_everything_without_a_network(
    page: Page, problems: list[str], exported: Path, notebook: Path
) -> None:
    html = exported / f"{notebook.stem}.html"
    page.goto(html.as_uri())
    mounted = len(MODULE.findall(html.read_text("utf-8")))
    expect(page.locator(".chatviz")).to_have_count(mounted)
    assert all(page.locator("img").evaluate_all(DRAWN))
    assert mounted or page.locator("img").count()
    for player in page.get_by_role("group", name="Player").all():
        player.get_by_role("button", name="Previous chunk").click()
    problems[:] = [one for one in problems if not _is_of_the_template(one)]


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_pictures_and_tables_remain_without_scripts(
    browser: Browser, exported: Path, notebook: Path
) -> None:
    context = browser.new_context(java_script_enabled=False, offline=True)
    page = context.new_page()
    page.goto((exported / f"{notebook.stem}.html").as_uri())
    pictures = page.locator(".jp-OutputArea-output img")
    assert pictures.count() and page.locator(".jp-OutputArea-output table").count()
    assert all(picture.is_visible() for picture in pictures.all())
    context.close()


@pytest.mark.parametrize("make", [inspect, lambda talk: compare(talk, talk)])
def test_a_saved_page_asks_nothing_and_works(page: Page, tmp_path: Path, make: object) -> None:
    assert callable(make)
    talk = cv.read_conversation(cv.sample("openrouter_kimi-k2_fireworks"))
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    path = tmp_path / "saved.html"
    save_html(make(talk), path)
    page.goto(path.as_uri())
    expect(page.locator(".chatviz")).to_be_visible()
    assert page.locator("img").count() == 0
    assert [url for url in requests if not url.startswith("data:")] == [path.as_uri()]


def test_a_saved_page_can_ask_nothing(page: Page, problems: list[str], tmp_path: Path) -> None:
    path = tmp_path / "saved.html"
    script = "<script>fetch('https://example.com/x').catch(() => (document.title = 'no'))</script>"
    save_html(cv.View("S.", make_mount=lambda: SimpleNamespace(html=script)), path)
    page.goto(path.as_uri())
    expect(page).to_have_title("no")
    assert any("Content Security Policy" in problem for problem in problems)
    problems.clear()


def test_a_saved_page_shows_its_picture_without_scripts(browser: Browser, tmp_path: Path) -> None:
    context: BrowserContext = browser.new_context(java_script_enabled=False, offline=True)
    page = context.new_page()
    path = tmp_path / "saved.html"
    save_html(inspect(cv.read_conversation(cv.sample("openrouter_kimi-k2_novita"))), path)
    page.goto(path.as_uri())
    assert page.locator("img").is_visible()
    assert page.locator("table").first.count() == 1
    assert page.title().startswith("Inspector of 2 answers")
    context.close()


def _is_of_the_template(problem: str) -> bool:
    return TEMPLATE.search(problem) is not None or "net::ERR_INTERNET_DISCONNECTED" in problem
