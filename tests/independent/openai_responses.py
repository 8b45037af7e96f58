"""OpenAI's Responses: deltas while they come, the finished items where no delta came."""

from __future__ import annotations

from typing import Any

from tests.independent.framing import answer, numbers, parsed, payloads

# The client's calls, and the key of what they ask; all others are the provider's own.
ASKS = {
    "function_call": "arguments", "custom_tool_call": "input", "local_shell_call": "action",
    "shell_call": "action", "apply_patch_call": "operation", "computer_call": "action",
}  # fmt: skip
SHOWN = (("summary", "summary"), ("content", "reasoning"))
TEXT = "response.output_text.delta"
THOUGHT = ("response.reasoning_summary_text.delta", "response.reasoning_text.delta")
GIVEN = ("response.function_call_arguments.delta", "response.custom_tool_call_input.delta")


def read(body: bytes) -> dict[str, Any]:
    """Read one answer; an item's place is its output_index."""
    found = payloads(body)
    items, deltas = dict[int, dict[str, Any]](), dict[tuple[int, str], list[str]]()
    usage, finish, error = None, "", False
    for event in found:
        kind, place = event.get("type") or "", event.get("output_index", 0)
        whole = event if "output" in event else event.get("response") or {}
        error |= kind == "error" or bool(event.get("error") or whole.get("error"))
        finish, usage = whole.get("status") or finish, whole.get("usage") or usage
        came = [(place, event["item"])] if event.get("item") else []
        for number, item in came or enumerate(whole.get("output") or ()):
            items[number] = {**items.get(number, {}), **item}
        if kind in (TEXT, *THOUGHT, *GIVEN):
            what = "text" if kind == TEXT else "thought" if kind in THOUGHT else "given"
            deltas.setdefault((place, what), []).append(event.get("delta") or "")
            items.setdefault(place, {})
    calls, texts, reasons = [], [], []
    for number, item in items.items():
        parts = {key: "".join(said) for (place, key), said in deltas.items() if place == number}
        texts.append(parts.get("text") or _joined(item, "content", "output_text"))
        shown = [_joined(item, key, f"{kind}_text") for key, kind in SHOWN]
        reasons.append(parts.get("thought") or "".join(shown))
        if (kind := item.get("type")) in ASKS:
            given = parts.get("given") or item.get(ASKS[kind]) or ""
            value = parsed(given) if kind == "function_call" else given
            calls.append((item.get("call_id") or "", item.get("name") or kind, value))
    return answer(body, found, text=texts, reasoning=reasons, calls=calls, finish=finish,
                  usage=_count(usage or {}), error=error or finish == "failed")  # fmt: skip


def _joined(item: dict[str, Any], key: str, kind: str) -> str:
    return "".join(p.get("text") or "" for p in item.get(key) or () if p.get("type") == kind)


def _count(usage: dict[str, Any]) -> dict[str, int | None]:
    asked, told = usage.get("input_tokens_details") or {}, usage.get("output_tokens_details") or {}
    return numbers(
        input=usage.get("input_tokens"), output=usage.get("output_tokens"),
        cache_read=asked.get("cached_tokens"), cache_creation=asked.get("cache_write_tokens"),
        reasoning=told.get("reasoning_tokens"), total=usage.get("total_tokens"))  # fmt: skip
