"""Whether text is an answer: HTTP headers, an event stream, or JSON of a chat; and where it ends.

What somebody copies from a terminal has a command before it and a prompt behind it. An answer is
taken out of such text by what it is itself, not by what is around it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from chatviz.cassettes.formats.captures.heads import STATUS_LINE
from chatviz.dialects import dialect_of_payload

__all__ = ["FIELD", "chat_payload", "is_answer", "is_cassette", "is_json"]

FIELD: Final = re.compile(rb":|(?:data|event|id|retry)(?::|\r?(?:\n|\Z))")
"""How a line of an event stream begins."""


def is_answer(data: bytes) -> bool:
    """Whether this is an answer: HTTP headers, an event stream, or JSON of a chat."""
    text = data.removeprefix(_BOM).lstrip()
    if STATUS_LINE.match(text):
        return True
    if text.startswith((b"{", b"[")):
        return chat_payload(text) is not None
    return FIELD.match(text) is not None and not is_cassette(text)


def is_cassette(data: bytes) -> bool:
    """Whether a line looks like the key that a recording in YAML has."""
    return _CASSETTE.search(data) is not None


def chat_payload(text: bytes) -> Mapping[str, Any] | None:
    """Return the first JSON value of a text where it is a payload of a chat, or an error."""
    try:
        value: Any
        value, _ = json.JSONDecoder().raw_decode(text.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    first = value[0] if isinstance(value, list) and value else value
    if not isinstance(first, dict) or "interactions" in first:
        return None
    is_chat = "error" in first or dialect_of_payload(first) is not None
    return first if is_chat else None


_BOM: Final = b"\xef\xbb\xbf"
_CASSETTE: Final = re.compile(rb"^(?:interactions|http_interactions|version):", re.MULTILINE)


def is_json(text: bytes) -> bool:
    """Whether text is one JSON value, and nothing else."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
