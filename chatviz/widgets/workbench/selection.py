"""What is chosen in a workbench: a recording, one of its conversations, an answer, a chunk."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Final, TypeVar

from chatviz.cassettes.cassette import Cassette
from chatviz.runs.conversation import Conversation
from chatviz.runs.run import StreamRun
from chatviz.widgets.workbench.folder import (
    ListedRecording,
    Opened,
    Sources,
    find_recordings,
    look_at,
    open_one,
)
from chatviz.wire.events import Chunk

__all__ = ["Selection"]

Item = TypeVar("Item")

MAX_KEPT: Final = 4  # recordings that stay read
MAX_TRIED: Final = 8  # files that are read before one is shown


class Selection:
    """A list of recordings, and the place in it that is looked at.

    Numbers are places in lists: ``run`` in the conversation's runs, ``chunk`` in the run's chunks,
    None where there is nothing to choose. Nothing here knows a browser.
    """

    def __init__(self, sources: Sources) -> None:
        self.recordings = list(find_recordings(sources))
        self.recording: int | None = None
        self.talk: int | None = None
        self.run: int | None = None
        self.chunk: int | None = None
        self.pinned: tuple[str, Conversation] | None = None
        self._kept: OrderedDict[int, Opened] = OrderedDict()
        self._choose_first()

    @property
    def opened(self) -> Opened | None:
        """The chosen recording, read."""
        return None if self.recording is None else self._open(self.recording)

    @property
    def conversations(self) -> tuple[Conversation, ...]:
        """The conversations of the chosen recording."""
        return self.opened.conversations if self.opened else ()

    @property
    def conversation(self) -> Conversation | None:
        """The chosen conversation."""
        return None if self.talk is None else self.conversations[self.talk]

    @property
    def chosen_run(self) -> StreamRun | None:
        """The chosen answer."""
        talk = self.conversation
        return None if talk is None or self.run is None else talk.runs[self.run]

    @property
    def chosen_chunk(self) -> Chunk | None:
        """The chosen chunk."""
        run = self.chosen_run
        return None if run is None or self.chunk is None else run.chunks[self.chunk]

    def choose_recording(self, wanted: int | str | os.PathLike[str] | Cassette) -> None:
        """Choose a recording by its place, its name, its path or itself; read it now."""
        self.recording = self._place_of(wanted)
        self.choose_talk(0 if self.conversations else None)

    def choose_talk(self, wanted: int | Conversation | None) -> None:
        """Choose a conversation, and the last chunk of its last answer."""
        self.talk = _place(wanted, self.conversations, "conversation")
        runs = self.conversation.runs if self.conversation else ()
        self.choose_run(len(runs) - 1 if runs else None)

    def choose_run(self, wanted: int | StreamRun | None) -> None:
        """Choose an answer, and its last chunk."""
        runs = self.conversation.runs if self.conversation else ()
        self.run = _place(wanted, runs, "run")
        run = self.chosen_run
        self.chunk = len(run.chunks) - 1 if run is not None and len(run.chunks) else None

    def choose_chunk(self, wanted: int | Chunk | None) -> None:
        """Choose a chunk of the chosen answer."""
        number = wanted.index if isinstance(wanted, Chunk) else wanted
        run = self.chosen_run
        self.chunk = _place(number, run.chunks if run is not None else (), "chunk")

    def pin(self) -> None:
        """Keep the chosen conversation as the first side of a comparison."""
        talk = self.conversation
        self.pinned = None if talk is None else (self.name, talk)

    @property
    def recording_name(self) -> str:
        """The chosen recording's name."""
        return "nothing" if self.recording is None else self.recordings[self.recording].name

    @property
    def name(self) -> str:
        """The recording's name, and the conversation's number where there are several."""
        several = len(self.conversations) > 1 and self.talk is not None
        return self.recording_name + (f", #{self.talk}" if several else "")

    def look(self, number: int, lock: AbstractContextManager[object]) -> None:
        """Read a recording for what a list says of it, if that is not known yet.

        It is read outside of the lock, under which all the rest is changed.
        """
        if self.recordings[number].state == "waiting":
            seen = look_at(self.recordings[number])
            with lock:
                if self.recordings[number].state == "waiting":
                    self.recordings[number] = seen

    def _choose_first(self) -> None:
        """Choose the first recording with a conversation, of the first few."""
        few = range(min(len(self.recordings), MAX_TRIED))
        first = next((number for number in few if self._open(number).conversations), 0)
        if self.recordings:
            self.choose_recording(first)

    def _open(self, number: int) -> Opened:
        if number not in self._kept:
            self._kept[number] = open_one(self.recordings[number])
            self.recordings[number] = self._kept[number].recording
        self._kept.move_to_end(number)
        while len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)
        return self._kept[number]

    def _place_of(self, wanted: int | str | os.PathLike[str] | Cassette) -> int:
        if isinstance(wanted, int):
            return _place(wanted, self.recordings, "recording") or 0
        for number, recording in enumerate(self.recordings):
            if _is_meant(wanted, recording):
                return number
        names = ", ".join(repr(recording.name) for recording in self.recordings[:8])
        raise LookupError(f"{wanted!r} is none of the recordings: {names or 'there are none'}.")


def _is_meant(wanted: str | os.PathLike[str] | Cassette, recording: ListedRecording) -> bool:
    if isinstance(wanted, Cassette):
        source = recording.source
        return source is wanted or (wanted.path is not None and str(source) == wanted.path)
    name = os.fspath(wanted)
    return name == recording.name or name == str(recording.source)


def _place(wanted: int | Item | None, items: Sequence[Item], noun: str) -> int | None:
    """Return the place of what is wanted: a number, counted from the end below 0, or an item."""
    if wanted is None or isinstance(wanted, int):
        if wanted is None or -len(items) <= wanted < len(items):
            return None if wanted is None else wanted % len(items)
        raise IndexError(f"there is no {noun} {wanted}: there are {len(items)}, counted from 0.")
    for number, item in enumerate(items):
        if item is wanted or item == wanted:
            return number
    raise LookupError(f"this {noun} is none of the {len(items)} that can be chosen here.")
