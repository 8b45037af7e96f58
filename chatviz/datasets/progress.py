"""The bar that says how far the reading of many files is: rate, bad files, time left."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from types import TracebackType
from typing import Any, Final

from chatviz.datasets.reading import FileRecord

__all__ = ["ReadingBar"]

LEAST_FILES: Final = 50  # fewer show no bar
FIRST_AFTER_S: Final = 1.0  # what is done sooner shows none


class ReadingBar:
    """A bar of tqdm, as a widget in a notebook and as text on a terminal; else nothing.

    Parameters
    ----------
    files : int
        How many are read.
    is_shown : bool | None
        None: where somebody looks, and the files are many.
    """

    def __init__(self, files: int, is_shown: bool | None) -> None:
        if is_shown is None:
            is_shown = files >= LEAST_FILES and (sys.stderr.isatty() or "ipykernel" in sys.modules)
        self._bar: Any = None
        self._bad = 0
        if is_shown:
            from tqdm.auto import tqdm

            self._bar = tqdm(total=files, desc="reading", unit="file", delay=FIRST_AFTER_S)

    def add(self, records: Iterable[FileRecord]) -> None:
        """Count files that were read."""
        if self._bar is None:
            return
        states = [record.state for record in records]
        self._bad += states.count("bad")
        self._bar.set_postfix(bad=self._bad, refresh=False)
        self._bar.update(len(states))

    def __enter__(self) -> ReadingBar:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.close()
