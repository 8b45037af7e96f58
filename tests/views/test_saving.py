"""save_html: one whole page, written whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatviz.runs.reader import read_stream
from chatviz.views.page_module import Mount, pane_module
from chatviz.views.saving import page_html, save_html
from chatviz.views.view import View, renderers

SVG = '<svg width="10" height="10" xmlns="http://www.w3.org/2000/svg"></svg>'


def test_a_page_has_a_type_a_charset_and_a_title_that_is_no_markup() -> None:
    page = page_html(View("</title><script>x\x1b"))
    assert page.startswith("<!doctype html>\n")
    assert '<meta charset="utf-8">' in page
    assert "<title>&lt;/title&gt;&lt;script&gt;x" in page
    assert "<script" not in page and "\x1b" not in page
    assert page.rstrip().endswith("</html>")


def test_a_page_forbids_every_request() -> None:
    page = page_html(View("S."))
    assert "default-src 'none'" in page
    assert "http" not in page.replace("http-equiv", "")


def test_the_view_is_whole_and_replaces_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("before")
    path.chmod(0o640)
    mount = Mount(pane_module("compare"), {"n": 1})
    view = View("Käse \udc00.", SVG, make_mount=lambda: mount)
    save_html(view, path)
    assert view.html in path.read_text(encoding="utf-8")
    assert path.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [path]


def test_a_static_page_has_no_script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renderers, "_enabled", "static")
    mount = Mount(pane_module("compare"), {"n": 1})
    save_html(View("S.", SVG, make_mount=lambda: mount), tmp_path / "page.html")
    assert "<script" not in (tmp_path / "page.html").read_text()


def test_what_is_no_view_is_refused_with_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=r"found 'StreamRun'.*cv\.inspect\(runs\)"):
        save_html(read_stream(b""), tmp_path / "page.html")  # type: ignore[arg-type]


def test_a_folder_that_is_not_there_is_named_and_one_that_is_a_folder_too(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"Give a path to a file in a folder.*nowhere"):
        save_html(View("S."), tmp_path / "nowhere" / "page.html")
    with pytest.raises(IsADirectoryError, match="it is a folder"):
        save_html(View("S."), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_page_that_cannot_be_finished_leaves_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "page.html"
    path.write_text("before")

    def fail(self: Path, target: Path) -> None:
        raise PermissionError(13, "no")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(PermissionError, match="cannot be written: no"):
        save_html(View("S."), path)
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_view_saves_itself_with_a_title_and_a_note(tmp_path: Path) -> None:
    view = View("A sentence.", SVG)
    path = tmp_path / "page.html"
    view.save(path, title="Bug <b>17</b>\x1b", note="Seen <script>twice\nin a row.\n\n\n\nAgain.")
    page = path.read_text(encoding="utf-8")
    assert "<h1>Bug &lt;b&gt;17&lt;/b&gt;" in page
    assert "<title>Bug &lt;b&gt;17&lt;/b&gt;" in page
    assert "<p class=note>Seen &lt;script&gt;twice<br>in a row.</p>" in page
    assert page.count("<p class=note>") == 2
    assert "<script" not in page and "<b>" not in page and "\x1b" not in page
    view.save(path)
    plain = path.read_text(encoding="utf-8")
    assert "<title>A sentence.</title>" in plain
    assert "<h1>" not in plain and "class=note" not in plain
    save_html(view, path, title="T")
    assert "<title>T</title>" in path.read_text(encoding="utf-8")


def test_a_half_of_a_character_in_a_title_is_shown_as_its_escape(tmp_path: Path) -> None:
    View("S.", SVG).save(tmp_path / "page.html", title="\ud83d", note="\udc00")
    assert "ud83d" in (tmp_path / "page.html").read_text(encoding="utf-8").casefold()
