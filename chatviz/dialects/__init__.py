"""How chat APIs speak: each dialect in one file, and the choice between them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from chatviz.dialects.base import Dialect
from chatviz.dialects.openai_chat.stream import OpenAIChat
from chatviz.dialects.unread import UNREAD
from chatviz.wire.exchange import RequestHead

__all__ = ["DIALECTS", "UNKNOWN", "Dialect", "dialect_for", "dialect_of_payload"]

DIALECTS: Final[tuple[Dialect, ...]] = (OpenAIChat(), *UNREAD[:-1])
UNKNOWN: Final[Dialect] = UNREAD[-1]


def dialect_for(request: RequestHead) -> Dialect | None:
    """Return the dialect that a request speaks; None where it is no chat request."""
    return next((dialect for dialect in DIALECTS if dialect.speaks(request)), None)


def dialect_of_payload(payload: Mapping[str, Any]) -> Dialect | None:
    """Return the dialect that a payload looks like, where the request is not known."""
    return next((dialect for dialect in DIALECTS if dialect.recognises(payload)), None)
