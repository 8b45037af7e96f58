"""The bodies of an archive: text, base64, Polly's lists of chunks, or a file beside the archive."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from chatviz.cassettes.formats.archives.json_fields import JSONFields
from chatviz.cassettes.formats.source_file import SourceFile

__all__ = ["Content", "read_content"]


class Content(NamedTuple):
    """The bytes of a body, and whether they are as they came over the wire, still coded."""

    data: bytes
    is_raw: bool = False


def read_content(fields: JSONFields, source: SourceFile) -> Content:
    """Read the body that is under ``content`` or ``postData``.

    Parameters
    ----------
    fields : JSONFields
    source : SourceFile
        Finds the file that Playwright attaches by its name under ``_file``.

    Raises
    ------
    CassetteFormatError
        The body is not what its keys say, or its file is not there; with the place.
    """
    held = fields.peek("text")
    if isinstance(held, bytes):
        data = fields.binary("text")
        return Content(data, is_raw=data.startswith(_GZIP))
    if held is None and fields.peek("_file") is not None:
        return Content(source.read_neighbour(fields.text("_file")))
    decode = _decoder_of(fields)
    if decode is None or not held:
        return Content(fields.text("text").encode("utf-8", "surrogatepass"))
    try:
        data = _decode(held, decode)
    except (ValueError, TypeError, AttributeError, RecursionError):
        wanted = "base64" if decode is _from_base64 else "hex"
        raise fields.unfit("text", f"{wanted}, as the keys beside it say", held) from None
    is_raw = decode is _from_hex or _is_list(held) or data.startswith(_GZIP)
    fields.text("text")  # it is read: only what nobody took is kept beside the body
    return Content(data, is_raw)


def _decoder_of(fields: JSONFields) -> Callable[[str], bytes] | None:
    """Return what undoes the text: Polly's first five versions wrote hex, others base64."""
    if fields.peek("encoding") == "base64":
        return _from_base64
    return _from_hex if fields.peek("_isBinary") is True else None


def _decode(text: Any, decode: Callable[[str], bytes]) -> bytes:
    """Undo a text, or each chunk of the JSON list that Polly keeps of a coded body."""
    if _is_list(text):
        return b"".join(decode(chunk) for chunk in json.loads(text))
    return decode(text)


def _is_list(text: str) -> bool:
    # Neither hex nor base64 can begin so.
    return text.lstrip().startswith("[")


def _from_base64(text: str) -> bytes:
    return base64.b64decode("".join(text.split()), validate=True)


_from_hex: Final = bytes.fromhex
_GZIP: Final = b"\x1f\x8b\x08"
