"""SentRequest: what was asked, as it was sent; it is decoded when somebody asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

from chatviz.chat.messages import ChatRequest, ToolDefinition
from chatviz.dialects import Dialect, dialect_of_payload, dialect_of_request, is_keep_alive
from chatviz.wire.exchange import RequestHead
from chatviz.wire.repeated_json import load_repeated_json

__all__ = ["RequestLike", "SentRequest", "read_sent_request"]


@dataclass(frozen=True)
class SentRequest:
    """A request with its JSON body.

    Attributes
    ----------
    head : RequestHead
        Method, URL, headers and body; of a request of which only the JSON is known, empty.
    given : mapping | None
        The JSON body, where it was handed over decoded.
    """

    head: RequestHead = field(default_factory=RequestHead)
    given: Mapping[str, Any] | None = None

    @cached_property
    def json(self) -> Mapping[str, Any] | None:
        """The JSON body; None where it is no JSON object, or not known."""
        if self.given is not None or not self.head.body:
            return self.given
        try:
            value = load_repeated_json(self.head.body)
        except ValueError:
            return None
        return value if isinstance(value, dict) else None

    def dialect_of(self, payload: Any) -> Dialect | None:
        """Return the dialect that a payload of its answer tells, or else its own body."""
        told = dialect_of_payload(payload)
        if told is not None or self.json is None or is_keep_alive(payload):
            return told
        return dialect_of_request(self.json)

    def read_by(self, dialect: Dialect) -> ChatRequest:
        """Return what was asked, as a dialect reads it, or the one that the body looks like."""
        body = self.json or {}
        if not dialect.manners.is_read and not self.head.tells_place:
            dialect = dialect_of_request(body) or dialect
        read: dict[str, ChatRequest] = self.__dict__.setdefault("_read_by", {})
        if dialect.name not in read:
            read[dialect.name] = dialect.read_request(body, self.head)
        return read[dialect.name]

    def tools_by(self, dialect: Dialect) -> tuple[ToolDefinition, ...]:
        """Return the tools that were offered, as a dialect reads them.

        A dialect that can read them alone (``read_tools``) does: every answer that calls one asks
        for them, and seldom for more.
        """
        read: dict[str, tuple[ToolDefinition, ...]] = self.__dict__.setdefault("_tools_by", {})
        if dialect.name not in read:
            read_tools = getattr(dialect, "read_tools", None)
            if read_tools is not None and dialect.manners.is_read:
                read[dialect.name] = read_tools(self.json or {})
            else:
                read[dialect.name] = self.read_by(dialect).tools
        return read[dialect.name]

    def schemas_by(self, dialect: Dialect | None) -> dict[str, Mapping[str, Any]]:
        """Return the schema of each tool that was offered, by its name."""
        tools = () if dialect is None else self.tools_by(dialect)
        return {tool.name: tool.schema for tool in tools}


RequestLike: TypeAlias = SentRequest | RequestHead | Mapping[str, Any] | bytes | str | None


def read_sent_request(request: RequestLike) -> SentRequest:
    """Return a request of any form in which a user may have it.

    Raises
    ------
    TypeError
        It is none of them.
    """
    if isinstance(request, SentRequest):
        return request
    if isinstance(request, RequestHead):
        return SentRequest(request)
    if request is None:
        return SentRequest()
    if isinstance(request, bytes | str):
        body = request if isinstance(request, bytes) else request.encode("utf-8", "surrogatepass")
        return SentRequest(RequestHead(body=body))
    if isinstance(request, Mapping):
        return SentRequest(given=request)
    found = type(request).__name__
    raise TypeError(f"request is the JSON body of the request (a dict or text), found {found!r}.")
