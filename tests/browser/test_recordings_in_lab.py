"""Recordings in a real JupyterLab, opened by the extension that .ci/lab_extension has built."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import FrameLocator, Page, Response, expect

import chatviz as cv
from tests.browser.lab import Lab, serve_lab

ROOT = Path(__file__).parents[2]
BUILT = ROOT / "build" / "labextension"
HOSTILE = b'data: {"choices":[{"delta":{"content":"Hi <script>parent.hit = 1</script>"}}]}\n\n'

# Answers for the server: tell(line) is one more line, end() the end of them.
TOLD_BY_THE_TEST = """
const own = window.fetch;
const start = (controller) => {
  const encoder = new TextEncoder();
  window.tell = (line) => controller.enqueue(encoder.encode(JSON.stringify(line) + "\\n"));
  window.end = () => controller.close();
};
window.fetch = (request, ...rest) =>
  String(request.url ?? request).includes("chatviz/page")
    ? Promise.resolve(new Response(new ReadableStream({ start })))
    : own(request, ...rest);
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A JupyterLab with the extension, and the recordings that it shows."""
    pytest.importorskip("jupyterlab", reason="JupyterLab is not installed (extra: lab)")
    if not (BUILT / "package.json").is_file():
        reason = "the extension of JupyterLab is not built: .ci/lab_extension"
        assert os.environ.get("CHATVIZ_REQUIRE_LAB_EXTENSION") != "1", reason
        pytest.skip(reason)
    scratch = tmp_path_factory.mktemp("lab")
    config = scratch / "config_dir" / "jupyter_server_config.d" / "chatviz.json"
    config.parent.mkdir(parents=True)
    shutil.copy(ROOT / "chatviz/doors/jupyter_extension/server_config.json", config)
    shutil.copytree(BUILT, scratch / "data_dir" / "labextensions" / "chatviz")
    with serve_lab(scratch) as (url, folder):
        shutil.copy(cv.sample("openrouter_kimi-k2_fireworks"), folder / "kimi.yaml")
        (folder / "hostile.sse").write_bytes(HOSTILE)
        (folder / "broken.har").write_text("{}", encoding="utf-8")
        yield url, folder


@pytest.fixture
def page(lab: Lab) -> Page:
    page = lab.context.new_page()
    page.on("console", lambda message: lab._note(message.type, message.text))
    page.on("pageerror", lambda error: lab._note("error", str(error)))
    page.goto(f"{lab.url}/lab?reset")
    listed(page, "kimi.yaml").wait_for()
    return page


def listed(page: Page, name: str) -> Any:
    return page.locator(".jp-DirListing-item").filter(has_text=name)


def frame_of(page: Page) -> FrameLocator:
    return page.frame_locator(".lm-DockPanel-widget:not(.lm-mod-hidden) iframe")


def open_with_chatviz(page: Page, name: str) -> None:
    listed(page, name).click(button="right")
    page.get_by_text("Open With", exact=True).hover()
    page.get_by_role("menuitem", name="chatviz").click()


def test_a_double_click_shows_a_stream_and_nothing_in_it_reaches_jupyter(
    lab: Lab, page: Page
) -> None:
    listed(page, "hostile.sse").dblclick()
    frame = frame_of(page)
    expect(frame.get_by_text("Hi <script>parent.hit = 1</script>").first).to_be_visible()
    iframe = page.locator("iframe")
    assert iframe.get_attribute("sandbox") == "allow-scripts"
    inner = iframe.element_handle().content_frame()
    assert inner is not None and inner.evaluate("origin") == "null"
    reached = "() => { try { return parent.document.title } catch (error) { return error.name } }"
    assert inner.evaluate(reached) == "SecurityError"
    asked = "url => fetch(url).then(() => 'answered', (error) => error.name)"
    assert inner.evaluate(asked, f"{lab.url}/api/contents") == "TypeError"
    assert page.evaluate("window.hit") is None


def test_a_cassette_opens_with_chatviz_and_keeps_its_editor(lab: Lab, page: Page) -> None:
    listed(page, "kimi.yaml").dblclick()
    expect(page.locator(".jp-FileEditor")).to_be_visible()
    open_with_chatviz(page, "kimi.yaml")
    frame = frame_of(page)
    expect(frame.get_by_text("moonshotai/kimi-k2-0905").first).to_be_visible()
    frame.get_by_role("button", name="Copy", exact=True).click()
    expect(frame.get_by_role("button", name="Copied")).to_be_visible()
    frame.get_by_role("button", name="Previous chunk").click()
    expect(frame.locator(".place")).to_have_text("28 of 0–29 · step 2")
    assert lab.chatviz_errors() == []


def test_saving_leaves_the_file_as_it_is(lab: Lab, page: Page) -> None:
    listed(page, "hostile.sse").dblclick()
    expect(frame_of(page).get_by_text("Hi <script>").first).to_be_visible()
    assert page.evaluate("window.jupyterapp.shell.currentWidget.context.model.readOnly")
    page.locator(".lm-TabBar-tab.lm-mod-current").filter(has_text="hostile.sse").click()
    page.keyboard.press("Control+s")
    page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
    assert page.get_by_role("dialog").count() == 0
    assert (lab.folder / "hostile.sse").read_bytes() == HOSTILE


def test_a_page_has_the_theme_of_lab_and_follows_it(page: Page) -> None:
    open_with_chatviz(page, "kimi.yaml")
    app = frame_of(page).locator(".app")
    ground = "node => getComputedStyle(node).backgroundColor"
    assert app.evaluate(ground) == "rgb(255, 255, 255)"
    theme = "window.jupyterapp.commands.execute('apputils:change-theme', {theme: '%s'})"
    page.evaluate(theme % "JupyterLab Dark")
    try:
        expect(app).to_have_css("background-color", "rgb(33, 33, 33)")
    finally:
        page.evaluate(theme % "JupyterLab Light")


def test_a_file_that_is_no_recording_says_why_and_opens_in_the_editor(page: Page) -> None:
    listed(page, "broken.har").dblclick()
    told = page.get_by_role("alert").filter(has_text="This recording cannot be read.")
    expect(told).to_contain_text("this is not a recording")
    told.get_by_role("button", name="Open it in the editor").click()
    expect(page.locator(".jp-FileEditor")).to_be_visible()


def test_a_recording_that_was_mended_is_read_again(page: Page, lab: Lab) -> None:
    path = lab.folder / "mended.sse"
    path.write_text("nothing yet\n", encoding="utf-8")
    page.evaluate("window.jupyterapp.commands.execute('filebrowser:refresh')")
    listed(page, "mended.sse").dblclick()
    told = page.get_by_role("alert").filter(has_text="This recording cannot be read.")
    expect(told).to_be_visible()
    path.write_bytes(HOSTILE)
    told.get_by_role("button", name="Read it again").click()
    expect(frame_of(page).get_by_text("Hi <script>").first).to_be_visible()


def test_what_takes_long_says_what_is_done_and_how_much(page: Page, lab: Lab) -> None:
    page.add_init_script(TOLD_BY_THE_TEST)
    page.goto(f"{lab.url}/lab?reset")
    listed(page, "hostile.sse").dblclick()
    status, bar = (
        page.get_by_role("status"),
        page.get_by_role("progressbar", name="Making the page"),
    )
    page.wait_for_function("() => Boolean(window.tell)")
    page.evaluate("tell({ doing: 'file', size: 106e6 })")
    expect(status.filter(has_text="Reading the file (106 MB)")).to_be_visible()
    assert bar.get_attribute("value") is None
    page.evaluate("tell({ doing: 'answers', done: 750, total: 1000 })")
    expect(status.filter(has_text="Reading the answers: 750 of 1,000")).to_be_visible()
    assert bar.evaluate("node => node.value") == 0.75
    page.evaluate("end()")
    expect(page.get_by_text("stopped before the page was made")).to_be_visible()


def test_without_the_server_s_part_the_tab_says_how_to_enable_it(page: Page) -> None:
    page.route("**/chatviz/page*", lambda route: route.fulfill(
        status=404, content_type="text/html", body="<h1>404</h1>"))  # fmt: skip
    listed(page, "hostile.sse").dblclick()
    expect(page.get_by_text("jupyter server extension enable chatviz")).to_be_visible()


def test_tabs_come_back_with_the_layout(page: Page, lab: Lab) -> None:
    def is_saved(answer: Response) -> bool:
        return answer.request.method == "PUT" and "hostile.sse" in (answer.request.post_data or "")

    with page.expect_response(is_saved):
        listed(page, "hostile.sse").dblclick()
    page.goto(f"{lab.url}/lab")
    expect(frame_of(page).get_by_text("Hi <script>").first).to_be_visible()
