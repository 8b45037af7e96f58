"""How a tool call's arguments grow: fragments in, the state of each JSON path out.

This module knows no chunk but its number, and no provider. What is stored are the marks of the
scanner; the state after a fragment is worked out when it is asked for.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import msgspec

from chatviz.chat.arguments.partial import find_closing
from chatviz.chat.arguments.scanner import KINDS
from chatviz.chat.arguments.text import ArgumentFault, ArgumentText, read_arguments

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chatviz.chat.arguments.scanner import Marks

__all__ = ["ArgumentFault", "ArgumentGrowth", "ArgumentState", "Kind", "PathGrowth", "PathState"]

Kind: TypeAlias = Literal["object", "array", "string", "number", "boolean", "null"]


class ArgumentGrowth:
    """The growth of one call's arguments, fragment by fragment.

    Making one does nothing; the text is read, once and in linear time, when something is asked.

    Parameters
    ----------
    fragments
        The pieces of text in the order of their arrival. Empty ones count. They are kept as
        they are given, and must not change.
    chunks
        The number of the chunk that carried each fragment; by default the fragment's own.

    Notes
    -----
    JSON is RFC 8259 to the letter. White space around the value is fine, anything else behind it
    is a fault. No text at all stands for `{}`: it is valid, its value is `{}` and it has no
    paths. Of equal keys in an object both paths are listed; in the value the last one wins.
    """

    def __init__(self, fragments: Sequence[str], chunks: Sequence[int] | None = None) -> None:
        self.fragments = fragments
        self.chunks = range(len(fragments)) if chunks is None else chunks

    def __repr__(self) -> str:
        return f"<ArgumentGrowth of {len(self.fragments)} fragments>"

    @property
    def text(self) -> str:
        """All fragments joined."""
        return self._reading.text

    @property
    def error(self) -> ArgumentFault | None:
        """Where and why the text is no JSON text; None for a valid one."""
        return self._reading.fault

    @property
    def is_valid(self) -> bool:
        """Whether the text is one complete JSON text, or nothing at all."""
        return self.error is None

    @property
    def is_prefix(self) -> bool:
        """Whether the text is JSON as far as it goes: with an `error`, it only ended too early."""
        return self._reading.broken is None

    @property
    def value(self) -> Any:
        """What the text says, as far as it can be read; None where nothing can."""
        return self._reading.read_value(0, cut=len(self.text))

    @cached_property
    def paths(self) -> tuple[PathGrowth, ...]:
        """Every value in the text, in the order in which they began."""
        reading = self._reading
        return tuple(PathGrowth(reading, index) for index in range(len(reading.marks)))

    @property
    def marks(self) -> Marks:
        """The marks of the scanner, one for each of `paths`; not to be changed."""
        return self._reading.marks

    @property
    def runnable_after(self) -> int | None:
        """The first fragment after which the text was complete: the call could have been run."""
        cuts = self._reading.cuts
        end = self.marks.ends[0] if self.marks else len(self.text)
        closing = range(bisect_left(cuts, end), len(cuts)) if end >= 0 else ()
        return next((number for number in closing if self.state_after(number).is_complete), None)

    def state_after(self, fragment: int) -> ArgumentState:
        """Tell what was known when a fragment had come, counted from 0.

        Raises
        ------
        IndexError
            There is no such fragment.
        """
        if not 0 <= fragment < len(self.fragments):
            raise IndexError(
                f"A fragment from 0 to {len(self.fragments) - 1} was wanted, "
                f"{fragment!r} was asked: this call has {len(self.fragments)} fragments."
            )
        return ArgumentState(self._reading, fragment)

    def written_paths(self) -> Iterator[int | None]:
        """Tell for every fragment, in one linear sweep, which of `paths` was being written."""
        reading, marks = self._reading, self._reading.marks
        current, closes_at, begun, starts = -1, 0, 0, [*marks.starts, len(self.text) + 1]
        horizons = reading.horizons()
        for horizon in horizons:
            if starts[begun] < horizon or closes_at <= horizon:
                while starts[begun] < horizon:
                    current, begun = begun, begun + 1
                while current >= 0 and (closes_at := find_closing(marks, current)) <= horizon:
                    current = marks.parents[current]
            yield None if current < 0 else current
        yield from repeat(None, len(self.fragments) - len(horizons))

    @cached_property
    def _reading(self) -> ArgumentText:
        return read_arguments(self.fragments, self.chunks)


@dataclass(frozen=True, slots=True, repr=False)
class ArgumentState:
    """What was known after one fragment. Each answer is worked out when it is asked for."""

    _reading: ArgumentText
    fragment: int

    def __repr__(self) -> str:
        return f"<ArgumentState after fragment {self.fragment}, writing {self.writing}>"

    @property
    def text(self) -> str:
        """The text so far."""
        return self._reading.text[: self._cut]

    @property
    def is_prefix(self) -> bool:
        """Whether the text so far is the beginning of a JSON text."""
        return self._reading.is_prefix_at(self._cut)

    @property
    def is_complete(self) -> bool:
        """Whether the text so far is a complete JSON text.

        A number with nothing around it, and no text at all, are complete after the last fragment.
        """
        reading = self._reading
        if not reading.text:
            return self.fragment == len(reading.cuts) - 1
        begun = len(reading.marks) > 0 and reading.marks.starts[0] < self._cut
        return begun and self.is_prefix and not reading.is_open(0, self.fragment)

    @property
    def writing_index(self) -> int | None:
        """The place in `ArgumentGrowth.paths` of the path that is being written."""
        reading = self._reading
        index = bisect_left(reading.marks.starts, self._cut) - 1
        while index >= 0 and not reading.is_open(index, self.fragment):
            index = reading.marks.parents[index]
        return index if index >= 0 and self.is_prefix else None

    @property
    def writing(self) -> str | None:
        """The path that is being written: the innermost value that is open.

        While a key is being written, that is its object. None before the value, behind it, and
        once the text is no JSON any more.
        """
        index = self.writing_index
        return None if index is None else self._reading.name_path(index)

    @property
    def paths(self) -> tuple[PathState, ...]:
        """Every path that had begun, and whether it was open or complete."""
        reading = self._reading
        return tuple(
            PathState(
                index=index,
                path=reading.name_path(index),
                state="open" if reading.is_open(index, self.fragment) else "complete",
            )
            for index in range(bisect_left(reading.marks.starts, self._cut))
        )

    @property
    def value(self) -> Any:
        """The value as far as it came (the rules: `chatviz.chat.arguments.partial.read_value`).

        None while nothing is known.
        """
        return self._reading.read_value(0, cut=self._cut)

    @property
    def _cut(self) -> int:
        return self._reading.cuts[self.fragment]


class PathState(msgspec.Struct, frozen=True, gc=False):
    """One path after one fragment; `index` is its place in `ArgumentGrowth.paths`."""

    index: int
    path: str
    state: Literal["open", "complete"]


@dataclass(frozen=True, slots=True, repr=False)
class PathGrowth:
    """One value in the arguments, from its first character to its last."""

    _reading: ArgumentText
    index: int

    def __repr__(self) -> str:
        state = "complete" if self.is_complete else "open"
        fragments = f"fragments {self.first_fragment} to {self.last_fragment}"
        return f"<PathGrowth {self.path} {self.kind}, {fragments}, {state}>"

    @property
    def path(self) -> str:
        """The path in words: `$`, `$.a`, `$.items[2].name`, `$["a b"]`."""
        return self._reading.name_path(self.index)

    @property
    def parent(self) -> int | None:
        """The place in `ArgumentGrowth.paths` of what it is in."""
        parent = self._reading.marks.parents[self.index]
        return None if parent < 0 else parent

    @property
    def kind(self) -> Kind:
        """Object, array, string, number, boolean or null, as its first character says."""
        return KINDS[self._reading.marks.kinds[self.index]]

    @property
    def is_complete(self) -> bool:
        """Whether its last character came."""
        return self._reading.marks.ends[self.index] >= 0

    @property
    def start(self) -> int:
        """Offset of its first character in the text."""
        return self._reading.marks.starts[self.index]

    @property
    def end(self) -> int:
        """Offset behind its last character, or behind the last one that could be read."""
        return self._reading.marks.ends[self.index] if self.is_complete else self._reading.stop

    @property
    def first_fragment(self) -> int:
        """The fragment with its first character."""
        return self._reading.find_fragment(self.start)

    @property
    def last_fragment(self) -> int:
        """The fragment with its last character; the closing bracket or quote counts."""
        return self._reading.find_fragment(self.end - 1)

    @property
    def first_chunk(self) -> int:
        """The chunk that carried its first character."""
        return self._reading.chunks[self.first_fragment]

    @property
    def last_chunk(self) -> int:
        """The chunk that carried its last character."""
        return self._reading.chunks[self.last_fragment]

    @property
    def value(self) -> Any:
        """Its value, as far as it came; None where nothing is known."""
        return self._reading.read_value(self.index, cut=self._reading.stop)
