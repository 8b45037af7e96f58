"""Plain values come in, YAML text goes out, in the style of Go's YAML writer (two spaces).

Text of several lines is a block scalar where YAML holds it exactly, else double-quoted; bytes are
``!!binary``. Lines that end in white space are double-quoted, as Go does it: editors strip them.
"""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Callable, Iterator, Mapping

from chatviz.cassettes.yaml.nodes import YamlKey
from chatviz.cassettes.yaml.parse import MAX_DEPTH
from chatviz.errors import CassetteFormatError, CassetteLimitError

__all__ = ["check_depth", "double_quoted", "write_scalar", "write_yaml"]


def write_yaml(document: Mapping[YamlKey, object]) -> str:
    """Write one YAML document.

    Parameters
    ----------
    document : mapping
        Maps, lists, tuples, str, bytes, int, float, bool and None, and not empty itself.

    Returns
    -------
    str
        Reading it gives equal values; a tuple comes back as a list.

    Raises
    ------
    CassetteFormatError
        A value of another type, or text with lone surrogates, which is not Unicode text.
    CassetteLimitError
        Maps and lists are nested deeper than can be read again.
    """
    return "---\n" + "".join(_entries(document, "", 1))


def _entries(entries: Mapping[YamlKey, object], pad: str, depth: int) -> Iterator[str]:
    """Write the lines of a map; the first one continues the current line."""
    check_depth(depth)
    lead = ""
    for key, value in entries.items():
        name = _binary(key) if isinstance(key, bytes) else write_scalar(key, pad, _one_line)
        yield lead
        # A key on one line with its colon may have 1,024 characters; Go's writer allows 128.
        yield f"{name}:" if len(name) <= 128 else f"? {name}\n{pad}:"
        yield from _value(value, pad, depth, is_item=False)
        lead = pad


def _items(items: list[object] | tuple[object, ...], pad: str, depth: int) -> Iterator[str]:
    check_depth(depth)
    lead = ""
    for item in items:
        yield lead + "-"
        yield from _value(item, pad, depth, is_item=True)
        lead = pad


def _value(value: object, pad: str, depth: int, *, is_item: bool) -> Iterator[str]:
    """Write what follows a ``key:`` or a ``-``, with its line's end."""
    inner = pad + "  "
    if isinstance(value, Mapping) and value:
        yield " " if is_item else "\n" + inner
        yield from _entries(value, inner, depth + 1)
    elif isinstance(value, (list, tuple)) and value:
        # A list under a key is indented no further than the key.
        yield " " if is_item else "\n" + pad
        yield from _items(value, inner if is_item else pad, depth + 1)
    else:
        yield f" {write_scalar(value, pad, _text)}\n"


def write_scalar(value: object, pad: str, write_text: Callable[[str, str], str]) -> str:
    """Write a value that is no map or list, or an empty one; text as ``write_text`` does it."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return _float(value)
        case str():
            return write_text(value, pad)
        case bytes():
            return _bytes(value, pad)
        case Mapping():
            return "{}"
        case list() | tuple():
            return "[]"
    raise CassetteFormatError(
        f"a {type(value).__name__} cannot be written: a recording holds plain data "
        "(maps, lists, text, bytes, numbers, true, false, nothing)."
    )


def _text(text: str, pad: str) -> str:
    if "\n" not in text:
        return _one_line(text, pad)
    if _NOT_IN_BLOCK.search(text) or text[-1] in " \t" or " \n" in text or "\t\n" in text:
        return double_quoted(text)
    return _block(text, pad)


def _one_line(text: str, pad: str) -> str:
    if not text or _OTHER_KIND.fullmatch(text) or _NOT_IN_LINE.search(text):
        return double_quoted(text)
    return text if _PLAIN.fullmatch(text) else "'" + text.replace("'", "''") + "'"


def _block(text: str, pad: str) -> str:
    # A first line that starts with white space would be taken for more indentation.
    hint = "2" if text[0] in " \t\n" else ""
    content = text.rstrip("\n")
    breaks = len(text) - len(content)
    chomp = "-" if breaks == 0 else "" if breaks == 1 and content else "+"
    indent = pad + "  "
    lines = "\n".join(indent + line if line else "" for line in content.split("\n"))
    return f"|{hint}{chomp}\n{lines}" + "\n" * max(breaks - 1, 0)


def double_quoted(text: str) -> str:
    """Quote a text; an error where it holds lone surrogates, which are no text."""
    for character, escape in _ESCAPES.items():
        text = text.replace(character, escape)
    return '"' + _UNNAMED.sub(_escape, text) + '"'


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    if 0xD800 <= code <= 0xDFFF:
        raise CassetteFormatError(
            f"text with the lone surrogate U+{code:04X} cannot be written: it is not Unicode text. "
            "Keep it as bytes."
        )
    return f"\\x{code:02X}" if code <= 0xFF else f"\\u{code:04X}"


def _bytes(data: bytes, pad: str) -> str:
    line = _binary(data)
    if len(line) < _BINARY_WIDTH + len(_BINARY):
        return line
    text = line.removeprefix(_BINARY)
    starts = range(0, len(text), _BINARY_WIDTH)
    lines = (text[start : start + _BINARY_WIDTH] for start in starts)
    return f"{_BINARY}|" + "".join(f"\n{pad}  {line}" for line in lines)


def _binary(data: bytes) -> str:
    return _BINARY + (base64.b64encode(data).decode("ascii") or '""')


def _float(value: float) -> str:
    if math.isnan(value):
        return ".nan"
    if math.isinf(value):
        return ".inf" if value > 0 else "-.inf"
    text = repr(value)
    # YAML 1.1 wants a dot in every float: 1e+20 would be text to it.
    return text if "." in text else text.replace("e", ".0e")


def check_depth(depth: int) -> None:
    """Raise an error where maps and lists are nested deeper than can be read again."""
    if depth > MAX_DEPTH:
        raise CassetteLimitError(
            f"the extra values are nested more than {MAX_DEPTH} deep; "
            "what is written could not be read again."
        )


_BINARY = "!!binary "
_BINARY_WIDTH = 70

# What YAML 1.1 or 1.2 would read back differently, or takes for a line break of its own.
_SPECIAL = "\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff"
_NOT_IN_LINE = re.compile(rf"[{_SPECIAL}\t\n]")
_NOT_IN_BLOCK = re.compile(f"[{_SPECIAL}]")
_UNNAMED = re.compile(f"[{_SPECIAL}]")
# In this order: a backslash that an escape brings is not escaped again.
_ESCAPES = {
    "\\": "\\\\",
    '"': '\\"',
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\0": "\\0",
    "\a": "\\a",
    "\b": "\\b",
    "\v": "\\v",
    "\f": "\\f",
    "\x1b": "\\e",
    "\x85": "\\N",
    "\u2028": "\\L",
    "\u2029": "\\P",
}
_PLAIN = re.compile(
    r"(?!---|\.\.\.)"
    r"(?:[^\s#,\[\]{}&*!|>'\"%@`?:-]|[-?:](?=[^ ]))"  # what may come first
    r"(?:[^ :]|:(?=[^ ])| +(?=[^ #]))*"
)
# What Go's YAML, or YAML 1.1, would not read as text.
_OTHER_KIND = re.compile(
    r"~|=|<<|null|true|false|y|n|yes|no|on|off"
    r"|[-+]?(?:0x[0-9a-f_]+|0o[0-7_]+|0b[01_]+|\.inf|\.nan)"
    r"|[-+]?(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9_]+)(?:e[-+]?[0-9]+)?"
    r"|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt ].*)?",
    re.IGNORECASE,
)
