from __future__ import annotations

import base64
import re
from html.parser import HTMLParser

import pytest

from chatviz.chat.findings.log import Finding
from chatviz.errors import RendererError
from chatviz.registry import RENDERERS
from chatviz.views.drawing.html import Table
from chatviz.views.drawing.svg import Svg
from chatviz.views.page_module import Mount, pane_module
from chatviz.views.view import Renderers, View, renderers

PICTURE = Svg(100).finish(40, "A title")


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> Renderers:
    monkeypatch.delenv("CHATVIZ_RENDERER", raising=False)
    return Renderers()


def test_a_view_shows_html_and_one_line_of_text() -> None:
    bundle = View("One sentence.", PICTURE)._repr_mimebundle_()
    assert sorted(bundle) == ["text/html", "text/plain"]
    assert bundle["text/plain"] == str(View("One sentence.")) == "One sentence."


def test_the_picture_is_an_image_that_holds_its_own_bytes() -> None:
    html = View('Two "quotes" & more.', PICTURE).html
    image = re.search(
        r'<img width="100" height="40" .*? src="data:image/svg\+xml;base64,(.*?)">', html
    )
    assert image is not None
    assert base64.b64decode(image[1]).decode() == PICTURE
    assert 'alt="Two &quot;quotes&quot; &amp; more."' in html


def test_a_table_shows_numbers_to_the_right_and_nothing_for_what_is_not_known() -> None:
    table = Table(
        "T", ("who", "count", "at", "never"), (("<b>", 1234, None, None), ("x", 0, 0.5, None))
    )
    html = View("S.", tables=(table,)).html
    assert "<th>never</th>" not in html  # nothing is known in that column
    assert '<td>&lt;b&gt;</td><td align="right">1,234</td><td></td>' in html
    assert '<td align="right">0</td><td align="right">0.500</td>' in html


def test_a_long_table_is_folded_and_a_very_long_one_says_what_it_leaves_out() -> None:
    short, long = (
        View("S.", tables=(Table("The rows", ("n", "m"), tuple((n, n) for n in range(size))),)).html
        for size in (12, 250)
    )
    assert "<details>" not in short
    assert "<details><summary>The rows (200 of 250 rows)</summary>" in long
    assert "… (50 more rows)" in long


def test_warnings_and_errors_are_listed_and_the_rest_is_folded() -> None:
    html = View(
        "S.",
        findings=(
            Finding("a", "error", "It <broke>."),
            Finding("b", "info", "Worth knowing."),
            Finding("b", "info", "Worth knowing."),
        ),
    ).html
    listed, folded = html.split("<details>")
    assert "<li><b>error</b>: It &lt;broke&gt;.</li>" in listed
    assert "<summary>1 note on the wire</summary>" in folded
    assert "Worth knowing. (2 answers)" in folded


def test_many_findings_are_cut_with_a_count() -> None:
    findings = tuple(Finding("a", "error", f"Number {n}.") for n in range(60))
    assert "… (10 more)" in View("S.", findings=findings).html


def test_a_static_view_leaves_its_script_out(
    fresh: Renderers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renderers, "_enabled", None)
    monkeypatch.delenv("CHATVIZ_RENDERER", raising=False)
    mount = Mount(pane_module("compare"), {"n": 1})
    view = View("S.", PICTURE, make_mount=lambda: mount)
    assert view.mount is mount
    assert view.html.endswith(mount.html)
    monkeypatch.setenv("CHATVIZ_RENDERER", "static")
    assert "<script" not in view.html


def test_the_renderer_is_the_enabled_one_then_the_environments_then_html(
    fresh: Renderers, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert fresh.active == "html"
    monkeypatch.setenv("CHATVIZ_RENDERER", "static")
    assert fresh.active == "static"
    fresh.enable("widget")
    assert fresh.active == "widget"
    assert repr(fresh) == "<Renderers: 'widget' of 'html', 'widget', 'static'>"
    assert fresh.names == ("html", "widget", "static")


def test_an_unknown_renderer_is_refused_with_the_known_ones(
    fresh: Renderers, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(RendererError, match=r"'html', 'widget', 'static', found 'png'"):
        fresh.enable("png")
    monkeypatch.setenv("CHATVIZ_RENDERER", "pdf")
    with pytest.raises(RendererError, match=r"CHATVIZ_RENDERER wants .* found 'pdf'"):
        _ = fresh.active


def test_a_renderer_of_ones_own_is_used_once_it_is_enabled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RENDERERS, "_loaders", dict(RENDERERS._loaders))
    monkeypatch.setattr(renderers, "_enabled", None)
    renderers.register("words", lambda view: {"text/plain": view.sentence.upper()})
    assert renderers.names == ("html", "widget", "static", "words")
    renderers.enable("words")
    assert View("s.")._repr_mimebundle_() == {"text/plain": "S."}


def test_html_is_balanced() -> None:
    open_tags: list[str] = []

    class Parser(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            if tag not in ("img", "br"):
                open_tags.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert open_tags.pop() == tag

    table = Table("T", ("a", "b"), tuple((f"{n}\nx", n) for n in range(20)))
    Parser().feed(View("S.", PICTURE, (table,), (Finding("a", "info", "Fine."),)).html)
    assert open_tags == []
