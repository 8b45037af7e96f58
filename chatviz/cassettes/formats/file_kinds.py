"""Files that are something else: each is named, with what to do instead.

A file is never called broken because it is of a kind that chatviz does not read.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["looks_like_recording", "name_binary", "name_text"]


def name_binary(data: bytes) -> str:
    """Return what a binary file is, and what to do, by its first bytes; ``""`` if not known."""
    if data[_TAR_MARK] == b"ustar":
        return f"a tar archive. {_READ_FOLDER}"
    return next((kind for start, kind in _BINARY if data.startswith(start)), "")


def name_text(data: bytes) -> str:
    """Return what a text file is, and what to do, by how it begins; ``""`` if not known."""
    head = data[:_HEAD].removeprefix(b"\xef\xbb\xbf").lstrip()
    return next((kind for pattern, kind in _TEXT if pattern.match(head)), "")


def looks_like_recording(data: bytes) -> bool:
    """Say whether a line has a key of a recording: then a fault in it is worth pointing at."""
    return _RECORDING.search(data) is not None


_HEAD: Final = 4096
_TAR_MARK: Final = slice(257, 262)
_UNPACK: Final = "Unpack it, and give the path of the recording in it."
_READ_FOLDER: Final = "cv.read_folder(path) reads the recordings in it."
_BINARY: Final = (
    (b"PK\x03\x04", f"a ZIP archive. {_READ_FOLDER}"),
    (b"PK\x05\x06", "an empty ZIP archive. Give the path of a recording."),
    (b"\x1f\x8b", f"compressed by gzip, twice. {_UNPACK}"),  # once is undone
    (b"\x28\xb5\x2f\xfd", f"compressed by zstd. {_UNPACK}"),
    (b"BZh", f"compressed by bzip2. {_UNPACK}"),
    (b"\xfd7zXZ\0", f"compressed by xz. {_UNPACK}"),
    (b"7z\xbc\xaf", f"a 7z archive. {_UNPACK}"),
    (b"\x0a\x0d\x0d\x0a", "a capture of network packets. Record the chat over HTTP instead."),
    (b"\xd4\xc3\xb2\xa1", "a capture of network packets. Record the chat over HTTP instead."),
    (b"\xa1\xb2\xc3\xd4", "a capture of network packets. Record the chat over HTTP instead."),
    (b"SQLite format 3\0", "a SQLite database. Give the path of a recording."),
    (b"PAR1", "a Parquet file. Give the path of a recording."),
    (b"%PDF", "a PDF. Give the path of a recording."),
    (b"\x89PNG", "a picture (PNG). Give the path of a recording."),
    (b"\xff\xd8\xff", "a picture (JPEG). Give the path of a recording."),
    (b"GIF8", "a picture (GIF). Give the path of a recording."),
    (b"\x80\x04\x95", "a pickle of Python, which is never opened. Give the path of a recording."),
)


def _json_with(*keys: str) -> re.Pattern[bytes]:
    """Return a pattern of a JSON object, alone or first of a list, with all of these keys."""
    ahead = "".join(rf'(?=.*"{key}"\s*:)' for key in keys)
    return re.compile(rb"\[?\s*\{" + ahead.encode(), re.DOTALL)


_TEXT: Final = (
    (re.compile(rb"(?i)<!doctype html|<html"), "an HTML page. Save the answer itself: curl -N."),
    (re.compile(rb"<\?xml|<[a-zA-Z]"), "XML. Give the path of a recording."),
    (
        re.compile(rb"== Info:|=> Send |<= Recv |[0-9:.]+ (?:== Info|=> Send|<= Recv)"),
        "a trace of curl (--trace), of which the bodies are not read. Use curl -v or curl -N.",
    ),
    (
        re.compile(rb"[0-9]{1,9}:[0-9]{1,9}:[a-z_]+[;,]"),
        "a flow file of mitmproxy. Export it as HAR: mitmdump -nr FILE --set hardump=a.har",
    ),
    (re.compile(rb"WARC/[0-9]"), "a web archive (WARC). Give the path of a recording."),
    (
        re.compile(rb"Traceback \(most recent call last\)"),
        "a traceback of Python. Give the path of a recording.",
    ),
    (
        re.compile(rb"#![^\n]*|(?:from [\w.]+ )?import [\w.{]|def \w+\(|const \w+ ?="),
        "the source of a program. Give the path of what it recorded.",
    ),
    (
        _json_with("nbformat"),
        "a Jupyter notebook. Give the path of a recording that it reads.",
    ),
    (_json_with("cell_type"), "a Jupyter notebook. Give the path of a recording that it reads."),
    (
        _json_with("scope", "method", "path"),
        "a recording of nock, which is not read. Record it again as HAR, or save the answer: "
        "curl -N.",
    ),
    (
        _json_with("_postman_id"),
        "a collection of Postman, which holds requests and no answers of servers.",
    ),
    (
        _json_with("custom_id"),
        "a file of batch requests or results. Give the path of a recording.",
    ),
    (_json_with("messages", "model"), "the body of a request, and no answer is in it."),
    (_json_with("openapi"), "a description of an API (OpenAPI). Give the path of a recording."),
    (re.compile(rb"openapi: "), "a description of an API (OpenAPI). Give a recording's path."),
    (
        re.compile(rb"(?:---\s+)?-\s+request:\s+method:"),
        "a recording of php-vcr, which is not read. Record it again with go-vcr or vcrpy.",
    ),
    (
        re.compile(rb"(?:---\s+)?-\s+!ruby/"),
        "a recording of Ruby's VCR before version 2, which is not read. Record it again with a "
        "later version.",
    ),
)
_RECORDING: Final = re.compile(
    rb'^(?:interactions|http_interactions|version|log):|"(?:(?:http_)?interactions|log)"\s*:',
    re.MULTILINE,
)
