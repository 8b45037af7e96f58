"""Usage: a snapshot with each chunk; the last one counts as a whole.

Google counts four kinds of tokens apart from each other: the prompt, what tools brought into it,
the candidates, and the thoughts. proto3 leaves zeros out: an absent count is 0, or not known yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from chatviz.chat.usage import NO_CHARGES, Charges, Usage, unusual_tier
from chatviz.dialects.json_values import is_int64

__all__ = ["COUNTS", "read_raw_usage", "read_usage"]

_Count = Annotated[int, Meta(ge=-(2**61), le=2**61)] | None  # a sum of two fits 64 bits


class _Counts(msgspec.Struct, gc=False):
    promptTokenCount: _Count = None
    candidatesTokenCount: _Count = None
    totalTokenCount: _Count = None
    thoughtsTokenCount: _Count = None
    toolUsePromptTokenCount: _Count = None
    cachedContentTokenCount: _Count = None


class _Sent(_Counts, gc=False):
    trafficType: Any = None  # Vertex AI
    serviceTier: Any = None  # AI Studio


_decode: Final = msgspec.json.Decoder(_Sent).decode
_TRAFFIC, _TIER = _Sent.__struct_fields__[-2:]
COUNTS: Final = _Counts.__struct_fields__


def read_raw_usage(raw: bytes) -> Usage:
    """Read the JSON text of a usage object whose counts are whole numbers.

    Raises
    ------
    ValueError
        The text is no such object.
    """
    usage = _decode(raw)
    return _make_usage(usage, str(raw, "utf-8"), usage.trafficType or usage.serviceTier)


def read_usage(usage: Mapping[str, Any], sent: str) -> Usage:
    """Read a usage object; counts that are no numbers are not known.

    Parameters
    ----------
    usage : mapping
        The decoded object.
    sent : str
        Its JSON text.
    """
    counts = {name: _whole(usage.get(name)) for name in COUNTS}
    return _make_usage(_Counts(**counts), sent, usage.get(_TRAFFIC) or usage.get(_TIER))


def _make_usage(counts: _Counts, sent: str, tier: Any) -> Usage:
    prompt, tools = counts.promptTokenCount, counts.toolUsePromptTokenCount
    said, thought = counts.candidatesTokenCount, counts.thoughtsTokenCount
    return Usage(
        input_tokens=prompt if tools is None else tools + (prompt or 0),
        output_tokens=said if thought is None else thought + (said or 0),
        cache_read_tokens=counts.cachedContentTokenCount,
        reasoning_tokens=thought,
        total_tokens=counts.totalTokenCount,
        sent=sent,
        charges=_read_charges(tier),
    )


def _read_charges(tier: Any) -> Charges:
    """Return the tier: ``ON_DEMAND`` is the usual one, ``ON_DEMAND_FLEX`` that of "flex"."""
    name = unusual_tier(tier).removeprefix("on_demand_")
    return NO_CHARGES if not name or name.endswith("unspecified") else Charges(tier=name)


def _whole(value: Any) -> int | None:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if is_int64(value) and -(2**61) <= value <= 2**61 else None
