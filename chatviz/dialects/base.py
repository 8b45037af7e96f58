"""Dialect: what it takes to read and write one provider family's chat API.

A dialect is a folder. It holds no state: one event in, deltas out, each naming its part by the
provider's own key. What it declares about itself is in its manners.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol, TypeAlias

from chatviz.chat.deltas import Delta
from chatviz.chat.manners import Manners
from chatviz.chat.messages import ChatRequest
from chatviz.dialects.sequence import EventOrder, Said
from chatviz.wire.exchange import RequestHead
from chatviz.wire.wire_event import WireEvent

__all__ = ["Dialect", "ReasoningSentBack", "WritableDialect"]

ReasoningSentBack: TypeAlias = Literal["details", "all", "none"]


class Dialect(Protocol):
    """Reads one event at a time into deltas; keeps no state between two of them."""

    @property
    def name(self) -> str:
        """Its name, ``run.dialect``: ``"openai-chat"`` …."""

    @property
    def manners(self) -> Manners:
        """What can be expected of its answers."""

    @property
    def order(self) -> EventOrder | None:
        """What may follow what in its streams; None where any order is right."""

    def speaks(self, request: RequestHead) -> bool:
        """Whether a request is one of this dialect's chat requests: by its method and its URL.

        A dialect that looks at the body as well says so: ``asks_body = True``.
        """

    def recognises(self, payload: Any) -> bool:
        """Whether a payload of an answer looks like this dialect's, the request not being known."""

    def recognises_request(self, body: Mapping[str, Any]) -> bool:
        """Whether a request's JSON body looks like this dialect's, its URL not being known."""

    def read_request(self, body: Mapping[str, Any], head: RequestHead) -> ChatRequest:
        """Return what a request asked."""

    def read_glance(self, event: WireEvent) -> Said | None:
        """Return what an event of a usual kind says, undecoded as it is; None for all others.

        Its step comes with it where the order of the dialect's events ``is_told``.

        A dialect may have ``read_alike`` beside it: events of such a kind that follow one and say
        the same but for a text of their own, many at once (see ``wire.alike``).
        """

    def read_event(self, event: WireEvent, payload: Any) -> Sequence[Delta]:
        """Return what one event of a stream says; ``payload`` is its decoded data."""

    def is_response(self, payload: Any) -> bool:
        """Whether a payload, the first of a JSON body, is a whole answer and no chunk of one."""

    def read_response(self, event: WireEvent, payload: Any) -> Sequence[Delta]:
        """Return what one answer that was not streamed says, as the same deltas."""


class WritableDialect(Dialect, Protocol):
    """A dialect in which chatviz can ask, too."""

    @property
    def history_keys(self) -> tuple[str, ...]:
        """The keys of a request's body that hold what was said: the loop alone writes them.

        A dialect may have ``kept_keys`` besides: what a request that goes on holds as the one
        before it did, unless it is given anew.
        """

    @property
    def only_hosts(self) -> tuple[str, ...]:
        """What host names must end in for this variant of a dialect to be meant; () for any."""

    def endpoint_path(self, model: str, *, streamed: bool = True) -> str:
        """Return what is appended to the base URL to ask a model."""

    def auth_headers(self, key: str) -> dict[str, str]:
        """Return the headers that carry a key, and those that the API wants with it."""

    def write_request(
        self,
        asked: ChatRequest,
        *,
        max_tokens: int | None = None,
        reasoning: ReasoningSentBack = "details",
    ) -> dict[str, Any]:
        """Return the JSON body that asks this, tools' results and reasoning sent back included."""
