"""A bar that says how far long work is, where somebody looks."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Any, Final, Self

__all__ = ["NotebookLine", "ProgressBar", "is_in_notebook", "somebody_looks"]

FIRST_AFTER_S: Final = 1.0  # what is done sooner shows none
WIDTH: Final = 80  # characters, in a notebook: a narrow page shows them all


def is_in_notebook() -> bool:
    """Whether this runs in a kernel: that IPython has been imported does not say so."""
    ipython: Any = sys.modules.get("IPython")
    return ipython is not None and hasattr(ipython.get_ipython(), "kernel")


def somebody_looks() -> bool:
    """Whether a bar would be seen: on a terminal, or in a notebook."""
    return sys.stderr.isatty() or is_in_notebook()


class NotebookLine:
    """A line below a notebook's cell that is written anew, as one of a terminal is.

    It is text, and no widget: a notebook that is shared shows nothing of a widget that has ended,
    or how far it was when it began.
    """

    encoding = "utf-8"

    def __init__(self) -> None:
        self._handle: Any = None

    def write(self, text: str) -> None:
        """Put a text in the place of the last; none of it takes the line away."""
        if text == "\n":  # how tqdm leaves a line
            return
        data = {"text/plain": text.strip()}
        if self._handle is not None:
            self._handle.update(data, raw=True)
        elif data["text/plain"]:
            from IPython import display as shown

            show: Any = shown.display
            self._handle = show(data, raw=True, display_id=True)

    def flush(self) -> None:
        """Do nothing: what is written is shown."""


class ProgressBar:
    """A bar of tqdm: text below a notebook's cell, or on a terminal; nothing where it is not shown.

    Parameters
    ----------
    total : int
        Of how many; more may be done than that.
    doing : str
        What is being done.
    unit : str
        What is counted, in the singular.
    is_shown : bool
    stays : bool
        Whether it is still to be seen when all is done.
    """

    def __init__(
        self, total: int, *, doing: str, unit: str, is_shown: bool, stays: bool = True
    ) -> None:
        self._begun = 0  # steps
        self._bar: Any = None
        if is_shown:
            from tqdm import tqdm

            where: Any = {"file": NotebookLine(), "ncols": WIDTH} if is_in_notebook() else {}
            self._bar = tqdm(
                total=total, desc=doing, unit=unit, leave=stays, delay=FIRST_AFTER_S, **where
            )

    def advance(self, count: int, **noted: int) -> None:
        """Count what was done, with numbers to be shown beside it."""
        if self._bar is not None:
            if noted:
                self._bar.set_postfix(noted, refresh=False)
            self._bar.update(count)

    def begin(self, doing: str) -> None:
        """Say which step is done now; the one before has ended, and the last ends with the bar."""
        if self._bar is not None:
            self._bar.set_description(doing, refresh=False)
            self.advance(self._begun)
            self._begun = 1
            self._bar.total = max(self._bar.total, self._bar.n + 1)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            if error is None:
                self.advance(self._begun)
            self._bar.close()
