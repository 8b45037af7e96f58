"""The way down: headers, chunks, fields, characters, again and again until nothing more can go."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from chatviz.evidence.reductions.body_parts import EventBytes
from chatviz.evidence.reductions.ddmin import ddmin, drop_pairs
from chatviz.evidence.reductions.trees import shrink_fields, shrink_texts
from chatviz.evidence.shrinking.candidate import Candidate

__all__ = ["shrink_candidate"]

StillFailing = Callable[[Candidate], bool]


def shrink_candidate(candidate: Candidate, fails: StillFailing) -> Candidate:
    """Return the smallest candidate that still fails; without any chunk or field it does not.

    Parameters
    ----------
    candidate : Candidate
        It fails.
    fails : callable
        Whether another one does.
    """
    candidate = _without_extras(candidate, fails)
    while True:
        candidate = candidate.cut_again()
        before = candidate.key
        for step in _STEPS:
            candidate = step(candidate, fails)
        if candidate.key == before:
            return candidate


def _without_extras(candidate: Candidate, fails: StillFailing) -> Candidate:
    """Take away what the failure hardly ever needs: times, a query, the events' own numbers."""
    events = candidate.parts.events
    numbers = _number_keys(events)
    timeless = [
        EventBytes(one.raw, one.framing, one.kind) if one.at is not None else one for one in events
    ]
    if timeless != list(events) and fails(candidate.with_events(timeless)):
        candidate = candidate.with_events(timeless)
    url = candidate.request.url.partition("?")[0]
    if url != candidate.request.url and fails(candidate.with_url(url)):
        candidate = candidate.with_url(url)
    for key in numbers:
        unnumbered = candidate.with_events(
            [_without_key(one, key) for one in candidate.parts.events]
        )
        if fails(unnumbered):
            candidate = unnumbered
    return candidate


def _number_keys(events: Iterable[EventBytes]) -> list[str]:
    """Return the keys by which the chunks of a stream number themselves, one after the other."""
    chunks = [value for one in events if isinstance(value := one.json, dict)]
    if len(chunks) < 3:
        return []
    return [
        key
        for key, first in chunks[0].items()
        if type(first) is int
        and [chunk.get(key) for chunk in chunks] == list(range(first, first + len(chunks)))
    ]


def _without_key(event: EventBytes, key: str) -> EventBytes:
    value = event.json
    if not isinstance(value, dict) or key not in value:
        return event
    return event.with_json({name: one for name, one in value.items() if name != key})


def _fewer_headers(candidate: Candidate, fails: StillFailing) -> Candidate:
    names = candidate.header_names
    return candidate.with_headers(
        ddmin(names, lambda kept: fails(candidate.with_headers(kept))) if names else ()
    )


def _fewer_events(candidate: Candidate, fails: StillFailing) -> Candidate:
    places = list(range(len(candidate.parts.events)))

    def keep(places: list[int]) -> Candidate:
        return candidate.with_events([candidate.parts.events[place] for place in places])

    kept = ddmin(places, lambda some: fails(keep(some)))
    return keep(drop_pairs(kept, lambda some: fails(keep(some))))


def _fewer_fields(candidate: Candidate, fails: StillFailing) -> Candidate:
    candidate = _reshape_request(candidate, fails, shrink_fields)
    for place in range(len(candidate.parts.events)):
        candidate = _fewer_lines(candidate, place, fails)
    return _reshape_events(candidate, fails, shrink_fields)


def _fewer_lines(candidate: Candidate, place: int, fails: StillFailing) -> Candidate:
    event = candidate.parts.events[place]
    lines = event.lines
    if not lines:
        return candidate

    def keep(lines: list[bytes]) -> Candidate:
        return candidate.with_event(place, event.with_lines(lines))

    return keep(ddmin(lines, lambda some: fails(keep(some))))


def _shorter_texts(candidate: Candidate, fails: StillFailing) -> Candidate:
    candidate = _reshape_request(candidate, fails, shrink_texts)
    candidate = _reshape_events(candidate, fails, shrink_texts)
    for place in range(len(candidate.parts.events)):
        candidate = _shorter_bytes(candidate, place, fails)
    return candidate


def _shorter_bytes(candidate: Candidate, place: int, fails: StillFailing) -> Candidate:
    """Take bytes away from an event without JSON: a comment, a page of HTML, an unfinished end."""
    event = candidate.parts.events[place]

    def keep(numbers: list[int]) -> Candidate:
        return candidate.with_event(place, event.with_bytes(bytes(numbers)))

    loose = event.loose_bytes
    return keep(ddmin(loose, lambda some: fails(keep(some)))) if loose else candidate


def _reshape_events(candidate: Candidate, fails: StillFailing, reshape: _Reshape) -> Candidate:
    for place in range(len(candidate.parts.events)):
        candidate = _reshape_event(candidate, place, fails, reshape)
    return candidate


def _reshape_event(
    candidate: Candidate, place: int, fails: StillFailing, reshape: _Reshape
) -> Candidate:
    event = candidate.parts.events[place]
    value = event.json
    if value is None:
        return candidate
    smaller = reshape(value, lambda v: fails(candidate.with_event(place, event.with_json(v))))
    if smaller == value:
        return candidate  # as it was spelled
    return candidate.with_event(place, event.with_json(smaller))


def _reshape_request(candidate: Candidate, fails: StillFailing, reshape: _Reshape) -> Candidate:
    value = candidate.request_json
    if not isinstance(value, dict | list):
        return candidate
    smaller = reshape(value, lambda v: fails(candidate.with_request_json(v)))
    return candidate if smaller == value else candidate.with_request_json(smaller)


_Reshape = Callable[[object, Callable[[object], bool]], object]
_STEPS: Final = (_fewer_headers, _fewer_events, _fewer_fields, _shorter_texts)
