"""The overview in Chromium: sorted, searched, walked by keyboard, opened, printed, and narrow."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

import chatviz as cv
from chatviz.doors.cli.folder_site import FolderSite
from chatviz.views.overview.overview import make_overview
from chatviz.views.overview.rows import NotListed, read_row
from chatviz.views.overview.totals import OverviewTotals

HOSTILE = "<img src=x onerror=\"document.title='owned'\">.yaml"


def show(page: Page, copies: int = 1, **options: int) -> None:
    """Show the packaged conversations, each as often as is said (synthetic: copies)."""
    talks = [talk for name in cv.samples() for talk in cv.read_conversations(cv.sample(name))]
    html = cv.overview(talks * copies, **options).html
    page.set_content(f"<!doctype html><meta charset=utf-8><title>t</title><body>{html}")


def names(page: Page) -> list[str]:
    return page.locator(".rows tbody .name").all_inner_texts()


def test_headings_sort_and_say_so(page: Page) -> None:
    show(page)
    cost = page.get_by_role("columnheader", name="cost")
    before = names(page)
    assert cost.get_attribute("aria-sort") == "none"
    cost.get_by_role("button").click()
    assert cost.get_attribute("aria-sort") == "descending"
    assert "fireworks" in names(page)[0] and "unique_tool" in names(page)[1]
    expect(page.locator("button[data-column=cost]")).to_be_focused()
    page.keyboard.press("Enter")
    assert cost.get_attribute("aria-sort") == "ascending" and "unique_tool" in names(page)[0]
    page.keyboard.press("Enter")
    assert names(page) == before


def test_a_search_filters_to_be_seen_and_is_undone(page: Page) -> None:
    show(page)
    search = page.get_by_role("searchbox", name="Search conversations")
    search.fill("KIMI novita")
    expect(page.get_by_role("status")).to_have_text("1 of 11 rows match")
    assert len(names(page)) == 1
    search.fill("nothing like it")
    expect(page.get_by_text("No row matches “nothing like it”.")).to_be_visible()
    page.get_by_role("button", name="Show all").click()
    expect(page.get_by_role("status")).to_have_text("11 rows")
    page.get_by_role("button", name="call_id_null").click()  # of a chart
    expect(search).to_have_value("call_id_null")


def test_a_row_opens_its_inspector_which_plays(page: Page) -> None:
    show(page)
    page.get_by_role("button", name=re.compile("kimi-k2_fireworks")).click()
    inspector = page.get_by_role("region", name="Inspector")
    expect(inspector.get_by_role("heading")).to_contain_text("Fireworks")
    inspector.get_by_role("button", name="Previous chunk").click()
    expect(inspector.locator(".place")).to_have_text("28 of 0–29 · step 2")
    page.get_by_role("button", name=re.compile("google_gemini")).click()
    expect(inspector.get_by_role("heading")).to_contain_text("Google")
    inspector.get_by_role("button", name="Close").click()
    expect(inspector).to_be_hidden()


def test_rows_are_walked_by_arrows_far_beyond_those_in_sight(page: Page) -> None:
    show(page, copies=40)
    first = page.locator(".rows .name").first
    first.focus()
    for _ in range(60):
        page.keyboard.press("ArrowDown")
    focused = page.evaluate(
        "() => document.querySelector('.chatviz').shadowRoot.activeElement.closest('tr')"
        ".getAttribute('aria-rowindex')"
    )
    assert focused == "62"
    assert page.locator(".rows tbody tr").count() < 80


def test_a_long_list_has_only_the_rows_in_sight_and_scrolls_to_its_end(page: Page) -> None:
    show(page, copies=400)
    expect(page.get_by_text(re.compile("rows are left out of this list"))).to_be_visible()
    window = page.locator(".window")
    window.scroll_into_view_if_needed()
    window.evaluate("node => node.scrollTop = node.scrollHeight")
    count = page.locator(".rows").get_attribute("aria-rowcount")
    expect(page.locator(f"tr[aria-rowindex='{count}']")).to_be_in_viewport()
    assert page.locator(".rows tbody tr").count() < 80


def test_a_row_whose_inspector_is_not_in_the_page_says_so(page: Page) -> None:
    show(page, copies=4)
    page.locator(".window").evaluate("node => node.scrollTop = node.scrollHeight")
    page.locator(".rows .name").last.click()
    expect(page.get_by_text(re.compile("is not in this page"))).to_be_visible()


def test_on_paper_all_rows_stand(page: Page) -> None:
    show(page, copies=4)
    assert page.locator(".rows tbody .name").count() < 44
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator(".rows tbody .name").count() == 44


@pytest.mark.parametrize("width", [320, 760, 1400])
def test_it_is_never_wider_than_the_page(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    show(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_arrows_pass_over_names_that_open_nothing(page: Page, tmp_path: Path) -> None:
    for name in ("a.yaml", "c.yaml"):
        shutil.copy(cv.sample("openrouter_kimi-k2_novita"), tmp_path / name)
    (tmp_path / "b.yaml").write_text("version: 2\ninteractions: 7\n")
    rows = [NotListed("b.yaml", "why"), *(read_row(talk, 0) for talk in (
        *cv.read_conversations(tmp_path / "a.yaml"), *cv.read_conversations(tmp_path / "c.yaml")
    ))]  # fmt: skip
    html = make_overview([rows[1], rows[0], rows[2]], OverviewTotals()).html
    page.set_content(f"<!doctype html><meta charset=utf-8><body>{html}")
    page.get_by_role("button", name="a.yaml").focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("button", name="c.yaml")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("button", name="c.yaml")).to_be_focused()


def test_a_page_that_grows_is_not_taken_from_its_reader(page: Page) -> None:
    rows = [read_row(talk, 0) for talk in cv.read_conversations(cv.sample("gemini_2.5-flash"))]
    html = make_overview([*rows, NotListed("x")], OverviewTotals(), refresh_s=0.5).html
    page.set_content(f"<!doctype html><meta charset=utf-8><title>before</title><body>{html}")
    page.get_by_role("searchbox").fill("gemini")
    expect(page.get_by_role("button", name="Show what was read since")).to_be_visible()


def test_a_folder_is_served_with_a_link_for_each_row(context: object, tmp_path: Path) -> None:
    shutil.copy(cv.sample("openrouter_kimi-k2_novita"), tmp_path / HOSTILE)
    (tmp_path / "bad.yaml").write_text("version: 2\ninteractions: 7\n")
    page: Page = context.new_page()  # type: ignore[attr-defined]
    with FolderSite(tmp_path) as site:
        page.goto(site.url)
        expect(page.get_by_text("cannot be read: ")).to_be_visible()
        expect(page.get_by_role("status")).to_have_text("2 rows")
        assert page.title() == f"{tmp_path.name}: recordings"
        assert page.locator("img").count() == 0  # the picture is replaced, and no other came
        page.get_by_role("link", name=HOSTILE).click()
        expect(page.get_by_role("heading", name=re.compile("Novita"))).to_be_visible()
