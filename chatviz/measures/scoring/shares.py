"""Shares: so many of so many, and the interval in which the share behind them may lie."""

from __future__ import annotations

from math import sqrt
from typing import Final, NamedTuple

__all__ = ["Share"]

Z_95: Final = 1.959963984540054  # the normal distribution's 97.5 % quantile: both sides make 95 %


class Share(NamedTuple):
    """So many of so many.

    Attributes
    ----------
    hits : int
        Those of which something is true.
    of : int
        Those of which it is known.
    """

    hits: int
    of: int

    @property
    def value(self) -> float | None:
        """The share, from 0 to 1; None of nothing."""
        return self.hits / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's score interval at 95 %, without continuity correction; None of nothing.

        E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
        Journal of the American Statistical Association 22 (1927), 209-212,
        doi:10.1080/01621459.1927.10502953. For few answers it is the one to take: L. D. Brown,
        T. T. Cai and A. DasGupta, "Interval estimation for a binomial proportion", Statistical
        Science 16 (2001), 101-133, doi:10.1214/ss/1009213286.
        """
        if not self.of:
            return None
        share, n = self.hits / self.of, self.of
        square = Z_95 * Z_95
        middle = share + square / (2 * n)
        half = Z_95 * sqrt(share * (1 - share) / n + square / (4 * n * n))
        scale = 1 + square / n
        low = 0.0 if self.hits == 0 else (middle - half) / scale
        high = 1.0 if self.hits == n else (middle + half) / scale
        return low, high
