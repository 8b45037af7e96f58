"""What a server says that its work took, read from an answer's chunks and headers when asked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from chatviz.chat.server_time import SECONDS_IN, ServerTime, ServerTimeField
from chatviz.dialects.server_times import HEADERS
from chatviz.wire.exchange import Headers
from chatviz.wire.json_text import load_any_json

__all__ = ["read_chunk_times", "read_header_times"]

LONGEST_S: Final = 1e7  # what is more counts something else
MAX_NUMBER: Final = 1e16  # nanoseconds of LONGEST_S
_DURATION: Final = re.compile(r"\s*dur=\"?([0-9.]{1,20})", re.IGNORECASE)
_MAX_METRICS: Final = 50


def read_chunk_times(
    fields: Sequence[ServerTimeField], chunks: Iterable[bytes]
) -> tuple[ServerTime, ...]:
    """Return the durations that chunks hold, each as it was sent last.

    Parameters
    ----------
    fields : sequence of ServerTimeField
        Where the dialect keeps them.
    chunks : iterable of bytes
        The JSON text of each chunk.
    """
    roots = {f'"{field.path[0]}"'.encode() for field in fields}
    found: dict[ServerTimeField, ServerTime] = {}
    for number, data in enumerate(chunks):
        if not any(root in data for root in roots):
            continue
        try:
            payload = load_any_json(data)
        except ValueError:
            continue
        for field in fields:
            if (time := _read_field(payload, field, number)) is not None:
                found[field] = time
    return tuple(found[field] for field in fields if field in found)


def read_header_times(headers: Headers) -> tuple[ServerTime, ...]:
    """Return the durations that an answer's headers hold."""
    return tuple(_header_times(headers))


def _header_times(headers: Headers) -> Iterator[ServerTime]:
    for name, values in headers.items():
        for value in values:
            if name.lower() == "server-timing":
                yield from _metrics(name, value)
            elif (known := HEADERS.get(name.lower())) is not None:
                unit, measure, meaning = known
                sent = _number(value)
                if sent is not None and (seconds := sent * SECONDS_IN[unit]) <= LONGEST_S:
                    yield ServerTime(measure, seconds, name, unit, meaning, "header")


def _metrics(name: str, value: str) -> Iterator[ServerTime]:
    """Yield the metrics of a Server-Timing header that are durations.

    https://www.w3.org/TR/server-timing/#the-server-timing-header-field
    """
    for metric in value.split(",")[:_MAX_METRICS]:
        called, *parameters = metric.split(";")
        duration = next(filter(None, map(_DURATION.match, parameters)), None)
        sent = None if duration is None else _number(duration[1])
        if sent is not None and (seconds := sent * SECONDS_IN["ms"]) <= LONGEST_S:
            shown = called.strip()[:60]
            meaning = f"what the server calls {shown!r}"
            yield ServerTime("processing", seconds, f"{name}: {shown}", "ms", meaning, "header")


def _read_field(payload: Any, field: ServerTimeField, chunk: int) -> ServerTime | None:
    value = _number(_at(payload, field.path))
    if value is None:
        return None
    name, resolution = ".".join(field.path), None
    if field.since:
        begin = _number(_at(payload, field.since))
        if begin is None:
            return None
        name += f" − {'.'.join(field.since)}"
        is_whole = begin.is_integer() and value.is_integer()
        value, resolution = value - begin, 1.0 if is_whole else None
    seconds = value * SECONDS_IN[field.unit]
    if not 0 <= seconds <= LONGEST_S:
        return None
    return ServerTime(
        field.measure, seconds, name, field.unit, field.meaning, "chunk", chunk, resolution
    )


def _at(payload: Any, path: Sequence[str]) -> Any:
    for key in path:
        payload = payload.get(key) if isinstance(payload, Mapping) else None
    return payload


def _number(value: Any) -> float | None:
    """Return a number, or a text that is one; None for anything else."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and 0 <= value <= MAX_NUMBER else None
