"""Gemini's generateContent and streamGenerateContent: events, a JSON array, or one JSON."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

from tests.independent.framing import add, answer, numbers, payloads


def read(body: bytes) -> dict[str, Any]:
    """Read the first candidate; the last usage object counts as a whole."""
    found = payloads(body)
    texts, reasons, calls = list[str](), list[str](), list[dict[str, Any]]()
    usage, finish, error = dict[str, Any](), "", False
    for payload in found:
        error |= "error" in payload or "blockReason" in payload.get("promptFeedback", ())
        usage = payload.get("usageMetadata") or usage
        for candidate in payload.get("candidates") or ():
            if candidate.get("index"):
                continue
            finish = str(candidate.get("finishReason") or finish)  # a number where asked for
            for part in (candidate.get("content") or {}).get("parts") or ():
                (reasons if part.get("thought") else texts).append(part.get("text") or "")
                if "functionCall" in part:
                    _take(part["functionCall"], calls)
    made = [(call.get("id") or "", call.get("name") or "", call["args"]) for call in calls]
    return answer(body, found, text=texts, reasoning=reasons, calls=made, finish=finish,
                  usage=_count(usage), error=error)  # fmt: skip


def _take(call: dict[str, Any], calls: list[dict[str, Any]]) -> None:
    if call.get("name") or not calls:
        calls.append({**call, "args": dict(call.get("args") or {})})
    for piece in call.get("partialArgs") or ():  # Vertex, streamFunctionCallArguments
        place: Any = calls[-1]["args"]
        names = re.findall(r"[^.$\[\]']+", piece["jsonPath"])
        path = [int(name) if name.isdigit() else name for name in names]
        for key, following in pairwise(path):
            place = _step(place, key, [] if isinstance(following, int) else {})
        value = next((piece[key] for key in piece if key.endswith("Value")), None)
        before = _step(place, path[-1], "" if isinstance(value, str) else 0)
        place[path[-1]] = before + value if isinstance(value, str) else value


def _step(place: Any, key: Any, empty: Any) -> Any:
    if isinstance(place, dict):
        return place.setdefault(key, empty)
    place.extend([empty] * (key + 1 - len(place)))
    return place[key]


def _count(usage: dict[str, Any]) -> dict[str, int | None]:
    said, thought = usage.get("candidatesTokenCount"), usage.get("thoughtsTokenCount")
    return numbers(
        input=add(usage.get("promptTokenCount"), usage.get("toolUsePromptTokenCount")),
        output=thought if said is None else add(said, thought), reasoning=thought,
        cache_read=usage.get("cachedContentTokenCount"), total=usage.get("totalTokenCount")
    )  # fmt: skip
