"""The bar that says how far the reading of many files is: rate, bad files, time left."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from chatviz.datasets.reading import FileRecord
from chatviz.progress_bar import ProgressBar, somebody_looks

__all__ = ["ReadingBar"]

LEAST_FILES: Final = 50  # fewer show no bar


class ReadingBar(ProgressBar):
    """A bar that counts files.

    Parameters
    ----------
    files : int
        How many are read.
    is_shown : bool | None
        None: where somebody looks, and the files are many.
    """

    def __init__(self, files: int, is_shown: bool | None) -> None:
        if is_shown is None:
            is_shown = files >= LEAST_FILES and somebody_looks()
        super().__init__(files, doing="reading", unit="file", is_shown=is_shown)
        self._bad = 0

    def add(self, records: Iterable[FileRecord]) -> None:
        """Count files that were read."""
        states = [record.state for record in records]
        self._bad += states.count("bad")
        self.advance(len(states), bad=self._bad)
