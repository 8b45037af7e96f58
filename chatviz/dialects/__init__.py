"""How chat APIs speak: each dialect in a folder of its own, and the choice between them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from chatviz.chat.findings.kinds import FindingKind
from chatviz.dialects.base import Dialect
from chatviz.dialects.openai_chat.stream import OpenAIChat
from chatviz.dialects.openai_responses.stream import OpenAIResponses
from chatviz.dialects.sequence import ORDER_KINDS
from chatviz.dialects.unread import UNKNOWN, UNREAD
from chatviz.wire.exchange import RequestHead

__all__ = [
    "DIALECTS",
    "UNKNOWN",
    "Dialect",
    "dialect_finding_kinds",
    "dialect_for",
    "dialect_of_payload",
    "dialect_of_request",
]

# The first that knows a request or a payload reads it: those that look for less stand behind.
DIALECTS: Final[list[Dialect]] = [OpenAIChat(), OpenAIResponses(), *UNREAD]


def dialect_for(request: RequestHead) -> Dialect | None:
    """Return the dialect that a request speaks; None where it is no chat request."""
    return next((dialect for dialect in DIALECTS if dialect.speaks(request)), None)


def dialect_of_payload(payload: Any) -> Dialect | None:
    """Return the dialect that a payload looks like, where the request is not known."""
    return next((dialect for dialect in DIALECTS if dialect.recognises(payload)), None)


def dialect_of_request(body: Mapping[str, Any]) -> Dialect | None:
    """Return the dialect that a request's body looks like, where its URL is not known."""
    return next((dialect for dialect in DIALECTS if dialect.recognises_request(body)), None)


def dialect_finding_kinds() -> dict[str, FindingKind]:
    """Return the kinds of findings that the dialects declare, besides those of the chat."""
    kinds = dict(ORDER_KINDS)
    for dialect in DIALECTS:
        kinds.update(dialect.manners.kinds)
    return kinds
