"""What a capture becomes: a cassette that keeps the lines that were around its exchanges."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from chatviz.cassettes.cassette import (
    CAPTURED,
    Cassette,
    Interaction,
    RecordedRequest,
    RecordedResponse,
)
from chatviz.cassettes.content.decoding import decode_interactions
from chatviz.cassettes.yaml.nodes import YamlKey, YamlValue

__all__ = ["captured"]


def captured(
    exchanges: Iterable[tuple[RecordedRequest, RecordedResponse]],
    *,
    source: str,
    around: Sequence[bytes] = (),
) -> Cassette:
    """Return the cassette of what was captured.

    Parameters
    ----------
    exchanges : iterable of (RecordedRequest, RecordedResponse)
    source : str
        What it was copied from: ``"curl -v"``.
    around : sequence of bytes
        The lines that belong to no exchange; they are kept beside the first one.
    """
    interactions = [
        Interaction(asked, answered, extra={CAPTURED: {"captured_from": source}})
        for asked, answered in exchanges
    ]
    lines: list[YamlValue] = [line.decode("utf-8", "replace") for line in around if line.strip()]
    if lines and interactions:
        kept: dict[YamlKey, YamlValue] = {"captured_from": source, "around": lines}
        first = interactions[0]
        interactions[0] = Interaction(first.request, first.response, extra={CAPTURED: kept})
    return Cassette(decode_interactions(interactions), version=0, format="plain")
