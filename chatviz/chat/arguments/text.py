"""The text of a call's arguments, read to its end: what all answers about its growth draw on."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from chatviz.chat.arguments.partial import ABSENT, find_closing, name_path, read_value
from chatviz.chat.arguments.scanner import ArgumentScanner

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chatviz.chat.arguments.scanner import Break, Marks

__all__ = ["ArgumentFault", "ArgumentText", "read_arguments"]


@dataclass(frozen=True, slots=True)
class ArgumentFault:
    """Where arguments stop being JSON, and why.

    Attributes
    ----------
    offset
        Of the first character that cannot be there; the text's length if it ended too early.
    fragment, chunk
        What carried that character, or the last one.
    path
        The path that was being written, if any.
    reason
        In plain words.
    is_early_end
        True where nothing is wrong but that the rest is missing.
    """

    offset: int
    fragment: int
    chunk: int
    path: str | None
    reason: str
    is_early_end: bool


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ArgumentText:
    """The fragments joined, and their marks; `cuts` holds the offset behind each fragment."""

    text: str
    cuts: Sequence[int]
    chunks: Sequence[int]
    marks: Marks
    broken: Break | None
    fault: ArgumentFault | None

    @property
    def stop(self) -> int:
        """The offset up to which the text can be read."""
        return len(self.text) if self.broken is None else self.broken.offset

    def is_prefix_at(self, cut: int) -> bool:
        """Tell whether the text before the cut is the beginning of a JSON text."""
        return self.broken is None or cut <= self.broken.offset

    def horizons(self) -> list[int]:
        """List the cuts up to the break; the last of all counts one more: nothing follows it."""
        cuts = [*self.cuts[:-1], *(cut + 1 for cut in self.cuts[-1:])]
        return cuts if self.broken is None else cuts[: bisect_right(self.cuts, self.broken.offset)]

    def is_open(self, index: int, fragment: int) -> bool:
        """Tell whether a value that had begun could still grow after a fragment."""
        is_last = fragment == len(self.cuts) - 1
        return find_closing(self.marks, index) > self.cuts[fragment] + is_last

    def find_fragment(self, offset: int) -> int:
        """Find the fragment that brought the character at an offset."""
        return bisect_right(self.cuts, offset)

    def name_path(self, index: int) -> str:
        """Write a path as people do."""
        return name_path(self.text, self.marks, index)

    def read_value(self, index: int, *, cut: int) -> Any:
        """Build the value of a path from the text before the cut; None where nothing is known."""
        if not self.text:
            return {}
        if index >= bisect_left(self.marks.starts, cut):
            return None
        value = read_value(self.text, self.marks, index, cut=min(cut, self.stop))
        return None if value is ABSENT else value


def read_arguments(fragments: Sequence[str], chunks: Sequence[int]) -> ArgumentText:
    """Join the fragments and scan them once."""
    text = "".join(fragments)
    cuts = list(accumulate(map(len, fragments)))
    scanner = ArgumentScanner()
    scanner.feed(text)
    scanner.close()
    broken, marks, fault = scanner.broken, scanner.marks, None
    if text and not scanner.is_complete:
        offset, reason = broken or (len(text), f"wanted {scanner.wanted}, but the text ends")
        fragment = min(bisect_right(cuts, offset), bisect_left(cuts, len(text)))
        path = None if scanner.writing < 0 else name_path(text, marks, scanner.writing)
        is_early_end = broken is None
        fault = ArgumentFault(offset, fragment, chunks[fragment], path, reason, is_early_end)
    return ArgumentText(text, cuts, chunks, marks, broken, fault)
