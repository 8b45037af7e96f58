"""Text completions (POST .../completions): a prompt continued, no messages, no tools."""

from __future__ import annotations

from typing import Any

from tests.independent.framing import answer, payloads
from tests.independent.openai_usage import count


def read(body: bytes) -> dict[str, Any]:
    """Read the first choice, streamed or whole."""
    found = payloads(body)
    usage, finish, error = None, "", False
    texts, reasons = [], []
    for payload in found:
        error |= bool(payload.get("error")) or (len(found) == 1 and "choices" not in payload)
        usage = payload.get("usage") or usage
        for choice in payload.get("choices") or ():
            if not choice.get("index"):
                texts.append(choice.get("text") or "")
                reasons.append(choice.get("reasoning") or "")
                finish = choice.get("finish_reason") or finish
    return answer(
        body, found,
        text=texts, reasoning=reasons, calls=[], finish=finish,
        usage=count(usage), error=error,
    )  # fmt: skip
