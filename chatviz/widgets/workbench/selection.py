"""What is chosen in a workbench: a conversation, an answer, a chunk; and several to compare."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Final, NamedTuple, TypeVar

from chatviz.cassettes.cassette import Cassette
from chatviz.measures.money.prices import Prices
from chatviz.runs.conversation import Conversation
from chatviz.runs.run import StreamRun
from chatviz.views.overview.totals import OverviewTotals
from chatviz.widgets.workbench.folder import (
    ListedRecording,
    Opened,
    Sources,
    find_recordings,
    open_one,
)
from chatviz.wire.events import Chunk

__all__ = ["PickedTalk", "Selection"]

Item = TypeVar("Item")

MAX_KEPT: Final = 4  # recordings that stay read
MAX_SIDES: Final = 6  # of a comparison
MAX_TRIED: Final = 8  # files that are read before one is shown


class PickedTalk(NamedTuple):
    """A conversation that is to be compared or exported, with its name and its recording."""

    name: str
    talk: Conversation
    cassette: Cassette


class Selection:
    """A list of recordings, and the place in it that is looked at.

    Numbers are places in lists: ``run`` in the conversation's runs, ``chunk`` in the run's chunks,
    None where there is nothing to choose. Nothing here knows a browser.

    Attributes
    ----------
    recordings : list of ListedRecording
    totals : OverviewTotals
        Sums over the recordings that were read.
    read : list of int
        Which these are, in the order in which they were read.
    picks : list of (int, int)
        The conversations that are ticked: a recording, and the conversation's place in it.
    """

    def __init__(self, sources: Sources, *, prices: Prices | None = None) -> None:
        self.recordings = list(find_recordings(sources))
        self.totals = OverviewTotals(prices)
        self.read: list[int] = []
        self.picks: list[tuple[int, int]] = []
        self.recording: int | None = None
        self.talk: int | None = None
        self.run: int | None = None
        self.chunk: int | None = None
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

    def pick(self, wanted: Iterable[tuple[int, int]]) -> None:
        """Tick conversations, and no others; what is not there is passed over."""
        places = range(len(self.recordings))
        self.picks = [
            (number, talk)
            for number, talk in dict.fromkeys(wanted)
            if number in places and talk in range(self.recordings[number].conversations or 0)
        ]

    def pin(self) -> None:
        """Tick the chosen conversation alone: it is compared with those that are chosen later."""
        if self.recording is not None and self.talk is not None:
            self.picks = [(self.recording, self.talk)]

    @property
    def sides(self) -> list[tuple[int, int]]:
        """What is compared: the ticked conversations; one alone with the chosen one."""
        chosen = (self.recording, self.talk)
        if len(self.picks) == 1 and None not in chosen and chosen not in self.picks:
            return [*self.picks, chosen]  # type: ignore[list-item]
        return self.picks[:MAX_SIDES] if len(self.picks) > 1 else []

    @property
    def exported(self) -> list[tuple[int, int]]:
        """What is exported: the ticked conversations, or the chosen one where none is ticked."""
        if self.picks or self.recording is None or self.talk is None:
            return list(self.picks)
        return [(self.recording, self.talk)]

    def open_talks(self, places: Iterable[tuple[int, int]]) -> Iterator[PickedTalk]:
        """Yield conversations, read again where they are not kept; those that are gone are not."""
        for number, talk in places:
            opened = self._open(number)
            if opened.cassette is not None and talk < len(opened.conversations):
                name = self.name_of(number, talk)
                yield PickedTalk(name, opened.conversations[talk], opened.cassette)

    def name_of(self, number: int, talk: int) -> str:
        """Name a conversation: its recording, and its number where there are several."""
        listed = self.recordings[number]
        return listed.name + (f", #{talk}" if (listed.conversations or 0) > 1 else "")

    @property
    def recording_name(self) -> str:
        """The chosen recording's name."""
        return "nothing" if self.recording is None else self.recordings[self.recording].name

    @property
    def name(self) -> str:
        """The recording's name, and the conversation's number where there are several."""
        if self.recording is None or self.talk is None:
            return self.recording_name
        return self.name_of(self.recording, self.talk)

    def look(self, number: int, lock: AbstractContextManager[object]) -> None:
        """Read a recording for what a list says of it, if that is not known yet.

        It is read outside of the lock, under which all the rest is changed.
        """
        if self.recordings[number].state == "waiting":
            opened = open_one(self.recordings[number], self.totals.prices)
            with lock:
                self._note(number, opened)

    def _choose_first(self) -> None:
        """Choose the first recording with a conversation, of the first few."""
        few = range(min(len(self.recordings), MAX_TRIED))
        first = next((number for number in few if self._open(number).conversations), 0)
        if self.recordings:
            self.choose_recording(first)

    def _open(self, number: int) -> Opened:
        if number not in self._kept:
            self._kept[number] = open_one(self.recordings[number], self.totals.prices)
            self._note(number, self._kept[number])
        self._kept.move_to_end(number)
        while len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)
        return self._kept[number]

    def _note(self, number: int, opened: Opened) -> None:
        """Take down what is seen of a recording; the first time it is counted, too."""
        if self.recordings[number].state == "waiting":
            self.read.append(number)
            for talk in opened.conversations:
                self.totals.add(talk)
        self.recordings[number] = opened.recording

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
