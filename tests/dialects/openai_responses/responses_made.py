"""Events of Responses as hand-made streams need them, numbered as they come."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from chatviz.chat.deltas import UnknownDelta
from chatviz.runs.run import StreamRun

URL = "https://api.openai.com/v1/responses"
Event = dict[str, Any]


def event(kind: str, **fields: Any) -> Event:
    return {"type": f"response.{kind}", **fields}


def response(status: str, *output: Any, **fields: Any) -> Event:
    return {"object": "response", "id": "resp_1", "created_at": 1, "model": "m", "status": status,
            "output": [*output], **fields}  # fmt: skip


def stream(*events: Event, status: str = "completed", **fields: Any) -> bytes:
    """Return a stream with these events in a whole answer; ``status`` '' leaves the end out."""
    ends = [event(status, response=response(status, **fields))] if status else []
    begins = event("created", response=response("in_progress", usage=None, error=None))
    return numbered([begins, *events, *ends])


def numbered(events: Iterable[Event]) -> bytes:
    sent = [{**one, "sequence_number": number} for number, one in enumerate(events)]
    return b"".join(
        b"event: %s\ndata: %s\n\n" % (one["type"].encode(), json.dumps(one).encode())
        for one in sent
    )


def message(*parts: Event, place: int = 0, **fields: Any) -> list[Event]:
    """Return a message item: added, its parts as they are given, and done."""
    item = {"id": f"msg_{place}", "type": "message", "role": "assistant", "content": [], **fields}
    return [
        event("output_item.added", output_index=place, item=item),
        *parts,
        event("output_item.done", output_index=place, item=item),
    ]


def part(*pieces: str, item: int = 0, place: int = 0, kind: str = "output_text") -> list[Event]:
    """Return a part of a message: opened, its pieces, and closed with the whole."""
    where = {"output_index": item, "content_index": place}
    field = "refusal" if kind == "refusal" else "text"
    name = {"output_text": "output_text", "refusal": "refusal"}.get(kind, kind)
    whole = "".join(pieces)
    return [
        event("content_part.added", **where, part={"type": kind, field: ""}),
        *(event(f"{name}.delta", **where, delta=piece) for piece in pieces),
        event(f"{name}.done", **where, **{field: whole}),
        event("content_part.done", **where, part={"type": kind, field: whole}),
    ]


def item(sent: Event, *pieces: Event, place: int = 0, added: Event | None = None) -> list[Event]:
    """Return an item of another kind: added, its pieces, and done."""
    return [
        event("output_item.added", output_index=place, item=added or sent),
        *pieces,
        event("output_item.done", output_index=place, item=sent),
    ]


def codes(run: StreamRun) -> set[str]:
    return {finding.code for finding in run.findings} - {"no_clock"}


def unknown(run: StreamRun) -> dict[str, Any]:
    deltas = [delta for _, delta in run.deltas if isinstance(delta, UnknownDelta)]
    return {delta.path: json.loads(delta.json) for delta in deltas}
