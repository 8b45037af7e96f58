"""Chat completions of OpenAI and of all who speak alike: the first choice, streamed or whole."""

from __future__ import annotations

import json
from typing import Any

from tests.independent.framing import answer, parsed, payloads
from tests.independent.openai_usage import count


def read(body: bytes) -> dict[str, Any]:
    """Read one answer; calls are put together by WIRE.md's rule of slots."""
    found = payloads(body)
    texts, reasons, slots = list[str](), list[str](), list[dict[str, Any]]()
    usage, finish, error = None, "", False
    for payload in found:
        error |= bool(payload.get("error")) or (len(found) == 1 and "choices" not in payload)
        usage = payload.get("usage") or (payload.get("x_groq") or {}).get("usage") or usage
        for choice in payload.get("choices") or ():
            usage = choice.get("usage") or usage  # Moonshot
            if choice.get("index") or 0:
                continue
            finish = choice.get("finish_reason") or finish
            whole = {} if texts or slots else choice.get("message")
            delta = choice.get("delta") or whole or {}
            _say(delta, texts, reasons)
            for call in delta.get("tool_calls") or ():
                _take(call, slots)
    calls = [(slot["id"], slot["name"], parsed(slot["text"])) for slot in slots]
    return answer(body, found, text=texts, reasoning=reasons, calls=calls, finish=finish,
                  usage=count(usage), error=error)  # fmt: skip


def _say(delta: dict[str, Any], texts: list[str], reasons: list[str]) -> None:
    content = delta.get("content") or ""
    parts: list[dict[str, Any]] = [{"text": content}] if isinstance(content, str) else content
    for part in parts:
        texts.append(part.get("text") or "")  # Mistral sends a list of parts
        reasons.extend(piece.get("text") or "" for piece in part.get("thinking") or ())
    details = [item.get("text") or item.get("summary") or ""
               for item in delta.get("reasoning_details") or ()]  # fmt: skip
    reasons.append(delta.get("reasoning") or delta.get("reasoning_content") or "".join(details))


def _take(call: dict[str, Any], slots: list[dict[str, Any]]) -> None:
    index, key, function = call.get("index"), call.get("id") or "", call.get("function") or {}
    name, arguments = function.get("name") or "", function.get("arguments")
    named = [s for s in slots if key and s["id"] == key and index in (None, s["index"])]
    same = named or [s for s in slots if index is not None and s["index"] == index]
    last = slots[-1:] if index is None and not key else []
    slot = next(iter(reversed(same or last)), None)
    is_full = slot and slot["text"] and not isinstance(parsed(slot["text"]), str)
    is_other = slot and name and (name != slot["name"] or (index is None and not key))
    if not slot or (key and slot["id"] not in ("", key)) or (is_full and is_other):
        slots.append(slot := {"index": index, "id": "", "name": "", "text": ""})
    slot["id"] = slot["id"] or key
    slot["name"] += "" if name == slot["name"] else name
    slot["text"] += arguments if isinstance(arguments, str) else (
        "" if arguments is None else json.dumps(arguments))  # fmt: skip
