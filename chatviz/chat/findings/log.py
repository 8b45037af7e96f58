"""What was odd on the wire: one code, one sentence and one place each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, Final, Protocol

import msgspec

from chatviz.chat.deltas import PartKey
from chatviz.chat.findings.kinds import KINDS, FindingKind, Severity
from chatviz.chat.findings.recording_kinds import RECORDING_KINDS

__all__ = [
    "Finding",
    "FindingLog",
    "Sentence",
    "in_order",
    "say_part",
    "severity_rank",
    "shorten",
    "start_of",
]

_RANKS: Final[dict[Severity, int]] = {"error": 0, "warning": 1, "info": 2}
_KINDS: Final = {**RECORDING_KINDS, **KINDS}
_PLACES: Final = {code: place for place, code in enumerate(_KINDS)}


class Finding(msgspec.Struct, frozen=True, dict=True):
    """Something odd on the wire, reported once however often it happened.

    Attributes
    ----------
    code : str
        Its kind, one of ``KINDS``.
    severity : str
        ``"error"``: something is lost, wrong or cannot be used; ``"warning"``: it can be read in
        more than one way, or may be incomplete; ``"info"``: unusual, but read without doubt.
    sentence : str | Sentence
        What ``message`` is made of, when it is asked for: one sentence with the numbers.
    part : str
        What it concerns, ``""`` for the answer as a whole.
    chunk, last_chunk : int | None
        The first and the last chunk that show it; None where no chunk does.
    count : int
        How many chunks (or other things that the sentence names) show it.
    """

    code: str
    severity: Severity
    sentence: str | Sentence
    part: str = ""
    chunk: int | None = None
    last_chunk: int | None = None
    count: int = 1

    @cached_property
    def message(self) -> str:
        """One sentence with the numbers."""
        return self.sentence if isinstance(self.sentence, str) else self.sentence.tell()

    def __hash__(self) -> int:
        return hash((self.code, self.part, self.chunk, self.last_chunk, self.count))

    def __repr__(self) -> str:
        return f"Finding({self.code!r}, {self.severity!r}, {self.message!r})"


class Sentence(msgspec.Struct, frozen=True):
    """The sentence of a finding before it is written: its kind's words, and what they name."""

    template: str
    part: str
    chunk: int | None
    details: Mapping[str, object]

    def tell(self) -> str:
        """Write the sentence."""
        told = {
            name: _CountWithNoun(value) if isinstance(value, int) else value
            for name, value in self.details.items()
        }
        part = self.part
        shown = part if part.isprintable() and len(part) <= 200 else shorten(part, 200)
        message = self.template.format(part=shown, chunk=self.chunk, **told)
        if part and "{part}" not in self.template:
            message = f"{shown}: {message}"
        # A detail may be a sentence itself.
        return message[:-1] if message.endswith("..") else message


class _Tally(msgspec.Struct):
    count: int
    chunk: int | None
    last_chunk: int | None
    details: dict[str, object]


class NoteLike(Protocol):
    """A note of a dialect: ``NoteDelta``."""

    @property
    def code(self) -> str:
        """The finding's kind."""

    @property
    def part(self) -> str:
        """What it concerns."""

    @property
    def details(self) -> tuple[tuple[str, str | int], ...]:
        """What its sentence names."""


class FindingLog:
    """Collects findings: one for each code and part, counted, with its first and last chunk."""

    def __init__(self) -> None:
        self._entries: dict[tuple[str, str], _Tally] = {}

    def add(
        self,
        code: str,
        part: str = "",
        chunk: int | None = None,
        *,
        count: int = 1,
        last_chunk: int | None = None,
        **details: object,
    ) -> None:
        """Note that something was seen; the details of the first time tell the sentence."""
        last = chunk if last_chunk is None else last_chunk
        entry = self._entries.get((code, part))
        if entry is None:
            self._entries[code, part] = _Tally(count, chunk, last, details)
        else:
            entry.count += count
            entry.last_chunk = last

    def take(self, note: NoteLike, chunk: int | None) -> None:
        """Note what a dialect has seen, with the chunk that shows it."""
        entry = self._entries.get((note.code, note.part))
        if entry is None:
            details: dict[str, Any] = dict(note.details)
            self.add(note.code, note.part, chunk, **details)
        else:
            entry.count += 1
            entry.last_chunk = chunk

    def holds(self, code: str) -> bool:
        """Whether this was noted before, for the answer as a whole."""
        return (code, "") in self._entries

    def copy(self) -> FindingLog:
        """Return a copy that later notes do not change."""
        other = FindingLog()
        other._entries = {
            key: _Tally(entry.count, entry.chunk, entry.last_chunk, entry.details)
            for key, entry in self._entries.items()
        }
        return other

    def merge(self, other: FindingLog, part: str | None = None) -> None:
        """Take over what another log has noted, under another part where one is given."""
        for (code, own_part), entry in other._entries.items():
            self.add(
                code,
                own_part if part is None else part,
                entry.chunk,
                count=entry.count,
                last_chunk=entry.last_chunk,
                **entry.details,
            )

    def findings(self, *kinds: Mapping[str, FindingKind]) -> tuple[Finding, ...]:
        """Return what was found, errors first, then in the order of the stream.

        Parameters
        ----------
        *kinds : mapping of str to FindingKind
            The kinds that only the answer's dialect knows.
        """
        made = [
            _make(_KINDS.get(code) or _find_kind(code, kinds), part, entry)
            for (code, part), entry in self._entries.items()
        ]
        return in_order(made)


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Sort findings: errors, warnings, then the rest; within them by chunk."""
    return tuple(sorted(findings, key=_place))


def severity_rank(finding: Finding) -> int:
    """Return 0 for an error, 1 for a warning, 2 for what is unusual only."""
    return _RANKS[finding.severity]


def _place(finding: Finding) -> tuple[int, int, int, str, str]:
    chunk = -1 if finding.chunk is None else finding.chunk
    place = _PLACES.get(finding.code, len(_PLACES))
    return (severity_rank(finding), chunk, place, finding.code, finding.part)


def say_part(part: PartKey) -> str:
    """Return a part's key as sentences show it: ``2.0``."""
    return ".".join(map(str, part)) if isinstance(part, tuple) else str(part)


def shorten(text: object, limit: int = 60) -> str:
    """Return a value as text that is fit for a sentence: quoted, and cut with a mark."""
    shown = repr(text if len(str(text)) <= limit else str(text)[: limit - 1] + "…")
    return shown.encode("utf-8", "backslashreplace").decode()


def start_of(data: bytes) -> str:
    """Return as much of some bytes as a sentence may show."""
    return shorten(data[:200].decode("utf-8", "replace"))


class _CountWithNoun(int):
    """A number that brings its noun: ``{count:chunk|chunks}`` is "1 chunk" or "2 chunks"."""

    def __format__(self, nouns: str) -> str:
        one, _, many = nouns.partition("|")
        return f"{int(self)} {one if self == 1 else many}" if nouns else str(int(self))


def _find_kind(code: str, kinds: Iterable[Mapping[str, FindingKind]]) -> FindingKind:
    return next(known[code] for known in kinds if code in known)


def _make(kind: FindingKind, part: str, entry: _Tally) -> Finding:
    details = {"count": entry.count, **entry.details}
    sentence = Sentence(kind.sentence, part, entry.chunk, details)
    return Finding(
        kind.code, kind.severity, sentence, part, entry.chunk, entry.last_chunk, entry.count
    )
