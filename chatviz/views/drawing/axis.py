"""Scale: from seconds or chunk numbers to pixels, with ticks at numbers that are easy to read."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, log10

__all__ = ["Scale", "nice_step"]


@dataclass(frozen=True, slots=True)
class Scale:
    """A straight line from what is measured to pixels.

    Attributes
    ----------
    start, end : float
        What is measured, at both ends.
    left, right : float
        The pixels of both ends.
    """

    start: float
    end: float
    left: float
    right: float

    @property
    def step_px(self) -> float:
        """How many pixels one unit has."""
        return (self.right - self.left) / (self.end - self.start)

    def place(self, value: float) -> float:
        """Return the pixel of a value."""
        return self.left + (value - self.start) * self.step_px

    def ticks(self, *, whole: bool = False) -> list[tuple[float, str]]:
        """Return about six easy numbers inside the scale, each as value and words.

        Parameters
        ----------
        whole : bool
            Whether only whole numbers mean something.
        """
        step = nice_step((self.end - self.start) / 6)
        step = max(step, 1) if whole else step
        decimals = max(0, -floor(log10(step) + 1e-9))
        first = -floor(-self.start / step)
        last = floor(self.end / step + 1e-9)
        return [
            (number * step, f"{number * step:,.{decimals}f}") for number in range(first, last + 1)
        ]


def nice_step(step: float) -> float:
    """Return the smallest of 1, 2, 5, 10, 20, 50 … (and 0.5, 0.2 …) that is not below a step."""
    power: float = 10.0 ** floor(log10(step))
    return next((n * power for n in (1, 2, 5) if n * power >= step * (1 - 1e-9)), 10 * power)
