"""Durations as Go prints them (``1m18.006s``), to the nanosecond and back."""

from __future__ import annotations

import re

from chatviz.given_values import short_repr

__all__ = ["format_duration", "parse_duration"]


def parse_duration(text: str) -> int:
    """Return the nanoseconds of a Go duration.

    Fractions below a nanosecond are cut off, as Go's ``time.ParseDuration`` does.

    Raises
    ------
    ValueError
        The text is not a Go duration.

    >>> parse_duration("1m18.006s"), parse_duration("755.667µs"), parse_duration("-1.5h")
    (78006000000, 755667, -5400000000000)
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(
            f"{short_repr(text)} is not a duration like '1m18.006s', '761.8ms' or '0s'"
        )
    total = sum(_nanoseconds(*part) for part in _PART.findall(match["parts"] or ""))
    return -total if match["sign"] == "-" else total


def format_duration(nanoseconds: int) -> str:
    """Return a duration as Go's ``time.Duration`` prints it.

    >>> [format_duration(n) for n in (0, 755_667, 761_800_000, 3_600_000_000_000)]
    ['0s', '755.667µs', '761.8ms', '1h0m0s']
    """
    if nanoseconds < 0:
        return "-" + format_duration(-nanoseconds)
    if nanoseconds == 0:
        return "0s"
    for unit in ("ns", "µs", "ms"):
        if nanoseconds < 1000 * _UNITS[unit]:
            return _decimal(nanoseconds, _UNITS[unit]) + unit
    minutes, rest = divmod(nanoseconds, _UNITS["m"])
    hours, minutes = divmod(minutes, 60)
    seconds = _decimal(rest, _UNITS["s"]) + "s"
    if hours:
        return f"{hours}h{minutes}m{seconds}"
    return f"{minutes}m{seconds}" if minutes else seconds


def _nanoseconds(whole: str, fraction: str, unit: str) -> int:
    size = _UNITS[unit]
    return int(whole or "0") * size + int(fraction or "0") * size // int(10 ** len(fraction))


def _decimal(nanoseconds: int, size: int) -> str:
    whole, rest = divmod(nanoseconds, size)
    digits = len(str(size)) - 1
    return f"{whole}.{rest:0{digits}d}".rstrip("0").rstrip(".") if rest else str(whole)


_UNITS = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,  # U+00B5, as Go prints it
    "μs": 1_000,  # U+03BC, which Go reads as well
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
}
_NUMBER_AND_UNIT = r"(?=\.?[0-9])([0-9]{0,30})(?:\.([0-9]{0,30}))?(ns|us|µs|μs|ms|s|m|h)"
_PART = re.compile(_NUMBER_AND_UNIT)
_DURATION = re.compile(rf"(?P<sign>[-+]?)(?:0|(?P<parts>(?:{_NUMBER_AND_UNIT})+))")
