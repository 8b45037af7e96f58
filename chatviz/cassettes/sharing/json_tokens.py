r"""JSON as its tokens, each at its place, whether the text is whole, cut off or damaged.

A string may be read and written again in its own spelling: ``\u00e9`` stays an escape.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

__all__ = ["JSONToken", "SpelledText", "looks_like_json", "read_tokens"]

_TOKEN: Final = re.compile(
    r'(?P<string>"(?:[^"\\]|\\.)*+(?:"|\\?\Z))|(?P<sign>[{}\[\]:,])'
    r'|(?P<number>-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![^\s{}\[\]:,"]))'
    r'|(?P<bare>[^\s{}\[\]:,"]+)',
    re.DOTALL,
)
_LOOKS: Final = re.compile(r'\s*(?:\{\s*(?:["}]|\Z)|\[\s*(?:[{\["]|-?[0-9])|"\s*[{\[]\s*\\")')
_UNIT: Final = re.compile(
    r"\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|\\u([0-9a-fA-F]{4})|\\?.",
    re.DOTALL,
)
_ESCAPES: Final = {'"': '"', "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class JSONToken(NamedTuple):
    """A key, a string, a number or a bare word (``true``; or none of JSON's), and where it is.

    ``path`` are the keys that it lies under, the outermost first. The span of a string is that
    between its quotes.
    """

    kind: Literal["key", "string", "number", "bare"]
    start: int
    end: int
    path: tuple[str, ...]
    in_list: bool


def looks_like_json(text: str) -> bool:
    """Say whether a text begins as an object or an array does, or as a text of JSON of one."""
    return _LOOKS.match(text) is not None


def read_tokens(text: str) -> Iterator[JSONToken]:
    """Yield the tokens of a JSON text, or of what there is of one."""
    path: tuple[str, ...] = ()
    stack: list[tuple[bool, tuple[str, ...]]] = []  # whether an object, and the path to it
    wants_key = False
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        in_list = bool(stack) and not stack[-1][0]
        match match.lastgroup, match[0]:
            case "sign", "{" | "[" as sign:
                stack.append((sign == "{", path))
                wants_key = sign == "{"
            case "sign", "}" | "]":
                path = stack.pop()[1] if stack else ()
                wants_key = False
            case "sign", ",":
                wants_key = bool(stack) and stack[-1][0]
                path = stack[-1][1] if stack else ()
            case "string", string:
                start, end = start + 1, end - (len(string) > 1 and string[-1] == '"')
                # Behind damage, what a colon follows is a key, too.
                if stack and (wants_key or text[match.end() : match.end() + 1] == ":"):
                    outer = stack[-1][1]
                    yield JSONToken("key", start, end, outer, False)
                    path, wants_key = (*outer, text[start:end]), False
                else:
                    yield JSONToken("string", start, end, path, in_list)
            case "number", _:
                yield JSONToken("number", start, end, path, in_list)
            case "bare", _:
                yield JSONToken("bare", start, end, path, in_list)
            case _:
                pass


class SpelledText:
    """What a JSON string says, and how each of its characters is spelled.

    Parameters
    ----------
    spelled : str
        What stands between the quotes.
    """

    def __init__(self, spelled: str) -> None:
        self._spelled = spelled
        self._units: list[tuple[str, str]] | None = None
        self.text = spelled
        if "\\" in spelled:
            self._units = [(unit[0], _read_unit(unit)) for unit in _UNIT.finditer(spelled)]
            self.text = "".join(character for _, character in self._units)

    def spell(self, text: str) -> str:
        """Return another text of as many characters, spelled as this one is."""
        if self._units is None:
            return text
        return "".join(
            spelled if old == new else _spell_unit(spelled, new)
            for (spelled, old), new in zip(self._units, text, strict=True)
        )


def _read_unit(unit: re.Match[str]) -> str:
    high, low, single = unit.groups()
    if high is not None:
        return chr(0x10000 + ((int(high, 16) - 0xD800) << 10) + int(low, 16) - 0xDC00)
    if single is not None:
        return chr(int(single, 16))
    escaped = unit[0][1:] if unit[0][0] == "\\" else ""
    return _ESCAPES.get(escaped, "\\") if unit[0][0] == "\\" else unit[0]


def _spell_unit(spelled: str, character: str) -> str:
    """Spell a character as another one of the same size was."""
    if not spelled.startswith("\\u"):
        return character
    number = ord(character)
    halves = [number]
    if number > 0xFFFF:
        halves = [0xD800 + ((number - 0x10000) >> 10), 0xDC00 + ((number - 0x10000) & 0x3FF)]
    text = "".join(f"\\u{half:04x}" for half in halves)
    return text.upper().replace("\\U", "\\u") if spelled.upper()[2:] == spelled[2:] else text
