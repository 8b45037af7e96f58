"""Dialect: what it takes to read and write one provider family's chat API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol, TypeAlias

from chatviz.chat.deltas import Delta
from chatviz.chat.messages import ChatRequest
from chatviz.wire.exchange import RequestHead

__all__ = ["Dialect", "ReasoningSentBack", "WritableDialect"]

ReasoningSentBack: TypeAlias = Literal["details", "all", "none"]


class Dialect(Protocol):
    """Reads one payload at a time into deltas; keeps no state between two of them."""

    @property
    def name(self) -> str:
        """Its name, ``run.dialect``: ``"openai-chat"`` …."""

    @property
    def is_read(self) -> bool:
        """Whether its answers are read; if not, their chunks are only shown."""

    def speaks(self, request: RequestHead) -> bool:
        """Whether a request is one of this dialect's chat requests."""

    def recognises(self, payload: Mapping[str, Any]) -> bool:
        """Whether a payload looks like one of this dialect's, where the request is not known."""

    def read_request(self, body: Mapping[str, Any]) -> ChatRequest:
        """Return what a request asked."""

    def read_glance(self, data: bytes) -> Sequence[Delta] | None:
        """Return what a chunk of the usual kind says, undecoded as it is; None for all others."""

    def read_event(self, payload: Mapping[str, Any], data: bytes) -> Sequence[Delta]:
        """Return what one decoded chunk of a stream says; ``data`` is its text."""

    def read_response(self, payload: Mapping[str, Any], data: bytes) -> Sequence[Delta]:
        """Return what one answer that was not streamed says, as the same deltas."""


class WritableDialect(Dialect, Protocol):
    """A dialect in which chatviz can ask, too."""

    def write_request(
        self,
        asked: ChatRequest,
        *,
        max_tokens: int | None = None,
        reasoning: ReasoningSentBack = "details",
    ) -> dict[str, Any]:
        """Return the JSON body that asks this, tools' results and reasoning sent back included."""
