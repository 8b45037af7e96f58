"""``open``: a page for a recording, and a site on this machine for a folder."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import click
import httpx
import pytest

from chatviz.doors.cli.folder_site import FolderSite
from tests.doors.cli.conftest import BODY, KIMI, Run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "a.sse").write_bytes(BODY)
    (tmp_path / "<b>.yaml").write_text("a: <script>alert(1)</script>\n")
    return tmp_path


@pytest.fixture
def site(folder: Path) -> Iterator[FolderSite]:
    with FolderSite(folder) as site:
        yield site


def test_a_recording_becomes_a_page(
    cli: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("webbrowser.open", opened.append)
    told = cli("open", KIMI)
    assert told.code == 0
    page = Path(told.out.strip())
    assert opened == [page.as_uri()] and "kimi-k2" in page.read_text(encoding="utf-8")
    assert cli("open", KIMI, "--no-browser").code == 0 and len(opened) == 1
    assert "Hi" in Path(cli("open", "-", stdin=BODY).out.strip()).read_text(encoding="utf-8")


def test_what_cannot_be_read_leaves_nothing_behind(
    cli: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, folder: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = sorted(tmp_path.iterdir())
    assert cli("open", folder / "<b>.yaml", "--no-browser").code == 2
    assert sorted(tmp_path.iterdir()) == before


def test_a_folder_needs_a_server_and_says_which(
    cli: Run, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    monkeypatch.setitem(sys.modules, "chatviz.transports.server.server_thread", None)
    monkeypatch.delitem(sys.modules, "chatviz.transports.server.request_limits", raising=False)
    monkeypatch.setitem(sys.modules, "starlette.datastructures", None)
    told = cli("open", folder, "--no-browser")
    assert told.code == 2 and "pip install 'chatviz-inspector[server]'" in told.err


def test_a_folder_is_listed_and_each_recording_has_its_page(site: FolderSite) -> None:
    index = httpx.get(site.url)
    assert index.status_code == 200 and '["inner/a.sse","' in index.text
    assert "\\u003cb>.yaml" in index.text and "<b>" not in index.text.partition("<script")[2]
    assert "Hi" in httpx.get(f"{site.url}1").text
    unreadable = httpx.get(f"{site.url}0").text
    assert "cannot be read" in unreadable and "<script>alert" not in unreadable
    for _ in range(100):
        if "not read yet" not in _sentence_of(httpx.get(site.url).text):
            break
        time.sleep(0.05)
    told = httpx.get(site.url).text
    assert "1 conversation with 1 answer" in _sentence_of(told)
    assert "1 file that cannot be read" in _sentence_of(told)
    assert '"refresh_s":null' in told and "this is not a recording" in told
    assert '["inner/a.sse","read","","1"]' in told


def _sentence_of(page: str) -> str:
    """What the picture's alternative text says."""
    return page.partition('alt="')[2].partition('"')[0]


def test_only_who_knows_the_word_sees_anything(site: FolderSite) -> None:
    root = httpx.URL(site.url).copy_with(path="/")
    for path in ("/", "/1", "/x/", "/x/1", f"{httpx.URL(site.url).path}2", "/%2e%2e/etc/passwd"):
        assert httpx.get(root.copy_with(raw_path=path.encode())).status_code == 404, path
    assert httpx.post(site.url).status_code == 404


def test_another_host_is_refused(site: FolderSite) -> None:
    assert httpx.get(site.url, headers={"host": "evil.example"}).status_code == 421


def test_pages_tell_nobody_where_they_are(site: FolderSite) -> None:
    headers = httpx.get(site.url).headers
    assert headers["referrer-policy"] == "no-referrer" and headers["cache-control"] == "no-store"
    assert headers["x-frame-options"] == "DENY"


def test_an_empty_folder_says_so(cli: Run, tmp_path: Path) -> None:
    with pytest.raises(click.UsageError):
        FolderSite(tmp_path)
    assert cli("open", tmp_path).code == 2
