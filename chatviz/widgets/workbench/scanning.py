"""Reads recording after recording for what the list says of each, and shows how far it is."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from threading import Event
from time import monotonic
from typing import Any, Final

from chatviz.widgets.workbench.selection import Selection

__all__ = ["scan_recordings"]

SHOWN_EVERY_S: Final = 0.25  # how often the list is shown anew while it is read


def scan_recordings(
    selection: Selection,
    lock: AbstractContextManager[Any],
    stop: Event,
    show: Callable[[], None],
) -> None:
    """Read every recording, until told to stop; the list is shown now and then, and at the end."""
    recordings = selection.recordings
    every_s = max(SHOWN_EVERY_S, len(recordings) / 2000)
    shown_at = monotonic()
    for number in range(len(recordings)):
        if stop.is_set():
            return
        selection.look(number, lock)
        if monotonic() - shown_at >= every_s:
            show()
            shown_at = monotonic()
    show()
