"""The recordings of a folder: found by name at once, read one at a time when they are wanted."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from chatviz.cassettes.cassette import Cassette
from chatviz.cassettes.pending import wait_for_all_writers
from chatviz.cassettes.reading import CassetteLike, read_conversations
from chatviz.cassettes.storage import load_cassette, path_name, read_data
from chatviz.datasets.sources.folders import may_be_recording, walk
from chatviz.errors import CassetteError
from chatviz.measures.money.prices import Prices
from chatviz.runs.conversation import Conversation
from chatviz.views.overview.rows import NotListed, TalkRow, read_row
from chatviz.views.overview.totals import OverviewTotals

if TYPE_CHECKING:  # the command line lists folders without pandas
    from chatviz.datasets.dataset import DataSet
    from chatviz.datasets.sources.entries import SourceEntry

__all__ = [
    "MAX_FILES",
    "ListedRecording",
    "Opened",
    "Sources",
    "find_recordings",
    "look_at",
    "open_one",
]

Sources: TypeAlias = "CassetteLike | DataSet | Iterable[CassetteLike]"

MAX_FILES: Final = 10_000


@dataclass(frozen=True, slots=True)
class ListedRecording:
    """One recording of a list.

    Attributes
    ----------
    name : str
        The path inside the folder; the only one of its list.
    source : Path | Cassette | SourceEntry
    state : str
        ``"waiting"`` until it is read, then ``"read"`` or ``"unreadable"``.
    reason : str
        Why it cannot be read.
    conversations, answers : int | None
        How many it holds; None until it is read.
    rows : tuple of TalkRow
        What a list says of each conversation.
    """

    name: str
    source: Path | Cassette | SourceEntry
    state: Literal["waiting", "read", "unreadable"] = "waiting"
    reason: str = ""
    conversations: int | None = None
    answers: int | None = None
    rows: tuple[TalkRow, ...] = ()

    @property
    def listed(self) -> tuple[TalkRow | NotListed, ...]:
        """The rows of its conversations; before it is read, and if it cannot be, one for itself."""
        if self.rows or self.state == "read":
            return self.rows or (NotListed(self.name, "it holds no chat"),)
        return (NotListed(self.name, self.reason),)


@dataclass(frozen=True, slots=True)
class Opened:
    """A recording that was read: what it holds, and what is to be said of it in the list."""

    recording: ListedRecording
    cassette: Cassette | None = None
    conversations: tuple[Conversation, ...] = ()


def find_recordings(sources: Sources) -> tuple[ListedRecording, ...]:
    """List recordings without reading any.

    Parameters
    ----------
    sources : folder, path, Cassette, data set, or an iterable of them
        A folder stands for the recordings in it and in its folders, sorted by name; the first
        10,000 are listed. Of a data set all files are.

    Raises
    ------
    FileNotFoundError
        There is no such folder or file.
    TypeError
        It is none of these.
    """
    wait_for_all_writers()
    found: dict[str, ListedRecording] = {}
    for name, source in _sources(sources):
        unique = name
        number = 2
        while unique in found:
            unique, number = f"{name} ({number})", number + 1
        found[unique] = ListedRecording(unique, source)
    return tuple(found.values())


def open_one(recording: ListedRecording, prices: Prices | None = None) -> Opened:
    """Read a recording; one that cannot be read says why, and raises nothing.

    Parameters
    ----------
    recording : ListedRecording
    prices : mapping of str to Price, price list, or None
        For what the tokens come to.
    """
    source = recording.source
    try:
        cassette = source if isinstance(source, Cassette) else _load(source)
        talks = tuple(read_conversations(cassette))
        rows = tuple(
            replace(read_row(talk, number, prices), source=recording.name)
            for number, talk in enumerate(talks)
        )
    except CassetteError as error:
        line = "" if error.line is None else f"line {error.line}: "
        return Opened(replace(recording, state="unreadable", reason=line + error.reason))
    except Exception as error:  # whatever a strange file does, the list says it and goes on
        reason = f"{type(error).__name__}: {error}"
        return Opened(replace(recording, state="unreadable", reason=reason))
    answers = sum(len(talk.runs) for talk in talks)
    seen = replace(recording, state="read", conversations=len(talks), answers=answers, rows=rows)
    return Opened(seen, cassette, talks)


def look_at(recording: ListedRecording, totals: OverviewTotals | None = None) -> ListedRecording:
    """Read a recording, and keep only what the list says of it; its sums are added to `totals`."""
    opened = open_one(recording, None if totals is None else totals.prices)
    if totals is not None:
        for talk in opened.conversations:
            totals.add(talk)
    return opened.recording


def _load(source: Path | SourceEntry) -> Cassette:
    if isinstance(source, Path):
        return load_cassette(source)
    cassette = read_data(source.read(), source.path, source.read_neighbour)
    return replace(cassette, path=source.path)


def _sources(sources: Sources) -> Iterator[tuple[str, Path | Cassette | SourceEntry]]:
    if isinstance(sources, Cassette):
        yield Path(sources.path).name if sources.path else "cassette", sources
    elif hasattr(sources, "entries"):  # a data set
        yield from ((entry.name, entry) for entry in sources.entries)
    elif isinstance(sources, str | os.PathLike):
        path = Path(path_name(sources))
        if path.is_dir():
            yield from ((file.relative_to(path).as_posix(), file) for file in _files(path))
        elif path.exists():
            yield path.name, path
        else:
            raise FileNotFoundError(
                f"there is no folder or file {os.fspath(sources)!r}: give a folder of recordings, "
                "the path of one, or cv.sample(name)."
            )
    elif isinstance(sources, bytes | bytearray) or not isinstance(sources, Iterable):
        found = type(sources).__name__
        raise TypeError(f"wanted a folder, a path, a Cassette or several, found {found!r}.")
    else:
        for source in sources:
            yield from _sources(source)


def _files(folder: Path) -> list[Path]:
    """Return the files that may be recordings, sorted."""
    found = (one for one in walk(str(folder)) if not isinstance(one, OSError))
    named = (Path(one.path) for one in found if may_be_recording(one.name))
    return list(islice(named, MAX_FILES))
