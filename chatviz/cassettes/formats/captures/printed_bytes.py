"""What Python printed of an answer: ``b'data: …'`` lines, or a list of them.

Lines as ``iter_lines`` gives them have lost their line breaks, and get one each; pieces as
``iter_bytes`` gives them hold them, and are joined as they are.
"""

from __future__ import annotations

import re
from typing import Final

from chatviz.cassettes.cassette import Cassette, RecordedRequest, RecordedResponse
from chatviz.cassettes.formats.captures.answers import FIELD, is_answer, is_json
from chatviz.cassettes.formats.captures.captured import captured
from chatviz.cassettes.formats.captures.heads import STATUS_LINE
from chatviz.cassettes.formats.captures.saved_body import read_whole
from chatviz.cassettes.formats.captures.terminal import plain_text
from chatviz.cassettes.formats.source_file import SourceFile

__all__ = ["read", "recognises"]


def recognises(source: SourceFile) -> bool:
    """Say whether at least half of the lines are literals of bytes, and together an answer."""
    return bool(_HINT.search(source.data)) and is_answer(_joined(source.data)[0])


def read(source: SourceFile) -> Cassette:
    """Read the answer; the errors are those of a saved one."""
    body, around = _joined(source.data)
    is_whole = STATUS_LINE.match(body) is not None
    response = read_whole(body) if is_whole else RecordedResponse(200, body=body)
    return captured([(RecordedRequest(), response)], source="Python's print", around=around)


def _joined(data: bytes) -> tuple[bytes, list[bytes]]:
    """Return the body that the literals are, and the lines without one; ``b""`` where few are."""
    text = plain_text(data).strip()
    if text.startswith((b"[b", b"(b")):
        return _join([_value(found[0]) for found in _LITERAL.finditer(text)]), []
    values, around = [], []
    for line in text.split(b"\n"):
        found = _PRINTED.fullmatch(line)
        if found is None or found["label"].strip().startswith((b"send", b"#")):
            around.append(line)
        else:
            values.append(_value(found["literal"]))
    if len(values) < sum(bool(line.strip()) for line in around):
        return b"", []
    return _join(values), around


def _join(values: list[bytes]) -> bytes:
    if any(b"\n" in value or b"\r" in value for value in values):
        return b"".join(values)
    lines = [value for value in values if value]
    if lines and (FIELD.match(lines[0]) or all(map(is_json, lines))):
        return b"".join(value + b"\n" for value in values)
    return b"".join(values)


def _value(literal: bytes) -> bytes:
    """Return what a literal stands for: its escapes are those of Python, and nothing is run."""
    is_bytes = literal.startswith(b"b")
    inner = literal[2:-1] if is_bytes else literal[1:-1]

    def unescape(found: re.Match[bytes]) -> bytes:
        code = found[1]
        if code in _NAMED:
            return _NAMED[code]
        if code[:1] in (b"x", b"u", b"U") and len(code) > 1:
            number = int(code[1:], 16)
            return bytes([number]) if is_bytes else _character(number)
        if code.isdigit():
            return bytes([int(code, 8) & 0xFF])
        return found[0]  # Python, too, leaves what it does not know

    return _ESCAPE.sub(unescape, inner)


def _character(number: int) -> bytes:
    return chr(number).encode("utf-8", "surrogatepass") if number <= 0x10FFFF else b"\xef\xbf\xbd"


_QUOTED: Final = rb"b(?:'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\")"
_LITERAL: Final = re.compile(_QUOTED)
_TEXT: Final = rb"'(?:data|event|id|retry)?:(?:[^'\\\n]|\\.)*'|''"  # what print(repr(line)) shows
_PRINTED: Final = re.compile(
    rb"(?P<label>[^'\"\n]{0,80}?)(?P<literal>" + _QUOTED + rb"|" + _TEXT + rb")[\]),;]*\s*"
)
_HINT: Final = re.compile(rb"\bb['\"]|(?:^|[\s:=(,\[])'(?:data|event):", re.MULTILINE)
_ESCAPE: Final = re.compile(
    rb"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{1,3}|.)", re.DOTALL
)
_NAMED: Final = {
    b"n": b"\n",
    b"r": b"\r",
    b"t": b"\t",
    b"\\": b"\\",
    b"'": b"'",
    b'"': b'"',
    b"a": b"\a",
    b"b": b"\b",
    b"f": b"\f",
    b"v": b"\v",
}
