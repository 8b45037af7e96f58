"""Svg: a tiny writer of pictures that survive where scripts, styles and classes are stripped.

Presentation attributes only; everything is escaped; numbers have one decimal at most.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Final, Literal

from chatviz.views.drawing.palette import FRAME, GROUND, INK
from chatviz.views.drawing.text import show_text

__all__ = ["Anchor", "Svg", "format_number"]

Anchor = Literal["start", "middle", "end"]

SANS: Final = (
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'DejaVu Sans', "
    "sans-serif"
)
MONO: Final = "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace"


def format_number(value: float) -> str:
    """Return a number with at most one decimal, the shortest way."""
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


class Svg:
    """Collects elements; ``finish`` returns the picture.

    Parameters
    ----------
    width : int
        In pixels.
    """

    def __init__(self, width: int) -> None:
        self.width = width
        self._elements: list[str] = []
        self._size = 0

    @property
    def size_bytes(self) -> int:
        """How large the picture is so far, without its head."""
        return self._size

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        fill: str = INK,
        size: int = 12,
        anchor: Anchor = "start",
        bold: bool = False,
        mono: bool = False,
    ) -> None:
        """Write one line of text, its baseline at y."""
        extra = "" if fill == INK else f' fill="{fill}"'
        extra += "" if size == 12 else f' font-size="{size}"'
        extra += "" if anchor == "start" else f' text-anchor="{anchor}"'
        extra += ' font-weight="600"' if bold else ""
        extra += f' font-family="{MONO}" xml:space="preserve"' if mono else ""
        place = f'x="{format_number(x)}" y="{format_number(y)}"'
        self._add(f"<text {place}{extra}>{escape(show_text(text), quote=False)}</text>")

    def signs(
        self, xs: Iterable[float], y: float, signs: str, *, size: int = 12, bold: bool = False
    ) -> None:
        """Write single characters on one line, each in the middle of its place; none for none."""
        if not signs:
            return
        places = " ".join(map(format_number, xs))
        extra = "" if size == 12 else f' font-size="{size}"'
        extra += ' font-weight="600"' if bold else ""
        shown = escape(show_text(signs), quote=False)
        self._add(
            f'<text x="{places}" y="{format_number(y)}" text-anchor="middle"{extra}>{shown}</text>'
        )

    def rect(
        self, x: float, y: float, width: float, height: float, *, fill: str, stroke: str = ""
    ) -> None:
        """Draw a rectangle."""
        frame = f' stroke="{stroke}"' if stroke else ""
        self._add(
            f'<rect x="{format_number(x)}" y="{format_number(y)}" width="{format_number(width)}" '
            f'height="{format_number(height)}" fill="{fill}"{frame}/>'
        )

    def path(
        self, steps: Iterable[str], *, stroke: str = "none", width: float = 1, fill: str = "none"
    ) -> None:
        """Draw many strokes as one path; nothing where there are none."""
        drawn = "".join(steps)
        if not drawn:
            return
        line = "" if stroke == "none" else f' stroke="{stroke}"'
        line += "" if width == 1 or not line else f' stroke-width="{format_number(width)}"'
        filled = "" if fill == INK else f' fill="{fill}"'
        self._add(f'<path d="{drawn}"{filled}{line}/>')

    def _add(self, element: str) -> None:
        self._elements.append(element)
        self._size += len(element.encode())

    def finish(self, height: int, title: str) -> str:
        """Return the whole picture, on its opaque ground."""
        size = f'width="{self.width}" height="{height}"'
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {self.width} {height}" '
            f'font-family="{SANS}" font-size="12" fill="{INK}" role="img">'
            f"<title>{escape(show_text(title))}</title>"
            f'<rect {size} fill="{GROUND}"/>'
            f'<path d="M.5 .5h{self.width - 1}v{height - 1}h-{self.width - 1}z" fill="none" '
            f'stroke="{FRAME}"/>'
        )
        return head + "".join(self._elements) + "</svg>"
