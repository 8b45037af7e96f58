"""Sources that stand beside the choices, as Perplexity and xAI send them, in each chunk again.

https://docs.perplexity.ai/api-reference/chat-completions-post and https://docs.x.ai (live search).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from chatviz.chat.deltas import CitationDelta, Delta, FinishDelta, TextDelta
from chatviz.dialects.json_values import items_of
from chatviz.wire.json_text import dump_json

__all__ = ["CITED", "FOUND_BESIDES", "read_cited"]

_FOUND: Final = "search_results"  # what the URLs of the other lead to, with titles and dates
CITED: Final = frozenset((_FOUND, "citations"))
_SAYING: Final = (TextDelta, FinishDelta)
FOUND_BESIDES: Final = frozenset(("images", "related_questions", "videos"))  # Perplexity


def read_cited(payload: Mapping[str, Any], deltas: list[Delta]) -> None:
    """Append the sources, once each: those with titles, or else the URLs alone.

    A chunk of a choice that has said nothing yet is passed over: the sources come again.
    """
    if payload.get("choices") and not any(isinstance(one, _SAYING) for one in deltas):
        return
    sent = items_of(payload.get(_FOUND)) or items_of(payload.get("citations"))
    deltas += [CitationDelta(0, dump_json(one), None, True) for one in sent]
