from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatviz.views.drawing.palette import GROUND, INK, MUTED, TINT
from chatviz.views.drawing.svg import Svg, format_number


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, by WCAG 2."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("ground", [GROUND, TINT])
@pytest.mark.parametrize("ink", [INK, MUTED])
def test_text_can_be_read_on_every_ground(ink: str, ground: str) -> None:
    assert contrast(ink, ground) >= 4.5


@pytest.mark.parametrize(
    ("value", "text"), [(1.0, "1"), (0.25, "0.2"), (-0.01, "0"), (12.34, "12.3"), (1e6, "1000000")]
)
def test_numbers_have_one_decimal_at_most(value: float, text: str) -> None:
    assert format_number(value) == text


@given(st.text(st.characters(codec=None)))
def test_any_text_and_title_make_well_formed_xml(text: str) -> None:
    svg = Svg(100)
    svg.text(1, 2, text)
    root = ElementTree.fromstring(svg.finish(50, text).encode())
    assert root.get("viewBox") == "0 0 100 50"


def test_a_picture_has_its_size_an_opaque_ground_and_its_text() -> None:
    svg = Svg(100)
    svg.text(1, 2, "a < b", anchor="end", bold=True, mono=True, size=13, fill=MUTED)
    svg.rect(1, 2, 3, 4, fill=INK, stroke=MUTED)
    svg.path([])
    svg.path(["M1 1h1"], stroke=INK, width=2)
    picture = svg.finish(50, "Title")
    assert '<rect width="100" height="50" fill="#f8f8f5"/>' in picture
    assert "<title>Title</title>" in picture
    assert ">a &lt; b</text>" in picture
    assert picture.count("<path") == 2  # the frame and one more: none for no strokes
    assert svg.size_bytes < len(picture)
