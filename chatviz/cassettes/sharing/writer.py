"""Writer: writes each text of a recording anew, the same one the same way wherever it stands."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from chatviz.cassettes.redaction.masks import cover_listed
from chatviz.cassettes.sharing.bodies import BodyText, find_texts, put_texts
from chatviz.cassettes.sharing.fragments import ChunkPieces
from chatviz.cassettes.sharing.json_tokens import (
    JSONToken,
    SpelledText,
    looks_like_json,
    read_tokens,
)
from chatviz.cassettes.sharing.personal import PersonalFinder
from chatviz.cassettes.sharing.vocabulary import Vocabulary
from chatviz.cassettes.sharing.word_map import WordMap

__all__ = ["FreeText", "Writer"]

FreeText: TypeAlias = Literal["shapes", "keep"]

_ONE_WORD: Final = re.compile(r"[A-Za-z0-9_.:-]{0,40}")
_DEEPEST: Final = 8  # levels of JSON that is a text of JSON
_LITERALS: Final = frozenset(["true", "false", "null", "NaN", "Infinity", "-Infinity"])


class Writer:
    """Write the texts of one recording anew.

    Parameters
    ----------
    words : WordMap
    vocabulary : Vocabulary
    finder : PersonalFinder
    text : str
        ``"shapes"`` or ``"keep"``: what happens to free text.
    keeps_numbers : bool
        Whether numbers that a tool takes stay.

    Attributes
    ----------
    changed : Counter
        How many of each kind were replaced.
    """

    def __init__(
        self,
        words: WordMap,
        vocabulary: Vocabulary,
        finder: PersonalFinder,
        *,
        text: FreeText,
        keeps_numbers: bool = False,
    ) -> None:
        self.changed: Counter[str] = Counter()
        self._words = words
        self._vocabulary = vocabulary
        self._finder = finder
        self._replaces_all = text == "shapes"
        self._keeps_numbers = keeps_numbers
        self._known: dict[str, str] = {}

    def write_body(
        self, body: bytes, content_type: str, pieces: Mapping[int, ChunkPieces] | None = None
    ) -> bytes:
        """Return a body of the same size and framing."""
        texts = find_texts(body, content_type.lower())
        return put_texts(body, ((each, self._write_text(each, pieces or {})) for each in texts))

    def write_line(self, text: str) -> str:
        """Return a line of the protocol (a URL, a header): without addresses, names and ids."""
        text = self._words.replace_known_ids(text)
        return self._replace_personal(text, all_kinds=False)

    def write_url(self, url: str, *, is_chat: bool) -> str:
        """Return a URL; in its query a chat has words of the protocol, others have anything."""
        place, mark, query = url.partition("?")
        pairs = []
        for pair in query.split("&"):
            name, equals, value = pair.partition("=")
            is_word = is_chat and _ONE_WORD.fullmatch(value)
            written = self.write_line(value) if is_word else self._write_escaped(value)
            pairs.append(name + equals + written)
        return self.write_line(place) + mark + "&".join(pairs)

    def write_id(self, text: str) -> str:
        """Return another id."""
        new = self._words.replace_id(text)
        self._count("ids", text, new)
        return new

    def write_free(self, text: str, depth: int = 0) -> str:
        """Return what somebody wrote, anew; JSON in it stays JSON of the same keys."""
        known = self._known.get(text)
        if known is None:
            if looks_like_json(text) and depth < _DEEPEST:
                known = self._write_json(text, ChunkPieces(), depth + 1)
            else:
                known = self._write_words(text)
            self._known[text] = known
        return known

    def _write_text(self, text: BodyText, pieces: Mapping[int, ChunkPieces]) -> str:
        if text.kind == "line":
            return self.write_line(text.text)
        if text.kind == "parameters":
            return self._write_parameters(text.text)
        if not looks_like_json(text.text):
            return self._write_words(text.text)
        mine = ChunkPieces() if text.chunk is None else pieces.get(text.chunk, ChunkPieces())
        return self._write_json(text.text, mine, 0)

    def _write_parameters(self, text: str) -> str:
        """Write the values of a form; their escapes stay."""
        parts: list[str] = []
        for pair in text.split("&"):
            name, equals, value = pair.partition("=")
            parts.append(name + equals + self._write_escaped(value))
        return "&".join(parts)

    def _write_escaped(self, text: str) -> str:
        first, *others = text.split("%")
        written = [self._write_words(first), *(e[:2] + self._write_words(e[2:]) for e in others)]
        return "%".join(written)

    def _write_json(self, text: str, pieces: ChunkPieces, depth: int) -> str:
        parts, place = [], 0
        for token in read_tokens(text):
            sent = text[token.start : token.end]
            parts += [text[place : token.start], self._write_token(token, sent, pieces, depth)]
            place = token.end
        return "".join([*parts, text[place:]])

    def _write_token(self, token: JSONToken, sent: str, pieces: ChunkPieces, depth: int) -> str:
        if token.kind == "number":
            return self._write_number(token, sent, depth)
        if token.kind == "bare":
            return sent if sent in _LITERALS else self._write_words(sent)
        spelled = SpelledText(sent)
        if token.kind == "key":
            return spelled.spell(self._write_key(token, spelled.text, depth))
        return spelled.spell(self._write_string(token, spelled.text, pieces, depth))

    def _write_key(self, token: JSONToken, text: str, depth: int) -> str:
        """Return a key; one of JSON in a text, or of a tool's data, may be somebody's own."""
        vocabulary = self._vocabulary
        is_own = text not in vocabulary.properties if depth else vocabulary.is_own_key(token, text)
        if self._replaces_all and is_own:
            return self._write_words(text)
        return self._replace_personal(text, all_kinds=False)

    def _write_number(self, token: JSONToken, sent: str, depth: int) -> str:
        if not self._replaces_all:
            return sent
        if self._vocabulary.hides_text(token):
            self.changed["numbers that spell a text"] += 1
            return cover_listed(sent.encode()).decode()
        is_data = depth > 0 or self._vocabulary.is_data(token)
        if not ((is_data and not self._keeps_numbers) or self._vocabulary.is_long_id(token, sent)):
            return sent
        new = self._words.replace_number(sent)
        self._count("numbers", sent, new)
        return new

    def _write_string(self, token: JSONToken, text: str, pieces: ChunkPieces, depth: int) -> str:
        if depth:
            is_choice = text in self._vocabulary.choices
            return self.write_line(text) if is_choice else self.write_free(text, depth)
        match self._vocabulary.role_of(token, text):
            case "kept":
                return self.write_line(text)
            case "id":
                return self.write_id(text)
            case "text" if (piece := pieces.take(text)) is not None:
                whole = self.write_free(piece.said.text)
                return whole[piece.start : piece.start + len(text)]
            case _:
                return self.write_free(text)

    def _write_words(self, text: str) -> str:
        if not self._replaces_all:
            return self._replace_personal(self._words.replace_known_ids(text), all_kinds=True)
        new = self._words.replace_words(text)
        self._count("texts", text, new)
        self._count_names(text)
        return new

    def _replace_personal(self, text: str, *, all_kinds: bool) -> str:
        def count(kind: str) -> None:
            self.changed[kind] += 1

        return self._finder.replace(text, self._words.replace_words, count, all_kinds=all_kinds)

    def _count_names(self, text: str) -> None:
        if found := self._finder.count_names(text):
            self.changed["names"] += found

    def _count(self, kind: str, before: str, after: str) -> None:
        if before != after:
            self.changed[kind] += 1
