"""What the formats see of a file: its bytes and, once one asks, its YAML."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property

from chatviz.cassettes.content.encodings import decoder_for
from chatviz.cassettes.formats.aws_prelude import begins_with_aws_frame
from chatviz.cassettes.formats.file_kinds import looks_like_recording, name_binary, name_text
from chatviz.cassettes.yaml.nodes import MappingNode, Node
from chatviz.cassettes.yaml.parse import RESTORE, read_yaml
from chatviz.errors import CassetteFormatError, CassetteSyntaxError, CassetteUnsupportedError
from chatviz.given_values import short_repr

__all__ = ["LFS_POINTER", "SourceFile"]


class SourceFile:
    """The bytes of a file, refused where no text recording can be in them.

    Attributes
    ----------
    data : bytes
        Unpacked where it was compressed by gzip; not empty, no Git LFS pointer, not UTF-16,
        without zero bytes; behind HTTP headers there may be some.
    read_neighbour : function
        Returns the bytes of a file beside this one, by the plain name that the file itself holds,
        or raises a ``CassetteFormatError``. Where only the bytes are known, there are none.
    """

    def __init__(self, data: bytes, read_neighbour: Callable[[str], bytes] | None = None) -> None:
        data = _unpack(data)
        _check_bytes(data)
        self.data = data
        self.read_neighbour = read_neighbour or _refuse_neighbour

    @cached_property
    def document(self) -> Node:
        """The root of the YAML document; JSON is YAML too, but for its way to write emoji."""
        is_json = self.data.lstrip().startswith(b"{")
        try:
            return read_yaml(_PAIR.sub(_join, self.data) if is_json else self.data)
        except (CassetteFormatError, CassetteSyntaxError) as error:
            if kind := name_text(self.data):
                raise CassetteUnsupportedError(f"this is {kind}", line=1) from None
            if looks_like_recording(self.data):
                raise
            reason = error.reason.removesuffix(RESTORE)
            raise type(error)(f"{reason}{_NO_RECORDING}", line=error.line) from None

    @property
    def begins_as_yaml(self) -> bool:
        """Whether its first line is a key that a recording in YAML begins with."""
        return _BEGINNING.match(self.data) is not None

    @property
    def keys(self) -> tuple[str, ...]:
        """The texts among the top-level keys; none where the document is not a map."""
        if not isinstance(self.document, MappingNode):
            return ()
        return tuple(key for key in self.document.entries if isinstance(key, str))


def _refuse_neighbour(name: str) -> bytes:
    raise CassetteFormatError(
        f"the body is in the file {short_repr(name, longest=80)}, and no file is opened for a "
        "recording that is not read from a file itself."
    )


def _unpack(data: bytes) -> bytes:
    """Undo gzip, as LangChain's tests compress their recordings, within the limit of a file."""
    if not data.startswith(b"\x1f\x8b"):
        return data
    decoder = decoder_for("gzip")
    try:
        return decoder.feed(data) + decoder.close()
    except ValueError as error:
        raise CassetteSyntaxError(f"it cannot be unpacked: {error}.{RESTORE}") from None


def _check_bytes(data: bytes) -> None:
    if not data.strip():
        raise CassetteSyntaxError("the file is empty. Restore it, or record it again.")
    if kind := name_binary(data):
        raise CassetteUnsupportedError(f"this is {kind}")
    if data.startswith(LFS_POINTER):
        raise CassetteFormatError(
            "this is a Git LFS pointer, not the recording. Fetch it: git lfs pull", line=1
        )
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise CassetteSyntaxError("this is UTF-16; recordings are UTF-8. Save it as UTF-8.", line=1)
    if b"\0" in data and not (data.startswith(b"HTTP/") or begins_with_aws_frame(data)):
        raise CassetteSyntaxError(
            "this is a binary file (it holds zero bytes), not a recording in text. "
            "Give the path of a YAML file.",
            line=_line_at(data, data.index(b"\0")),
        )


def _join(found: re.Match[bytes]) -> bytes:
    """Write a character beyond U+FFFF, which JSON escapes in two halves, as itself."""
    high, low = int(found[2], 16), int(found[3], 16)
    character = chr(0x10000 + (high - 0xD800) * 0x400 + low - 0xDC00)
    return found[1] + character.encode()


def _line_at(data: bytes, offset: int) -> int:
    return data.count(b"\n", 0, offset) + 1


# After a byte-order mark, comments, and the start of the document.
_BEGINNING = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:\s*#[^\n]*\n|\s*---[ \t\r]*\n)*"
    rb"(?:interactions|http_interactions|requests|version):"
)
# Behind an even number of backslashes.
_PAIR = re.compile(
    rb"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})"
)
_NO_RECORDING = (
    " It has no key of a recording, and no answer of a chat is found in it. "
    "Give the path of a recording."
)
LFS_POINTER = b"version https://git-lfs.github.com/"
