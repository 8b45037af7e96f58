"""How chat APIs speak: each dialect in a folder of its own, and the choice between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, TypeGuard

from chatviz.chat.findings.kinds import FindingKind
from chatviz.dialects.anthropic.bedrock import AnthropicOnBedrock
from chatviz.dialects.anthropic.stream import AnthropicMessages
from chatviz.dialects.anthropic.vertex import AnthropicOnVertex
from chatviz.dialects.base import Dialect, WritableDialect
from chatviz.dialects.bedrock_converse.stream import BedrockConverse
from chatviz.dialects.gemini.stream import Gemini
from chatviz.dialects.ollama.stream import Ollama
from chatviz.dialects.openai_chat.stream import OpenAIChat
from chatviz.dialects.openai_completions.stream import OpenAICompletions
from chatviz.dialects.openai_responses.stream import OpenAIResponses
from chatviz.dialects.sequence import ORDER_KINDS
from chatviz.dialects.unread import UNKNOWN, UNREAD
from chatviz.given_values import shown
from chatviz.wire.exchange import RequestHead

__all__ = [
    "DIALECTS",
    "UNKNOWN",
    "Dialect",
    "dialect_finding_kinds",
    "dialect_for",
    "dialect_of_payload",
    "dialect_of_request",
    "find_writable_dialect",
    "is_keep_alive",
    "is_writable",
]

# The first that knows a request or a payload reads it: those that look for less come after.
DIALECTS: Final[list[Dialect]] = [
    BedrockConverse(),
    AnthropicOnBedrock(),
    AnthropicOnVertex(),
    AnthropicMessages(),
    Ollama(),
    OpenAICompletions(),
    OpenAIChat(),
    OpenAIResponses(),
    Gemini(),
    *UNREAD,
]


def dialect_for(request: RequestHead) -> Dialect | None:
    """Return the dialect that a request speaks; None where it is no chat request."""
    for dialect in _dialects_at(request.method, request.url, tuple(DIALECTS)):
        if dialect.speaks(request):
            return dialect
    return None


@lru_cache(maxsize=256)
def _dialects_at(method: str, url: str, dialects: Sequence[Dialect]) -> Sequence[Dialect]:
    """Return the dialects that a request may speak: up to the first that its URL alone tells."""
    found: list[Dialect] = []
    for dialect in dialects:
        if getattr(dialect, "asks_body", False):
            found.append(dialect)
        elif dialect.speaks(RequestHead(method, url)):
            return [*found, dialect]
    return found


def dialect_of_payload(payload: Any) -> Dialect | None:
    """Return the dialect that a payload looks like, where the request is not known."""
    return next((dialect for dialect in DIALECTS if dialect.recognises(payload)), None)


def is_keep_alive(payload: Any) -> bool:
    """Whether a payload tells no dialect: servers of several, and proxies, send it to be heard."""
    return isinstance(payload, dict) and payload.get("type") == "ping"


def dialect_of_request(body: Mapping[str, Any]) -> Dialect | None:
    """Return the dialect that a request's body looks like, where its URL is not known."""
    return next((dialect for dialect in DIALECTS if dialect.recognises_request(body)), None)


def dialect_finding_kinds() -> dict[str, FindingKind]:
    """Return the kinds of findings that the dialects declare, besides those of the chat."""
    kinds = dict(ORDER_KINDS)
    for dialect in DIALECTS:
        kinds.update(dialect.manners.kinds)
    return kinds


def find_writable_dialect(name: str, host: str) -> WritableDialect:
    """Return the dialect of a name in which a host can be asked, its own variant first.

    Raises
    ------
    ValueError
        There is no dialect of this name, or none that can be asked in.
    """
    named = [dialect for dialect in DIALECTS if dialect.name == name and is_writable(dialect)]
    for dialect in sorted(named, key=lambda one: not one.only_hosts):
        if not dialect.only_hosts or host.endswith(dialect.only_hosts):
            return dialect
    known = sorted({dialect.name for dialect in DIALECTS if is_writable(dialect)})
    raise ValueError(f"wanted a dialect to ask in, one of {', '.join(known)}; found {shown(name)}.")


def is_writable(dialect: Dialect) -> TypeGuard[WritableDialect]:
    """Whether chatviz can ask in a dialect."""
    return hasattr(dialect, "write_request")
