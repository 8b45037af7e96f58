"""Text has a contrast of at least 4.5 on its background, marks of 3, in both themes (WCAG 2)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import chatviz
from chatviz.views.drawing import palette

JS = Path(chatviz.__file__).parent / "views" / "js"
STYLE = (JS / "dom.css").read_text(encoding="utf-8")
ROLES = ("ground", "ink")
MARKS = ("accent", "text", "reasoning", "refusal", "grey", "call0", "call1", "call2", "call3")
LAB = {  # what JupyterLab's own themes give: --jp-layout-color1, --jp-ui-font-color1
    "lab light": ("#ffffff", "#212121"),
    "lab dark": ("#111111", "#ffffff"),
}


def rgb(colour: str) -> tuple[int, ...]:
    digits = colour.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    return tuple(bytes.fromhex(digits))


def luminance(colour: tuple[int, ...]) -> float:
    parts = [one / 255 for one in colour]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    dark, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


def mix(one: str, other: str, share: float) -> tuple[int, ...]:
    pairs = zip(rgb(one), rgb(other), strict=True)
    return tuple(round(a * share + b * (1 - share)) for a, b in pairs)


def named(text: str, name: str) -> str:
    found = re.search(rf"--{name}: (#[0-9a-f]+);", text)
    assert found, name
    return found[1]


def themes() -> dict[str, tuple[str, str]]:
    light, dark = STYLE.split("@media (prefers-color-scheme: dark)")
    dark = dark.split("@media")[0]
    own = {
        name: tuple(named(text, f"light-{role}") for role in ROLES)
        for name, text in (("light", light), ("dark", dark))
    }
    return {**own, **LAB}  # type: ignore[dict-item]


@pytest.mark.parametrize("theme", themes())
def test_text_and_marks_can_be_seen(theme: str) -> None:
    ground, ink = themes()[theme]
    muted = mix(ink, ground, 0.72)
    soft = mix(ink, ground, 0.05)
    assert "--soft: color-mix(in srgb, var(--ink) 5%, var(--ground))" in STYLE
    assert "--muted: color-mix(in srgb, var(--ink) 72%, var(--ground))" in STYLE
    for below in (rgb(ground), soft):
        assert contrast(rgb(ink), below) >= 4.5
        assert contrast(muted, below) >= 4.5
        weak = {name: contrast(rgb(named(STYLE, name)), below) for name in MARKS}
        assert {name: round(value, 2) for name, value in weak.items() if value < 3} == {}


def test_what_is_written_on_a_highlight_can_be_read() -> None:
    assert contrast(rgb(named(STYLE, "mark-ink")), rgb(named(STYLE, "mark"))) >= 4.5
    assert contrast(rgb("#fff"), rgb(named(STYLE, "accent"))) >= 4.5  # the play button


def test_nothing_is_drawn_half_transparent() -> None:
    """A mark that is not there yet is grey: a pale one could not be seen."""
    styles = "".join(path.read_text(encoding="utf-8") for path in JS.rglob("*.css"))
    faint = re.findall(r"([^{}]+)\{[^}]*opacity: 0", styles)
    assert [selector.strip() for selector in faint] == ["button:disabled"]
    scripts = "".join(path.read_text(encoding="utf-8") for path in JS.rglob("*.js"))
    assert re.findall(r"globalAlpha = (\w+)", scripts) == ["BRUSH", "1"]


@pytest.mark.parametrize("ground", [palette.GROUND, palette.TINT])
def test_stored_pictures_can_be_read(ground: str) -> None:
    assert contrast(rgb(palette.INK), rgb(ground)) >= 4.5
    assert contrast(rgb(palette.MUTED), rgb(ground)) >= 4.5


def test_marks_of_stored_pictures_can_be_seen() -> None:
    colours = (palette.BLUE, palette.PURPLE, palette.GREY, *palette.CALLS)
    assert [one for one in colours if contrast(rgb(one), rgb(palette.GROUND)) < 3] == []


def test_pictures_and_scripts_have_the_same_colours() -> None:
    pairs = {"text": palette.BLUE, "reasoning": palette.PURPLE}
    pairs |= {f"call{n}": colour for n, colour in enumerate(palette.CALLS)}
    assert {name: named(STYLE, name) for name in pairs} == pairs
