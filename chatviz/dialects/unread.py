"""Dialects that are recognised and not read: their chunks are shown as they are."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final
from urllib.parse import unquote

from chatviz.chat.deltas import Delta, IdentityDelta, NoteDelta, UnknownDelta
from chatviz.chat.findings.log import start_of
from chatviz.chat.manners import CallIds, Manners
from chatviz.chat.messages import ChatRequest
from chatviz.wire.exchange import RequestHead
from chatviz.wire.json_text import load_json_leniently
from chatviz.wire.wire_event import WireEvent

__all__ = ["UNKNOWN", "UNREAD", "UnreadDialect", "UnreadInvoke"]


@dataclass(frozen=True, slots=True)
class UnreadDialect:
    """A chat API that we know by name, recognised by the end of its request's path.

    Attributes
    ----------
    name : str
    endings : tuple of str
        Ends (before any ``?``) of the paths of its chat requests.
    keys : frozenset of str
        Keys of a payload that only this dialect has, for bodies without their request.
    """

    name: str
    endings: tuple[str, ...] = ()
    keys: frozenset[str] = frozenset()

    manners: ClassVar[Manners] = Manners(
        is_read=False,
        # As gateways write them for the AI SDK, in a chat that is not read.
        call_ids=CallIds(references=("toolCallId",), call_types=("tool-call",)),
    )
    order: ClassVar[None] = None

    def speaks(self, request: RequestHead) -> bool:
        """Whether the path of a POST ends as this dialect's do."""
        is_post = request.method.upper() in ("POST", "")
        return is_post and request.path.rstrip("/").endswith(self.endings)

    def recognises(self, payload: Any) -> bool:
        """Whether the payload holds the keys that only this dialect has."""
        return bool(self.keys) and isinstance(payload, dict) and self.keys <= payload.keys()

    def recognises_request(self, body: Mapping[str, Any]) -> bool:
        """Return False: a request is recognised by its path alone."""
        return False

    def read_request(self, body: Mapping[str, Any], head: RequestHead) -> ChatRequest:
        """Return the model; the messages of this dialect are not read."""
        model = body.get("model")
        return ChatRequest(model if isinstance(model, str) else "", body=body)

    def read_glance(self, event: WireEvent) -> Sequence[Delta] | None:
        """Return None: no chunk is usual here."""
        return None

    def is_response(self, payload: Any) -> bool:
        """Return False: what is not read is shown as it came."""
        return False

    def read_event(self, event: WireEvent, payload: Any) -> Sequence[Delta]:
        """Return the whole chunk as unknown, and the model where it names one."""
        unknown = UnknownDelta("$", event.data.decode("utf-8", "replace"), True)
        if not isinstance(payload, dict):
            note = NoteDelta("not_an_object", "", (("text", start_of(event.data)),))
            return [unknown] if self.endings else [unknown, note]
        model = payload.get("model")
        return [IdentityDelta(model=model if isinstance(model, str) else ""), unknown]

    read_response = read_event


class UnreadInvoke(UnreadDialect):
    """Bedrock's invoke, where each model has a format of its own; those that chat are shown."""

    _MODEL: ClassVar = re.compile(r"/model/([^/]+)/invoke")
    # Of Nova, Llama, Mistral, DeepSeek, Cohere, AI21 and Titan; bodies that ask for embeddings,
    # images or ranks have none of these:
    # https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters.html
    asks_body: ClassVar = True
    _ASKS: ClassVar = frozenset(("messages", "prompt", "message", "textGenerationConfig"))

    def speaks(self, request: RequestHead) -> bool:
        """Whether a model is invoked to chat; where the body is not known, whether one is."""
        if not super().speaks(request):
            return False
        body = _load(request.body)
        return not request.body or (isinstance(body, dict) and not self._ASKS.isdisjoint(body))

    def read_request(self, body: Mapping[str, Any], head: RequestHead) -> ChatRequest:
        """Return the model, which the path names."""
        found = self._MODEL.search(head.path)
        return ChatRequest(unquote(found[1]) if found else "", body=body)

    def read_event(self, event: WireEvent, payload: Any) -> Sequence[Delta]:
        """Return what a frame carries, or else the whole answer, as unknown."""
        match payload:
            case {"bytes": str(encoded)}:
                try:
                    carried = b64decode(encoded, validate=True)
                except ValueError:
                    carried = event.data
                return [UnknownDelta("$", carried.decode("utf-8", "replace"), True)]
        return super().read_event(event, payload)

    read_response = read_event


UNREAD: Final = (UnreadInvoke("bedrock-invoke", ("/invoke-with-response-stream", "/invoke")),)
UNKNOWN: Final = UnreadDialect("unknown")


def _load(data: bytes) -> Any:
    try:
        return load_json_leniently(data)
    except ValueError:
        return None
