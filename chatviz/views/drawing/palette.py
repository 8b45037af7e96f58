"""The colours: Okabe and Ito's, told apart by colour-blind eyes, on one ground for all themes.

Purple, orange and sky are darker than theirs, for a contrast of 3 at least. Every colour is
beside a word or a shape that says the same. Text is written in ``INK`` or ``MUTED`` only: both have
a contrast of at least 4.5 on ``GROUND`` and on the tints.
"""

from __future__ import annotations

from typing import Final

__all__ = [
    "BLUE",
    "CALLS",
    "FRAME",
    "GREEN",
    "GREY",
    "GROUND",
    "INK",
    "MUTED",
    "ORANGE",
    "PURPLE",
    "RULE",
    "SKY",
    "TINT",
    "VERMILION",
]

GROUND: Final = "#f8f8f5"  # opaque: a quiet card on white, and no glare on black
FRAME: Final = "#d2d2cc"
RULE: Final = "#e3e3dd"
TINT: Final = "#ecece6"
INK: Final = "#1a1a1a"
MUTED: Final = "#595959"

BLUE: Final = "#0072b2"
VERMILION: Final = "#d55e00"
GREEN: Final = "#009e73"
PURPLE: Final = "#bf6498"
ORANGE: Final = "#b07800"
SKY: Final = "#2f8fc9"
GREY: Final = "#767676"

CALLS: Final = (VERMILION, GREEN, ORANGE, SKY)
"""The colours of tool calls, in turn."""
