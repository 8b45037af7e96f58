"""From entries to what is kept of them: a record of each file, and the rows of the tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import Final, Literal, TypeAlias

from chatviz.cassettes.cassette import Cassette
from chatviz.cassettes.content.encodings import DecodingLimit
from chatviz.cassettes.formats.file_kinds import looks_like_recording
from chatviz.cassettes.formats.source_file import LFS_POINTER
from chatviz.cassettes.reading import iterate_runs
from chatviz.cassettes.storage import LINK_TO_NOTHING, read_data
from chatviz.datasets.sources.entries import FileEntry, NotRegularError, SourceEntry
from chatviz.errors import CassetteError, CassetteUnsupportedError
from chatviz.runs.run import StreamRun

__all__ = ["STATES", "FileRecord", "OpenedFile", "State", "hash_run", "open_entry"]

State: TypeAlias = Literal["waiting", "read", "repeated", "no recording", "not supported", "bad"]
STATES: Final[tuple[State, ...]] = (
    "waiting",
    "read",
    "repeated",
    "no recording",
    "not supported",
    "bad",
)


@dataclass(frozen=True, slots=True)
class FileRecord:
    """What is known of one file of a data set.

    Attributes
    ----------
    name : str
    size_bytes : int | None
    version : str
        What its entry had when it was read.
    state : str
        ``"waiting"`` until it is read; then ``"read"``, ``"repeated"`` (it holds the same as
        another file, which is counted), ``"no recording"`` (it is something else),
        ``"not supported"`` (of a kind that is recognised and not read), or ``"bad"``.
    reason : str
        Why it is not read, or not counted.
    format : str
        ``"go-vcr"`` …, ``""`` where it was not read.
    interactions, runs : int | None
        How many it holds.
    content : str
        A hash of what its runs hold; the same for the same recording in another format.
    """

    name: str
    size_bytes: int | None = None
    version: str = ""
    state: State = "waiting"
    reason: str = ""
    format: str = ""
    interactions: int | None = None
    runs: int | None = None
    content: str = ""


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A file that was read: its record, its runs in their order, and a hash of each."""

    record: FileRecord
    runs: tuple[StreamRun, ...] = ()
    run_ids: tuple[str, ...] = ()


def open_entry(entry: SourceEntry) -> OpenedFile:
    """Read a file; one that cannot be read says why in its record, and raises nothing."""
    record = FileRecord(entry.name, entry.size_bytes, entry.version)
    data = None
    try:
        data = entry.read()
        record = replace(record, size_bytes=len(data))
        cassette = replace(read_data(data, entry.path, entry.read_neighbour), path=entry.path)
        return _opened(record, cassette, entry.limit)
    except Exception as error:  # whatever a strange file does, its row says it
        state, reason = _refusal(error, entry, data)
        is_same = data is not None or state != "bad"  # next time it may have bytes
        version = record.version if is_same else ""
        return OpenedFile(replace(record, state=state, reason=reason, version=version))


def hash_run(run: StreamRun) -> str:
    """Return a hash of what was asked and answered: no header, no query, no time is in it."""
    head = run.head
    asked = f"{head.method} {head.url.partition('?')[0]} {run.response.status} "
    found = blake2b(asked.encode("utf-8", "surrogatepass"), digest_size=16)
    found.update(len(head.body).to_bytes(8, "big"))
    found.update(head.body)
    found.update(run.body)
    return found.hexdigest()


def _opened(record: FileRecord, cassette: Cassette, limit: DecodingLimit | None) -> OpenedFile:
    runs = tuple(iterate_runs(cassette, limit))
    run_ids = tuple(map(hash_run, runs))
    return OpenedFile(
        replace(
            record,
            state="read",
            format=cassette.format,
            interactions=len(cassette.interactions),
            runs=len(runs),
            content=_hash_content(runs, run_ids),
        ),
        runs,
        run_ids,
    )


def _hash_content(runs: Sequence[StreamRun], run_ids: Iterable[str]) -> str:
    """Return a hash of a whole recording, ``""`` where it has no run.

    The headers of the answers are in it: servers put the time and an id there, so that two
    failures that say the same are two.
    """
    if not runs:
        return ""
    found = blake2b(digest_size=16)
    for run, run_id in zip(runs, run_ids, strict=True):
        headers = {name.lower(): values for name, values in run.response.headers.items()}
        kept = sorted((name, values) for name, values in headers.items() if name not in _CHANGING)
        found.update(f"{run_id}{kept!r}".encode("utf-8", "surrogatepass"))
    return found.hexdigest()


def _refusal(error: Exception, entry: SourceEntry, data: bytes | None) -> tuple[State, str]:
    """Return the state and the reason of a file that was not read."""
    if isinstance(error, CassetteError):
        line = "" if error.line is None else f"line {error.line}: "
        return _state_of(error, entry, data), line + error.reason
    if isinstance(error, NotRegularError):
        return "no recording", error.strerror or str(error)
    if isinstance(error, FileNotFoundError):
        if isinstance(entry, FileEntry) and Path(entry.path).is_symlink():
            return "bad", LINK_TO_NOTHING
        return "bad", "the file was there when it was listed, and is gone"
    if isinstance(error, OSError):
        return "bad", f"the file cannot be read: {error.strerror or error}"
    if isinstance(error, ValueError):
        return "bad", str(error)
    return "bad", f"{type(error).__name__}: {error}"


def _state_of(error: CassetteError, entry: SourceEntry, data: bytes | None) -> State:
    """Tell a broken recording from what is none: a file of YAML or JSON may be anything."""
    if isinstance(error, CassetteUnsupportedError):
        return "not supported"
    is_empty = not data or not data.strip(b"\0 \t\r\n")
    if is_empty or data is None or looks_like_recording(data) or data.startswith(LFS_POINTER):
        return "bad"
    return "bad" if entry.path.lower().endswith(_OF_RECORDINGS) else "no recording"


_CHANGING: Final = frozenset(("content-encoding", "content-length", "transfer-encoding"))
_OF_RECORDINGS: Final = (".har", ".sse")  # nothing else is called so
