"""Recordings of other traffic than HTTP (websockets, gRPC): recognised to name them in an error."""

from __future__ import annotations

from typing import Final

from chatviz.cassettes.cassette import Cassette, Interaction
from chatviz.cassettes.formats.source_file import SourceFile
from chatviz.cassettes.yaml.nodes import MappingNode, SequenceNode, YamlKey
from chatviz.errors import CassetteUnsupportedError
from chatviz.wire.exchange import header

__all__ = ["check_supported", "read", "recognises"]


def recognises(source: SourceFile) -> bool:
    """Say whether a recorder wrote this that keeps frames or messages, and no exchange."""
    return bool(_kind_of(source))


def read(source: SourceFile) -> Cassette:
    """Refuse the file by its kind."""
    raise _refusal(_kind_of(source), source.document.line)


def check_supported(cassette: Cassette) -> None:
    """Refuse a cassette that holds nothing but such traffic; among other traffic it is kept."""
    kinds = map(_kind_of_interaction, cassette.interactions)
    if (first := next(kinds, "")) and all(kinds):
        raise _refusal(first)


def _refusal(kind: str, line: int | None = None) -> CassetteUnsupportedError:
    return CassetteUnsupportedError(
        f"this is a recording of {kind}, which is not supported: chatviz reads HTTP exchanges, "
        "each a request with its answer. Record the same chat over HTTP.",
        line=line,
    )


def _kind_of(source: SourceFile) -> str:
    keys = set(source.keys)
    if _GRPC_LISTS & keys and "requests" not in keys:
        return "gRPC messages"
    entries = _entries(source)
    if not entries or any("request" in entry or "response" in entry for entry in entries):
        return ""
    if any("direction" in entry for entry in entries):
        return "a websocket"
    return "gRPC messages" if any(_GRPC_SAMPLES & entry.keys() for entry in entries) else ""


def _entries(source: SourceFile) -> list[dict[YamlKey, object]]:
    """Return the maps among the interactions."""
    document = source.document
    found = document.entries.get("interactions") if isinstance(document, MappingNode) else None
    items = found.items if isinstance(found, SequenceNode) else ()
    return [dict(item.entries) for item in items if isinstance(item, MappingNode)]


def _kind_of_interaction(interaction: Interaction) -> str:
    request, response = interaction.request, interaction.response
    upgrade = header(request.headers, "upgrade").lower()
    if request.url.lower().startswith(("ws:", "wss:")) or upgrade == "websocket":
        return "a websocket"
    labels = (header(message.headers, "content-type") for message in (request, response))
    if any(label.lower().startswith("application/grpc") for label in labels):
        return "gRPC messages"
    return ""


# The keys of pydantic-ai's recordings of the xAI SDK, first and later.
_GRPC_LISTS: Final = frozenset({"responses", "stream_chunks"})
_GRPC_SAMPLES: Final = frozenset({"request_sample", "response_sample"})
