"""What can be expected of Anthropic's answers, and what is odd about them alone."""

from __future__ import annotations

from typing import Final

from chatviz.chat.findings.kinds import finding_kinds
from chatviz.chat.manners import CallIds, Manners, SentError
from chatviz.dialects.anthropic.charges import is_free_call
from chatviz.dialects.anthropic.event_order import END
from chatviz.dialects.anthropic.usage import read_usage
from chatviz.dialects.prompt_layouts import MESSAGES_LAYOUT
from chatviz.dialects.server_times import INVOKE_TIMES

__all__ = ["MANNERS"]

KINDS: Final = finding_kinds(
    (
        "event_name_differs",
        "warning",
        "{count:event has|events have} another name on the event line than in the data (first "
        "{name} for {text}): clients that go by the name pass over them.",
    ),
    (
        "input_at_start",
        "warning",
        "The input of the call {part} came where its block begins, not in pieces: clients that "
        "only join the pieces have none.",
    ),
    (
        "turn_paused",
        "warning",
        "The server paused its turn: the answer goes on when all of it is sent back.",
    ),
    (
        "refused",
        "warning",
        "The model's answer was stopped as refused (category {text}): what came before may be cut "
        "off.",
    ),
    (
        "usage_leaves_out",
        "info",
        "The usage leaves out {tokens:token|tokens} of other passes over a model ({text}), which "
        "are charged as well.",
    ),
)


def _tell_error(message: str) -> SentError:
    error = {"type": "overloaded_error", "message": message}
    return SentError("error", {"type": "error", "error": error})


MANNERS: Final = Manners(
    tell_error=_tell_error,
    prompt=MESSAGES_LAYOUT,
    server_times=INVOKE_TIMES,
    pausing_reasons=frozenset(("pause_turn",)),
    told_reasons={"refusal": "refused"},
    finish_reasons={
        "end_turn": "stop",
        "stop_sequence": "stop",
        "pause_turn": "stop",
        "compaction": "stop",
        "max_tokens": "length",
        "model_context_window_exceeded": "length",
        "tool_use": "tool_calls",
        "refusal": "content_filter",
    },
    end=END,
    begins_empty=True,
    arguments_as="object",
    may_omit_arguments=True,
    read_usage=read_usage,
    is_free_call=is_free_call,
    passing_errors=frozenset(
        ("api_error", "overloaded_error", "rate_limit_error", "timeout_error")
    ),
    kinds=KINDS,
    call_ids=CallIds(
        references=("tool_use_id",),
        call_types=("tool_use", "server_tool_use", "mcp_tool_use"),
        arguments=("input",),
    ),
)
