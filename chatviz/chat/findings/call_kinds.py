"""The kinds of findings that tool calls show: codes, severities and sentences."""

from __future__ import annotations

from typing import Final

from chatviz.chat.findings.finding_kind import Severity

__all__ = ["CALL_ROWS"]

CALL_ROWS: Final[tuple[tuple[str, Severity, str], ...]] = (
    ("call_index_gap", "warning", "The tool calls are numbered {text}, not from 0 up."),
    (
        "call_index_missing",
        "warning",
        "{count:tool delta has|tool deltas have} no index; distinguished by id, name and complete "
        "arguments.",
    ),
    (
        "call_index_shared",
        "warning",
        "The {part} is used for {count} different calls ({text}); distinguished by id and name.",
    ),
    (
        "call_after_finish",
        "warning",
        "{count:delta|deltas} of the call {part} came after the finish reason {reason}; "
        "the call is kept whole.",
    ),
    (
        "call_id_repeated",
        "warning",
        "The id of the call {part} is sent with {count} deltas, not once.",
    ),
    (
        "call_id_null",
        "info",
        "The id of the call {part} is null or empty in {count:delta|deltas}; that counts for "
        "nothing.",
    ),
    ("call_id_missing", "warning", "The call {part} has no id: its result cannot name it."),
    (
        "call_id_changed",
        "warning",
        "The id of the call {part} changed to {text} before its arguments were complete; "
        "the first is kept.",
    ),
    (
        "call_id_positional",
        "info",
        "The id {part} is only a position: the next answer may use it again.",
    ),
    (
        "call_id_not_unique",
        "warning",
        "The id {part} names {count} different calls of this conversation.",
    ),
    (
        "call_id_rewritten",
        "info",
        "The client sent the call {part} back under the id {text}; they are matched by order.",
    ),
    (
        "call_name_in_pieces",
        "warning",
        "The name of the call {part} came in {count} pieces; joined.",
    ),
    (
        "call_name_repeated",
        "warning",
        "The name of the call {part} is sent {count} times; kept once.",
    ),
    (
        "call_name_changed",
        "warning",
        "The call {part} was given another name later, {text}; the first is kept.",
    ),
    ("call_name_missing", "error", "The call {part} has no name: it cannot be run."),
    (
        "call_without_function",
        "warning",
        "{count:tool delta says|tool deltas say} nothing: no id, type, name or arguments.",
    ),
    (
        "arguments_null",
        "warning",
        "The arguments of the call {part} are null in {count:delta|deltas}; that adds nothing.",
    ),
    (
        "arguments_object",
        "warning",
        "The arguments of the call {part} came as a JSON value, not as text; written as text.",
    ),
    (
        "arguments_piece_misplaced",
        "error",
        "{count:piece|pieces} of the arguments of the call {part} came for a place that had been "
        "closed ({text}): not in the arguments.",
    ),
    ("arguments_empty", "warning", "The call {part} has no arguments text; read as {{}}."),
    ("arguments_not_json", "error", "The arguments of the call {part} are no JSON: {text}."),
    (
        "arguments_not_object",
        "error",
        "The arguments of the call {part} are JSON, but no object: {text}.",
    ),
    (
        "arguments_against_schema",
        "error",
        "The arguments of the call {part} break the tool's schema: {text}.",
    ),
    (
        "schema_fault",
        "warning",
        "The schema of the tool that {part} calls cannot be used: {text}.",
    ),
    ("tool_not_offered", "warning", "The call {part} names a tool that the request did not offer."),
)
