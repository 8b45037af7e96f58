"""Every table as a method, for whatever builds its tables itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from chatviz.measures.money.prices import Prices
from chatviz.tables.groups.scorecard import RankedBy

__all__ = ["TableMethods"]

Frame = TypeVar("Frame")


class TableMethods(Generic[Frame]):
    """The tables of ``chatviz``, each as a method of its name; options are those of the table."""

    __slots__ = ()

    def build_table(self, name: str, **options: Any) -> Frame:
        """Build a table by its name."""
        raise NotImplementedError

    def argument_table(self) -> Frame:
        """Return ``cv.argument_table`` of all runs."""
        return self.build_table("argument_table")

    def cache_table(self, *, prices: Prices | None = None) -> Frame:
        """Return ``cv.cache_table`` of all runs."""
        return self.build_table("cache_table", **_given(prices=prices))

    def chunk_table(self) -> Frame:
        """Return ``cv.chunk_table`` of all runs."""
        return self.build_table("chunk_table")

    def critical_path_table(self) -> Frame:
        """Return ``cv.critical_path_table`` of all runs."""
        return self.build_table("critical_path_table")

    def definition_table(self) -> Frame:
        """Return ``cv.definition_table`` of all runs."""
        return self.build_table("definition_table")

    def delta_table(self) -> Frame:
        """Return ``cv.delta_table`` of all runs."""
        return self.build_table("delta_table")

    def finding_table(self, *, prices: Prices | None = None) -> Frame:
        """Return ``cv.finding_table`` of all runs."""
        return self.build_table("finding_table", **_given(prices=prices))

    def gap_table(
        self, *, longer_than_s: float | None = None, times_the_median: float | None = None
    ) -> Frame:
        """Return ``cv.gap_table`` of all runs."""
        limits = _given(longer_than_s=longer_than_s, times_the_median=times_the_median)
        return self.build_table("gap_table", **limits)

    def run_table(self) -> Frame:
        """Return ``cv.run_table`` of all runs."""
        return self.build_table("run_table")

    def scorecard_table(
        self,
        *,
        by: str | Sequence[str] = ("model", "host"),
        rank_by: RankedBy = "errors",
        min_n: int = 20,
    ) -> Frame:
        """Return ``cv.scorecard_table`` of all conversations."""
        return self.build_table("scorecard_table", by=by, rank_by=rank_by, min_n=min_n)

    def server_timing_table(self) -> Frame:
        """Return ``cv.server_timing_table`` of all runs."""
        return self.build_table("server_timing_table")

    def timing_table(self) -> Frame:
        """Return ``cv.timing_table`` of all runs."""
        return self.build_table("timing_table")

    def tool_call_table(self) -> Frame:
        """Return ``cv.tool_call_table`` of all runs."""
        return self.build_table("tool_call_table")

    def usage_table(self, *, prices: Prices | None = None) -> Frame:
        """Return ``cv.usage_table`` of all runs."""
        return self.build_table("usage_table", **_given(prices=prices))


def _given(**options: Any) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}
