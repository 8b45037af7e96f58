"""What is chosen in a workbench, for Python to read and to set."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Any

import pandas as pd

from chatviz.cassettes.cassette import Cassette
from chatviz.runs.conversation import Conversation
from chatviz.runs.run import StreamRun
from chatviz.views.inspector.inspect import inspect
from chatviz.views.overview.overview import make_overview
from chatviz.views.view import View
from chatviz.widgets.workbench.selection import Selection
from chatviz.widgets.workbench.talk_frame import recording_frame
from chatviz.wire.events import Chunk

__all__ = ["ChosenInPython"]


class ChosenInPython:
    """A workbench's choice as attributes; what is set is shown by whoever has them."""

    _selection: Selection
    _lock: AbstractContextManager[Any]

    def _show(self) -> None:
        raise NotImplementedError

    def _move(self) -> None:
        raise NotImplementedError

    def _show_list(self) -> None:
        raise NotImplementedError

    def _tell_picks(self) -> None:
        raise NotImplementedError

    @property
    def cassette(self) -> Cassette | None:
        """The chosen recording; set it by its name, its number, its path or itself."""
        opened = self._selection.opened
        return None if opened is None else opened.cassette

    @cassette.setter
    def cassette(self, wanted: int | str | os.PathLike[str] | Cassette) -> None:
        with self._lock:
            self._selection.choose_recording(wanted)
            self._show()
            self._show_list()

    @property
    def conversations(self) -> tuple[Conversation, ...]:
        """The conversations of the chosen recording."""
        return self._selection.conversations

    @property
    def conversation(self) -> Conversation | None:
        """The chosen conversation; set it by its number or itself."""
        return self._selection.conversation

    @conversation.setter
    def conversation(self, wanted: int | Conversation) -> None:
        with self._lock:
            self._selection.choose_talk(wanted)
            self._show()

    @property
    def run(self) -> StreamRun | None:
        """The chosen answer; set it by its number in ``bench.conversation.runs`` or itself."""
        return self._selection.chosen_run

    @run.setter
    def run(self, wanted: int | StreamRun) -> None:
        with self._lock:
            self._selection.choose_run(wanted)
            self._move()

    @property
    def chunk(self) -> Chunk | None:
        """The chosen chunk of ``bench.run``; set it by its number or itself."""
        return self._selection.chosen_chunk

    @chunk.setter
    def chunk(self, wanted: int | Chunk) -> None:
        with self._lock:
            self._selection.choose_chunk(wanted)
            self._move()

    @property
    def recordings(self) -> pd.DataFrame:
        """The list of recordings, with what each holds, or why it cannot be read."""
        return recording_frame(self._selection.recordings)

    @property
    def view(self) -> View | None:
        """The chosen conversation in the inspector, as a view."""
        talk = self.conversation
        return None if talk is None else inspect(talk)

    @property
    def overview(self) -> View:
        """The overview of what was read by now, as a view."""
        with self._lock:
            recordings = list(self._selection.recordings)
        items = [row for one in recordings for row in one.listed]
        names = {one.name: one.name for one in recordings}
        return make_overview(items, self._selection.totals, names=names)

    @property
    def picked(self) -> tuple[Conversation, ...]:
        """The ticked conversations; set them by pairs of a recording's number and theirs in it."""
        with self._lock:
            chosen = self._selection
            return tuple(one.talk for one in chosen.open_talks(chosen.picks))

    @picked.setter
    def picked(self, wanted: Iterable[tuple[int, int]]) -> None:
        with self._lock:
            self._selection.pick(wanted)
            self._tell_picks()
