"""What in a text points to a person or a machine: addresses, numbers, paths, names that are given.

Shapes are no proof: a number may be none of a telephone, and an address may be written out. What
is free text is replaced whole for that reason, unless it is asked to be kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

__all__ = ["PersonalFinder", "find_numbers"]

_MAIL: Final = re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_PHONE: Final = re.compile(
    r"(?<![\w.+-])(?:\+[0-9][0-9 ()./-]{6,18}[0-9]|\(?[0-9]{3}\)?[ .-][0-9]{3}[ .-][0-9]{4}"
    r"|0[0-9]{2,5}[ /-][0-9][0-9 -]{4,10}[0-9])(?![\w-])"
)
_PATH: Final = re.compile(
    r"(?<![\w:/.\\])(?:~|\.{1,2})?(?:/[\w.@+-]+){2,64}/?"
    r"|(?<![\w:/.])~/[\w.@+-]+"
    r"|(?<!\w)[A-Za-z]:\\+[^\s\"'<>|:*?]{1,400}|\\\\[\w.-]+\\[^\s\"'<>|:*?]{1,400}"
)
_LONG: Final = 5
_SPACE: Final = re.compile(r"\s+")


class PersonalFinder:
    """Finds what is personal in a text.

    Parameters
    ----------
    names : iterable of str
        Found whatever their case; those of five characters or more inside of longer words, too.

    Raises
    ------
    ValueError
        A name is shorter than two characters: it would be found in every text.
    """

    def __init__(self, names: Iterable[str]) -> None:
        given = [name.strip() for name in names]
        if any(len(name) < 2 for name in given):
            raise ValueError("wanted names of two characters or more, found a shorter one.")
        longest_first = sorted(given, key=lambda name: -len(name))
        spelled = [_pattern_of(name) for name in longest_first]
        self._names = re.compile("|".join(spelled), re.IGNORECASE) if spelled else None

    def replace(
        self, text: str, new: Callable[[str], str], count: Callable[[str], None], *, all_kinds: bool
    ) -> str:
        """Return a text with what is personal replaced.

        Parameters
        ----------
        text : str
        new : callable
            Gives another text of the same length.
        count : callable
            Told the kind of each that was replaced.
        all_kinds : bool
            Whether phone numbers and paths are looked for, besides addresses and names.
        """
        spans = sorted(
            (*match.span(), kind)
            for kind, pattern in self._patterns(all_kinds)
            for match in pattern.finditer(text)
        )
        parts, place = [], 0
        for start, end, kind in spans:
            if end <= place:
                continue
            begin = max(start, place)
            parts += [text[place:begin], new(text[begin:end])]
            place = end
            count(kind)
        return "".join([*parts, text[place:]]) if parts else text

    def is_personal(self, text: str) -> bool:
        """Say whether a name or a mail address is in a text."""
        return any(pattern.search(text) for _, pattern in self._patterns(False))

    def count_names(self, text: str) -> int:
        """Return how often one of the names is in a text."""
        return 0 if self._names is None else sum(1 for _ in self._names.finditer(text))

    def _patterns(self, all_kinds: bool) -> Iterator[tuple[str, re.Pattern[str]]]:
        if self._names is not None:
            yield "names", self._names
        yield "mail addresses", _MAIL
        if all_kinds:
            yield "phone numbers", _PHONE
            yield "paths", _PATH


def find_numbers(text: str) -> list[str]:
    """Return the mail addresses and phone numbers in a text."""
    return [*_MAIL.findall(text), *_PHONE.findall(text)]


def _pattern_of(name: str) -> str:
    """Return the expression of a name; "Tim" is not found in "time", nor "Art" in "start"."""
    spelled = r"\s+".join(map(re.escape, _SPACE.split(name)))
    return spelled if len(name) >= _LONG else rf"(?<![^\W\d_]){spelled}(?![^\W\d_])"
