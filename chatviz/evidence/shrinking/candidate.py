"""Candidate: a recording of one answer that may be smaller than another and still fail."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, Final

from chatviz.cassettes.cassette import Cassette, Interaction, RecordedRequest, RecordedResponse
from chatviz.cassettes.metadata import RecordingMetadata
from chatviz.cassettes.reading import read_interaction
from chatviz.cassettes.redaction.redaction import redact_cassette
from chatviz.evidence.reductions.body_parts import BodyParts, EventBytes, cut_body
from chatviz.runs.run import StreamRun
from chatviz.wire.exchange import Headers
from chatviz.wire.json_text import dump_json, load_any_json

__all__ = ["Candidate", "candidate_of"]

_UNTRUE: Final = ("content-encoding", "content-length", "transfer-encoding")
_NEEDED: Final = "content-type"  # without it a client does not know what it reads


@dataclass(frozen=True, slots=True)
class Candidate:
    """One request and its answer, in parts that can go.

    Attributes
    ----------
    request : RecordedRequest
    head : RecordedResponse
        The response without its body.
    parts : BodyParts
        Its body.
    """

    request: RecordedRequest
    head: RecordedResponse
    parts: BodyParts

    @property
    def interaction(self) -> Interaction:
        """The request and the answer; with the times of what is left, where these were measured."""
        pieces = self.parts.pieces
        metadata = RecordingMetadata(clock="measured", pieces=pieces) if pieces else None
        response = replace(self.head, body=self.parts.body, metadata=metadata)
        return Interaction(self.request, response, id=0)

    @property
    def run(self) -> StreamRun:
        """The answer, read."""
        return read_interaction(self.interaction)

    @property
    def key(self) -> tuple[object, ...]:
        """What tells it from other candidates of the same recording."""
        asked = self.request
        names = (tuple(asked.headers), tuple(self.head.headers))
        return (asked.url, names, asked.body, self.parts.body, self.parts.pieces)

    @property
    def request_json(self) -> Any:
        """The JSON of the request's body; None where it holds none."""
        try:
            return load_any_json(self.request.body)
        except ValueError:
            return None

    @property
    def header_names(self) -> list[tuple[str, str]]:
        """The headers that can go: ``("request", name)`` and ``("response", name)``."""
        told = [name for name in self.head.headers if name.lower() != _NEEDED]
        return [
            *(("request", name) for name in self.request.headers),
            *(("response", name) for name in told),
        ]

    def cut_again(self) -> Candidate:
        """Return the same bytes, cut where their events end now: some may have become others."""
        again = replace(self, parts=cut_body(self.run))
        return again if again.key == self.key else self

    def with_headers(self, kept: Collection[tuple[str, str]]) -> Candidate:
        """Return it with only those headers, and the content type."""
        asked = {k: v for k, v in self.request.headers.items() if ("request", k) in kept}
        told = {
            name: values
            for name, values in self.head.headers.items()
            if name.lower() == _NEEDED or ("response", name) in kept
        }
        return replace(
            self,
            request=replace(self.request, headers=asked),
            head=replace(self.head, headers=told),
        )

    def with_events(self, events: Collection[EventBytes]) -> Candidate:
        """Return it with other events."""
        return replace(self, parts=replace(self.parts, events=tuple(events)))

    def with_event(self, place: int, event: EventBytes) -> Candidate:
        """Return it with another event at one place."""
        events = list(self.parts.events)
        events[place] = event
        return self.with_events(events)

    def with_request_json(self, value: Any) -> Candidate:
        """Return it with another JSON value in the request's body."""
        body = dump_json(value).encode("utf-8", "surrogatepass")
        return replace(self, request=replace(self.request, body=body))

    def with_url(self, url: str) -> Candidate:
        """Return it with another URL."""
        return replace(self, request=replace(self.request, url=url))


def candidate_of(run: StreamRun) -> Candidate:
    """Return a run as it was recorded, decoded and without secrets, and in parts."""
    asked, told = run.head, run.response
    sent = asked.body or (b"" if run.request is None else dump_json(run.request).encode())
    names = {status.value: f" {status.phrase}" for status in HTTPStatus}
    interaction = Interaction(
        RecordedRequest(asked.method, asked.url, _plain(asked.headers), sent),
        RecordedResponse(
            told.status,
            f"{told.status}{names.get(told.status, '')}",
            {k: v for k, v in _plain(told.headers).items() if k.lower() not in _UNTRUE},
            run.body,
        ),
    )
    if not interaction.is_chat:  # its URL says nothing: the answer itself, or the request, must
        interaction = replace(interaction, request=RecordedRequest(body=sent))
    cleaned = redact_cassette(Cassette((interaction,)))[0].interactions[0]
    parts = cut_body(run if cleaned.response.body == run.body else read_interaction(cleaned))
    head = replace(cleaned.response, body=b"", metadata=None)
    return Candidate(cleaned.request, head, parts)


def _plain(headers: Headers) -> dict[str, tuple[str, ...]]:
    return {name: tuple(values) for name, values in headers.items()}
