"""A test that fails says why: the request diff, the findings, and a page with the answers."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import chatviz as cv
from tests.doors.pytest_plugin.inner import InnerTests

pytest_plugins = ["pytester"]

KEY = "sk-proj-" + "Ab3dE6gH" * 6
FAILING = """
    import httpx, pytest

    def test_ask(chatviz_client):
        key = "Bearer sk-proj-" + "Ab3dE6gH" * 6
        client = chatviz_client(httpx.Client, headers={{"authorization": key}})
        client.post("{url}/v1/chat/completions", json={{"model": "m", "messages": []}})
        assert WHAT
"""


def pages(inner: InnerTests) -> list[Path]:
    return sorted(inner.path.rglob("*.html"))


def test_a_failure_keeps_a_page_whose_path_is_in_the_terminal(inner: InnerTests) -> None:
    inner.write(FAILING.replace("WHAT", "0"))
    result = inner.run("--junitxml=report.xml")
    result.assert_outcomes(failed=1)
    page = inner.path / "chatviz-report" / "test_inner" / "test_ask.html"
    assert pages(inner) == [page]
    told = f"The answers in the inspector: {page}"
    listed = f"test_inner.py::test_ask failed: {page}"
    result.stdout.fnmatch_lines(["*- chatviz -*", told, "*= chatviz =*", listed])
    properties = ElementTree.parse(inner.path / "report.xml").iter("property")
    assert [(one.get("name"), one.get("value")) for one in properties] == [
        ("chatviz_page", str(page))
    ]
    text = page.read_text(encoding="utf-8")
    assert "<title>test_inner.py::test_ask</title>" in text
    assert "This test failed." in text
    assert "w9" in text
    assert KEY not in text + result.stdout.str()
    assert re.findall(r'(?:src|href)="(?!data:)', text) == []
    assert (page.parents[1] / ".gitignore").read_text(encoding="utf-8") == "*\n"


def test_a_test_that_passes_again_has_no_page_any_more(inner: InnerTests) -> None:
    inner.write(FAILING.replace("WHAT", "0"))
    inner.run()
    assert len(pages(inner)) == 1
    inner.write(FAILING.replace("WHAT", "1"))
    inner.run().assert_outcomes(passed=1)
    assert pages(inner) == []


def test_a_miss_is_shown_with_what_differs_and_how_to_record_it(inner: InnerTests) -> None:
    inner.write(FAILING.replace("WHAT", "1"))
    inner.run()
    inner.write(FAILING.replace("WHAT", "1").replace('"model": "m"', '"model": "other"'))
    result = inner.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*- chatviz -*",
            "*the nearest, #0, differs in model: recorded 'm', asked 'other'*",
            "To record it: pytest --chatviz-mode=all test_inner.py::test_ask",
        ]
    )
    (page,) = pages(inner)
    assert "recorded &#x27;m&#x27;, asked &#x27;other&#x27;" in page.read_text(encoding="utf-8")


def test_a_test_without_a_recording_says_how_to_make_it(inner: InnerTests) -> None:
    inner.write(FAILING.replace("WHAT", "1"))
    result = inner.run("--chatviz-mode=none")
    result.stdout.fnmatch_lines(
        ["*holds no interaction*", "To record it: pytest --chatviz-mode=once *::test_ask"]
    )
    assert pages(inner) == []


@pytest.mark.skipif(find_spec("anthropic") is None, reason="anthropic is not installed")
def test_an_error_that_an_sdk_hides_is_shown(inner: InnerTests) -> None:
    inner.write(
        """
    import anthropic

    def test_ask(chatviz_client):
        client = chatviz_client(anthropic.Anthropic, base_url="{url}", max_retries=0)
        client.messages.create(model="m", messages=[], max_tokens=9)
    """
    )
    result = inner.run("--chatviz-mode=none", "--tb=short")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E*", "*- chatviz -*", "*holds no interaction*", "To record it*"])


def test_findings_are_listed_with_their_places(inner: InnerTests) -> None:
    inner.write(FAILING.replace("WHAT", "0"))
    result = inner.run()
    (path,) = inner.cassettes()
    found = [one for one in cv.read_conversation(path).findings if one.severity != "info"]
    assert found
    result.stdout.fnmatch_lines(
        [
            f"Findings in the recording ({len(found)}):",
            f"  {found[0].severity} {found[0].code} (step 1*): {found[0].message}",
        ]
    )


def test_no_page_is_written_where_none_is_wanted_or_none_can_be(inner: InnerTests) -> None:
    inner.write(FAILING.replace("WHAT", "0"))
    inner.run("--chatviz-report=").assert_outcomes(failed=1)
    assert pages(inner) == []
    (inner.path / "taken").write_text("", encoding="utf-8")
    result = inner.run("--chatviz-report=taken")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["There is no page: *"])


def test_hostile_text_controls_no_terminal(inner: InnerTests) -> None:
    inner.server.events[0] = b'data: {"error":{"message":"\\u001b[2J\\u202e","code":500}}\n\n'
    inner.write(FAILING.replace("WHAT", "0"))
    out = inner.run().stdout.str()
    assert "Findings in the recording" in out
    assert "\x1b[2J" not in out and "\u202e" not in out


@pytest.mark.skipif(find_spec("xdist") is None, reason="xdist is not installed")
def test_workers_send_what_they_kept(inner: InnerTests) -> None:
    inner.write(FAILING.replace("WHAT", "0"))
    result = inner.run("-p", "xdist", "-n", "1")
    result.assert_outcomes(failed=1)
    (page,) = pages(inner)
    result.stdout.fnmatch_lines(["*- chatviz -*", f"*::test_ask failed: {page}"])


@pytest.mark.skipif(find_spec("pytest_html") is None, reason="pytest-html is not installed")
def test_the_report_of_pytest_html_links_to_the_page(inner: InnerTests) -> None:
    inner.write(FAILING.replace("WHAT", "0"))
    plugins = ("-p", "pytest_metadata.plugin", "-p", "pytest_html.plugin")
    inner.run(*plugins, "--html=reports/all.html").assert_outcomes(failed=1)
    text = (inner.path / "reports" / "all.html").read_text(encoding="utf-8")
    assert "../chatviz-report/test_inner/test_ask.html" in text


def test_a_strict_test_that_left_something_has_a_page(inner: InnerTests, seeds: Any) -> None:
    inner.write(
        f"""
    import pytest

    @pytest.mark.chatviz({str(seeds.fireworks)!r}, mode="none", strict=True)
    def test_it(chatviz_transport): pass
    """
    )
    inner.run().assert_outcomes(passed=1, errors=1)
    assert len(pages(inner)) == 1
