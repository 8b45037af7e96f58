"""A test that reads an answer with an SDK, and fails until what was sent is read."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any, Final

from chatviz.chat.messages import Message
from chatviz.evidence.sdks.comparing import sent_text
from chatviz.evidence.sdks.reader import request_of
from chatviz.evidence.sdks.result import USAGE_KEYS
from chatviz.evidence.sdks.sdk import ReadsBody
from chatviz.evidence.shrinking.sources import source_with_needs
from chatviz.runs.choices import finish_reasons_sent, tool_calls_of
from chatviz.runs.run import StreamRun

__all__ = ["sdk_test"]

MOST_REQUEST: Final = 2_000  # characters: a longer one stands without its tools
_SAID: Final = ("text", "reasoning", "finish", "calls", "arguments", "ids")  # of each choice
SERVER: Final = "from chatviz.evidence.sdks.answering import answering"


def sdk_test(read: ReadsBody, how: tuple[str, ...], run: StreamRun) -> str:
    """Return the source of a test, which finds ``BODY`` in front of it.

    Parameters
    ----------
    read : callable
        What an adapter reads with; its source is printed.
    how : tuple of str
        How it fails: what the test asks for.
    run : StreamRun
        What was sent.

    Raises
    ------
    ValueError
        The function's source cannot stand in a test; the message says why.
    """
    lines, source = source_with_needs(read)
    imports = set(lines)
    if SERVER in imports:  # a test stands without chatviz
        more, server = _server_source()
        imports, source = (imports - {SERVER}) | more, f"{server}\n\n{source}"
    name = getattr(read, "__name__", "read")
    check = [line.replace("read(BODY", f"{name}(BODY") for line in _checks(how, run)]
    if any("json." in line for line in check):
        imports.add("import json")
    body = "\n".join(f"    {line}" for line in check)
    test = f"def test_the_stream_is_read():\n{body}\n"
    return "\n".join(sorted(imports)) + f"\n\n\n{_request(run)}\n\n\n{source}\n\n{test}"


def _request(run: StreamRun) -> str:
    known = request_of(run)
    told: dict[str, Any] = {"dialect": run.dialect, "tools": known["tools"]}
    if len(repr(told)) > MOST_REQUEST:
        told["tools"] = []
    return f"REQUEST = {told!r}"


def _server_source() -> tuple[set[str], str]:
    """Return the imports and the rest of the module of the server."""
    text = files(__package__ or "").joinpath("answering.py").read_text(encoding="utf-8")
    imports, _, rest = text.partition('"""\n\n')[2].partition('__all__ = ["answering"]\n\n\n')
    return set(filter(None, imports.splitlines())), rest


def _checks(how: tuple[str, ...], run: StreamRun) -> list[str]:
    """Return the lines that fail until the SDK reads what was sent."""
    kind = how[1] if how[0] in ("wrong", "lossy") else how[0]
    if len(run.messages) > 1 and kind in _SAID:
        return _choice_checks(kind, run)
    calls, values = run.message.tool_calls, _values(run.message, run.finish_reason_sent)
    match kind:
        case "text" | "reasoning" | "finish":
            return [f'assert read(BODY, REQUEST).get("{kind}") == {values[kind]!r}']
        case "cost":
            return [
                f'assert float(read(BODY, REQUEST).get("cost") or 0) == {float(run.cost or 0)!r}'
            ]
        case "calls":
            names = [one.name for one in calls]
            return [f'assert [one["name"] for one in read(BODY, REQUEST)["calls"]] == {names!r}']
        case "arguments":
            return [
                'found = [one["arguments"] for one in read(BODY, REQUEST)["calls"]]',
                *_argument_checks([one.arguments for one in calls]),
            ]
        case "ids":
            ids = [run.answer.identity.id, *(one.id for one in calls)]
            return [
                "result = read(BODY, REQUEST)",
                f'assert [result["id"], *(one["id"] for one in result["calls"])] == {ids!r}',
            ]
        case "usage":
            return _usage_checks(run)
        case "error":
            return ["import pytest", "with pytest.raises(Exception):", "    read(BODY, REQUEST)"]
        case _:
            return ["read(BODY, REQUEST)"]


def _values(message: Message, finish: str | None) -> dict[str, str | None]:
    return {"text": sent_text(message), "reasoning": message.reasoning, "finish": finish}


def _choice_checks(kind: str, run: StreamRun) -> list[str]:
    """Return the lines that fail until all choices are read: what they say stands in a list."""
    lines = [
        "result = read(BODY, REQUEST)",
        'choices = [result, *(result.get("choices") or [])]',
    ]
    if kind in ("text", "reasoning", "finish"):
        sent = zip(run.messages, finish_reasons_sent(run), strict=True)
        wanted = [_values(message, finish)[kind] or "" for message, finish in sent]
        return [*lines, f'assert [one.get("{kind}") or "" for one in choices] == {wanted!r}']
    key = {"calls": "name", "arguments": "arguments", "ids": "id"}[kind]
    found = f'[one["{key}"] for choice in choices for one in choice.get("calls") or []]'
    sides = [getattr(call, key) for call in tool_calls_of(run)]
    if kind == "arguments":
        return [*lines, f"found = {found}", *_argument_checks(sides)]
    if kind == "ids":
        lines.append(f'assert result["id"] == {run.answer.identity.id!r}')
    return [*lines, f"assert {found} == {sides!r}"]


def _usage_checks(run: StreamRun) -> list[str]:
    counts = {key: getattr(run.usage, key, None) for key in USAGE_KEYS}
    wanted = {key: count for key, count in counts.items() if count is not None}
    return [
        'usage = read(BODY, REQUEST)["usage"]',
        f"wanted = {wanted!r}",
        "assert {key: usage.get(key) for key in wanted} == wanted",
    ]


def _argument_checks(sent: list[str]) -> list[str]:
    """Compare as values where all are JSON, else as texts."""
    try:
        values = [json.loads(text or "{}") for text in sent]
    except ValueError:
        return [f"assert found == {sent!r}"]
    return [f'assert [json.loads(text or "{{}}") for text in found] == {values!r}']
