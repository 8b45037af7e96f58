"""Plain values written as YAML on one line, in ASCII: what cuts such a line cuts no character.

Reading it gives what reading the text of ``write_yaml`` gives.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from itertools import zip_longest

from chatviz.cassettes.yaml.write import check_depth, double_quoted, write_scalar

__all__ = ["write_line"]


def write_line(value: object, *, depth: int = 1) -> str:
    """Write one value on one line.

    Parameters
    ----------
    value : object
        Maps, lists, tuples, str, bytes, int, float, bool and None.
    depth : int
        How deep it is nested in the document, counted from 1.

    Raises
    ------
    CassetteFormatError
        A value of another type, or text with lone surrogates, which is not text.
    CassetteLimitError
        Maps and lists are nested deeper than can be read again.
    """
    return "".join(_pieces(value, depth))


def _pieces(value: object, depth: int) -> Iterator[str]:
    if isinstance(value, Mapping):
        check_depth(depth)
        yield "{"
        for number, (key, item) in enumerate(value.items()):
            yield ", " if number else ""
            name = _scalar(key)
            # A key without "?" may have 1,024 characters.
            yield f"{name}: " if len(name) < 1000 else f"? {name} : "
            yield from _pieces(item, depth + 1)
        yield "}"
    elif isinstance(value, list | tuple):
        check_depth(depth)
        yield "["
        for number, item in enumerate(value):
            yield ", " if number else ""
            yield from _pieces(item, depth + 1)
        yield "]"
    else:
        yield _scalar(value)


def _scalar(value: object) -> str:
    if isinstance(value, bytes):
        return f'!!binary "{base64.b64encode(value).decode("ascii")}"'
    return write_scalar(value, "", _quoted)


def _quoted(text: str, _: str) -> str:
    """Quote as JSON does, which YAML reads alike but for characters beyond U+FFFF and DEL."""
    if _SURROGATE.search(text):
        return double_quoted(text)  # raises
    parts = _BEYOND.split(text)
    quoted = [json.dumps(part)[1:-1] for part in parts[::2]]
    escapes = ["".join(f"\\U{ord(each):08X}" for each in part) for part in parts[1::2]]
    whole = "".join(each for pair in zip_longest(quoted, escapes, fillvalue="") for each in pair)
    return '"' + whole.replace("\x7f", "\\x7F") + '"'


_BEYOND = re.compile("([\U00010000-\U0010ffff]+)")
_SURROGATE = re.compile("[\ud800-\udfff]")
