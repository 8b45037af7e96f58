"""How two requests differ that are not the same: in method, URL and body."""

from __future__ import annotations

from typing import Any

from chatviz.cassettes.matching.json_diff import ABSENT, Difference, diff_json
from chatviz.cassettes.matching.normal_form import Destination, NormalForm

__all__ = ["diff_requests"]


def diff_requests(asked: NormalForm, recorded: NormalForm) -> list[Difference]:
    """Return how a request differs from a recorded one; nothing where they match."""
    found: list[Difference] = []
    if asked.method != recorded.method:
        found.append(Difference("method", recorded.method, asked.method, "method"))
    if not asked.goes_to(recorded):
        found += _diff_places(recorded.places[0], asked.places[0])
    if not asked.has_body_of(recorded):
        found += _diff_bodies(recorded, asked)
    return found


def _diff_places(recorded: Destination, asked: Destination) -> list[Difference]:
    found = [
        Difference(f"url.{name}", ours, theirs, "url")
        for name, ours, theirs in (
            ("host", recorded.host, asked.host),
            ("path", recorded.path, asked.path),
        )
        if ours != theirs
    ]
    ours, theirs = _group(recorded.query), _group(asked.query)
    for name in sorted(ours.keys() | theirs.keys()):
        pair = ours.get(name, ABSENT), theirs.get(name, ABSENT)
        if pair[0] != pair[1]:
            found.append(Difference(f"url.query.{name}", *pair, "url"))
    return found


def _group(query: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """Return a query as a value for each name, or a list where a name comes several times."""
    values: dict[str, list[str]] = {}
    for name, value in query:
        values.setdefault(name, []).append(value)
    return {name: found[0] if len(found) == 1 else found for name, found in values.items()}


def _diff_bodies(recorded: NormalForm, asked: NormalForm) -> list[Difference]:
    if recorded.kind == asked.kind != "bytes":
        return diff_json(recorded.value, asked.value)
    ours, theirs = recorded.bodies[0], asked.bodies[0]
    start = next(
        (place for place, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b),
        min(len(ours), len(theirs)),
    )
    return [Difference("body", _describe(ours, start), _describe(theirs, start))]


def _describe(body: bytes, start: int) -> Any:
    """Return a body as text, or where it is none, what is known of it."""
    if not body:
        return ABSENT
    try:
        return body.decode()
    except UnicodeDecodeError:
        return f"{len(body):,} bytes, from byte {start:,} on: {body[start : start + 8].hex(' ')}"
