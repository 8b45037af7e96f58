"""WordMap: another word for each word, always the same one, as long in characters and in bytes.

The words are made with a random key: without it nobody can try out what they stood for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from hashlib import blake2b
from itertools import groupby
from typing import Final
from unicodedata import category

from chatviz.given_values import holds_key

__all__ = ["WordMap"]

# Letters and signs beyond ASCII are taken apart by their category. A longer run may be an id.
_TOKEN: Final = re.compile(r"(?:[A-Za-z]|[^\x00-\x7f])+|[0-9]+")
_RUN: Final = re.compile(r"[A-Za-z0-9_+/-]{8,}|(?:[A-Za-z]|[^\x00-\x7f])+|[0-9]+")
_ID: Final = re.compile(r"[A-Za-z0-9_-]{4,}")
_MASK: Final = re.compile(r"R(?:E(?:D(?:A(?:C(?:T(?:E(?:D)?)?)?)?)?)?)?|9{3,}")
_ID_HEAD: Final = re.compile(r"[A-Za-z]{2,12}[_-](?=[A-Za-z0-9_-]{6})")
_TAG: Final = re.compile(r"(</?think>)")
_HEX: Final = re.compile(r"[0-9a-f-]{8,}")
_MANTISSA: Final = re.compile(r"[^eE]+")
_LONG: Final = 24
_MOST_TRIES: Final = 2_000
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
# Where letters of two, three and four bytes come from: Cyrillic, and two blocks of Han.
_POOLS: Final = {2: (0x430, 32), 3: (0x4E00, 0x5000), 4: (0x20000, 0xA000)}


class WordMap:
    """Another word for each word, another id for each id.

    Parameters
    ----------
    key : bytes
        Secret, and new for each recording; at most 64 bytes.
    avoid : iterable of str
        Words that no new word may hold.

    Notes
    -----
    Letters stay letters of the same case, digits digits; the first digit of a number stays 0 or
    not 0, so that it stays a number. Two words become two words. A word of one or two characters
    stays what it is where all others are taken. What a redaction wrote stays.
    """

    def __init__(self, key: bytes, avoid: Iterable[str] = ()) -> None:
        self._key = key
        words = {token[0].lower() for word in avoid for token in _TOKEN.finditer(word)}
        self._avoid = tuple(word for word in words if len(word) > 1)
        self._words: dict[str, str] = {}
        self._taken: set[str] = set()
        self._ids: dict[str, str] = {}

    def replace_words(self, text: str) -> str:
        """Return a text with each of its words and numbers replaced, and known ids as ids."""
        if "<" not in text:
            return _RUN.sub(self._replace_run, text)
        parts = _TAG.split(text)
        parts[::2] = [_RUN.sub(self._replace_run, part) for part in parts[::2]]
        return "".join(parts)

    def replace_number(self, text: str) -> str:
        """Return a number of JSON with other digits; its exponent stays."""
        head = _MANTISSA.match(text)
        end = 0 if head is None else head.end()
        return _TOKEN.sub(self._replace_token, text[:end]) + text[end:]

    def replace_id(self, text: str) -> str:
        """Return another id: it keeps what it begins with (``call_``), its signs and its case."""
        known = self._ids.get(text)
        if known is None:
            head = _ID_HEAD.match(text)
            place = 0 if head is None else head.end()
            known = self._find_new(text, text[:place], text[place:])
            self._ids[text] = known
        return known

    def replace_known_ids(self, text: str) -> str:
        """Return a text with those ids replaced that were replaced before."""
        return _ID.sub(lambda match: self._ids.get(match[0], match[0]), text)

    def _replace_run(self, match: re.Match[str]) -> str:
        known = self._ids.get(match[0])
        if known is not None:
            return known
        parts = match[0].split("/")
        if len(parts) > 1 and not self._ids.keys().isdisjoint(parts):
            return "/".join(self._ids.get(part) or self._replace_plain(part) for part in parts)
        return self._replace_plain(match[0])

    def _replace_plain(self, run: str) -> str:
        return self.replace_id(run) if _is_opaque(run) else _TOKEN.sub(self._replace_token, run)

    def _replace_token(self, match: re.Match[str]) -> str:
        token = match[0]
        if token.isascii():
            return self._replace_word(token)
        return "".join(
            self._replace_word("".join(run)) if are_letters else "".join(run)
            for are_letters, run in groupby(token, _is_letter)
        )

    def _replace_word(self, word: str) -> str:
        if _MASK.fullmatch(word):
            return word
        folded = "".join(each.lower() if each.isascii() else each for each in word)
        known = self._words.get(folded)
        if known is None:
            known = self._words[folded] = self._find_new(folded, "", folded)
        return "".join(
            new.upper() if old.isascii() and old.isupper() else new
            for old, new in zip(word, known, strict=True)
        )

    def _find_new(self, seed: str, head: str, rest: str) -> str:
        """Return a new word of the shape of an old one that no other has got."""
        is_number = rest.isascii() and rest.isdigit() and not head
        letters = "abcdef" if _HEX.fullmatch(rest) else _LETTERS
        for count in range(_MOST_TRIES):
            numbers = self._numbers(seed, count)
            new = head + "".join(_other(each, next(numbers), letters) for each in rest)
            if is_number:
                first = "0" if rest[0] == "0" else str(1 + next(numbers) % 9)
                new = first + new[1:]
            if new != seed and new not in self._taken and not self._is_unfit(new):
                self._taken.add(new)
                return new
        self._taken.add(seed)
        return seed

    def _is_unfit(self, word: str) -> bool:
        """Say whether a new word holds one to avoid, or looks like a key by chance."""
        folded = word.lower()
        looks_secret = len(word) > 9 and holds_key(word)
        return looks_secret or any(each in folded for each in self._avoid)

    def _numbers(self, seed: str, count: int) -> Iterator[int]:
        data = seed.encode("utf-8", "surrogatepass")
        block = 0
        while True:
            name = b"%d %d " % (count, block)
            digest = blake2b(name + data, key=self._key).digest()
            yield from (int.from_bytes(digest[at : at + 4]) for at in range(0, len(digest), 4))
            block += 1


def _is_opaque(run: str) -> bool:
    """Say whether a long run is no words: base64, or a name made by a program."""
    return len(run) >= _LONG and 4 * len(_TOKEN.findall(run)) >= len(run)


def _other(character: str, number: int, letters: str) -> str:
    """Return a character of the same kind and size in UTF-8; signs stay."""
    if character.isascii():
        if character.isdigit():
            return str(number % 10)
        if character.isupper():
            return letters[number % len(letters)].upper()
        return letters[number % len(letters)] if character.islower() else character
    if not _is_letter(character):
        return character
    first, count = _POOLS[len(character.encode())]
    return chr(first + number % count)


@lru_cache(maxsize=4096)
def _is_letter(character: str) -> bool:
    """Say whether a character is a letter, a mark on one or a digit, and no sign or emoji."""
    is_variant = "\ufe00" <= character <= "\ufe0f"
    return not is_variant and category(character)[0] in "LMN"
