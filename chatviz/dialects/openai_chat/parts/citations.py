"""Sources that stand beside the choices, or beside the text.

Perplexity and xAI send them in each chunk again.
https://docs.perplexity.ai/api-reference/chat-completions-post and https://docs.x.ai (live search).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from chatviz.chat.deltas import CitationDelta, Delta, FinishDelta, TextDelta
from chatviz.dialects.json_values import items_of
from chatviz.dialects.openai_chat.parts.sent_in import SentIn
from chatviz.dialects.unknown_fields import keep_unknown
from chatviz.wire.json_text import dump_json

__all__ = ["CITED", "FOUND_BESIDES", "read_cited", "read_context"]

_FOUND: Final = "search_results"  # what the URLs of the other lead to, with titles and dates
_SEARCHED: Final = "web_search"  # Z.ai
_VENICE: Final = "venice_parameters"
CITED: Final = frozenset((_FOUND, _SEARCHED, _VENICE, "citations"))
_CONTEXT: Final = frozenset(("citations", "intent"))
_SAYING: Final = (TextDelta, FinishDelta)
FOUND_BESIDES: Final = frozenset(("images", "related_questions", "videos"))  # Perplexity


def read_cited(payload: Mapping[str, Any], deltas: list[Delta]) -> None:
    """Append the sources, once each: those with titles, or else the URLs alone.

    A chunk of a choice that has said nothing yet is passed over: the sources come again.
    """
    if payload.get("choices") and not any(isinstance(one, _SAYING) for one in deltas):
        return
    sent = (
        items_of(payload.get(_FOUND))
        or items_of(payload.get("citations"))
        or items_of(payload.get(_SEARCHED))
        or _cited_by_venice(payload.get(_VENICE))
    )
    deltas += [CitationDelta(0, dump_json(one), None, True) for one in sent]


def read_context(context: Any, sent: SentIn, deltas: list[Delta]) -> None:
    """Append what Azure found in data of one's own, which comes before the text."""
    if not isinstance(context, dict):
        keep_unknown({"context": context}, frozenset(), sent.where, deltas, in_message=True)
        return
    cited = items_of(context.get("citations"))
    deltas += [CitationDelta(sent.choice, dump_json(one), None, True) for one in cited]
    keep_unknown(context, _CONTEXT, f"{sent.where}.context", deltas, in_message=True)


def _cited_by_venice(parameters: Any) -> list[Any]:
    said = parameters if isinstance(parameters, dict) else {}
    return items_of(said.get("web_search_citations"))
