"""Recordings as JSON documents: what ``show --json`` prints for other programs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any

from msgspec.structs import asdict

from chatviz.chat.findings.log import Finding
from chatviz.chat.messages import Message
from chatviz.runs.choices import finish_reasons, finish_reasons_sent
from chatviz.runs.conversation import Conversation, Step
from chatviz.runs.run import StreamRun

__all__ = ["describe_recording"]


def describe_recording(source: str, talks: Sequence[Conversation]) -> dict[str, Any]:
    """Return a recording as JSON's values; money is text, since it is exact."""
    return {
        "source": source,
        "conversations": [
            {
                "steps": [_describe_step(step) for step in talk.steps],
                "own_findings": [_describe_finding(one) for one in talk.own_findings],
            }
            for talk in talks
        ],
    }


def _describe_step(step: Step) -> dict[str, Any]:
    return {
        **_describe_run(step.run),
        "attempts": [_describe_run(run) for run in step.attempts],
        "tool_results": [
            {"tool_call_id": one.tool_call_id, "name": one.name, "text": one.text}
            for one in step.tool_results
        ],
    }


def _describe_run(run: StreamRun) -> dict[str, Any]:
    usage = None if run.usage is None else asdict(run.usage)
    if usage is not None:
        del usage["cost"], usage["charges"]
    return {
        "interaction": run.interaction,
        "dialect": run.dialect,
        "host": run.host,
        "provider": run.provider,
        "model": run.model,
        "status": run.response.status,
        "finish_reason": run.finish_reason,
        "finish_reason_sent": run.finish_reason_sent,
        **_describe_message(run.message),
        "other_choices": _describe_others(run),
        "error": None if run.error is None else run.error.message,
        "chunks": len(run.chunks),
        "timing": run.timing,
        "time_to_headers_s": run.time_to_headers_s,
        "time_to_first_token_s": run.time_to_first_token_s,
        "duration_s": run.duration_s,
        "usage": usage,
        "cost_usd": None if run.cost is None else f"{run.cost:f}",
        "findings": [_describe_finding(one) for one in run.findings],
    }


def _describe_others(run: StreamRun) -> list[dict[str, Any]]:
    """Return what the choices behind the first are, each with its own finish reason."""
    told = zip(run.messages, finish_reasons(run), finish_reasons_sent(run), strict=True)
    return [
        {**_describe_message(one), "finish_reason": ours, "finish_reason_sent": sent}
        for one, ours, sent in islice(told, 1, None)
    ]


def _describe_message(message: Message) -> dict[str, Any]:
    return {
        "text": message.text,
        "reasoning": message.reasoning,
        "refusal": message.refusal,
        "tool_calls": [
            {"id": call.id, "name": call.name, "arguments": call.arguments}
            for call in message.tool_calls
        ],
    }


def _describe_finding(finding: Finding) -> dict[str, Any]:
    names = ("code", "severity", "message", "part", "chunk", "last_chunk", "count")
    return {name: getattr(finding, name) for name in names}
