"""What can be found only when an answer has ended: arithmetic, validity, and what never came."""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal
from typing import Final

from chatviz.chat.arguments.plain_schema import fits_plain_schema
from chatviz.chat.arguments.schema import SchemaCheck
from chatviz.chat.assembly.call_slots import CallSlot
from chatviz.chat.assembly.choice_state import Answer, ChoiceState
from chatviz.chat.deltas import FinishDelta
from chatviz.chat.findings.log import FindingLog, shorten
from chatviz.chat.manners import Manners
from chatviz.chat.messages import Message, ToolCall
from chatviz.chat.usage import TOKEN_COUNTS, Usage

__all__ = ["conclude", "effective_finish_reason"]

# What finish reasons mean, in our words; nothing, of an answer that still goes on.
_WORDS: Final = frozenset(("stop", "length", "tool_calls", "content_filter", "error", ""))
_BAD_ENDINGS: Final = {"content_filter": "finish_filtered", "error": "finish_failed"}
_POSITION: Final = re.compile(r"(?:functions\.)?[\w.-]*:\d+|\d{1,3}|call_\d{1,3}")


def effective_finish_reason(
    sent: FinishDelta | None, message: Message, manners: Manners, *, failed: bool
) -> str | None:
    """Return why an answer ended, in our words.

    The provider's last word counts, put into our list; ``stop`` with tool calls is ``tool_calls``;
    an answer that ended in an error without a word is ``error``; None where nothing is known, or
    the answer still goes on. A word that is in no list is returned as it is.
    """
    if sent is None:
        return "error" if failed else None
    reason = sent.means or manners.finish_reasons.get(sent.reason.lower(), sent.reason) or None
    return "tool_calls" if reason == "stop" and message.tool_calls else reason


def conclude(
    answer: Answer,
    manners: Manners,
    *,
    chunks: int,
    offers_tools: bool = False,
    sends_cost: bool = False,
) -> FindingLog:
    """Return all findings of an answer: what its assembler noted, and what shows at its end.

    Parameters
    ----------
    answer : Answer
    manners : Manners
        What its dialect declares: what it never sends is not missed.
    chunks : int
        How many chunks it has; the findings of streams need some.
    offers_tools : bool
        Whether the request is known to offer tools: a call of another is then a finding.
    sends_cost : bool
        Whether who answers is known to send what an answer costs.
    """
    log = answer.log.copy()
    if not manners.is_read:
        return log
    is_message = bool(answer.choices) and not (answer.error and answer.said_at is None)
    _conclude_silence(answer, manners, chunks, log)
    if answer.streamed and is_message:
        _conclude_stream(answer, manners, log)
    for state, message in zip(answer.choices, answer.messages, strict=False):
        _conclude_finish(state, message, manners, log, failed=answer.error is not None)
        for slot, call in zip(state.slots.all, message.tool_calls, strict=True):
            label = _label(call)
            log.merge(slot.log, label)
            _conclude_call(slot, call, label, manners, log)
            if offers_tools and call.name and call.schema is None:
                log.add("tool_not_offered", label, call.chunk)
        _conclude_indexes(message, manners, log)
        if "<think>" in message.text:
            log.add("think_tags", chunk=answer.said_at)
    if answer.usage is not None:
        _conclude_usage(answer.usage, log)
        if sends_cost and answer.usage.cost is None and not answer.usage.names_cost:
            log.add("cost_missing")
    elif is_message and chunks and manners.sends_usage and not _is_silent(answer, manners):
        log.add("usage_missing")
    return log


def _conclude_silence(answer: Answer, manners: Manners, chunks: int, log: FindingLog) -> None:
    if not chunks or answer.said_at is not None or answer.error is not None:
        return
    if not (_is_silent(answer, manners) or _had_no_room(answer, manners)):
        log.add("answer_empty")


def _is_silent(answer: Answer, manners: Manners) -> bool:
    """Whether the answer says itself that it is to say nothing, or nothing yet.

    It runs in the background, or what was asked for is no answer.
    """
    last = answer.finish()
    if last is None:
        return False
    word = last.reason.lower()
    return manners.finish_reasons.get(word) == "" or word in manners.silent_reasons


def _had_no_room(answer: Answer, manners: Manners) -> bool:
    """Whether no token was asked for (to fill a cache, say): the limit ended it before the first.

    Where one token is allowed at all, one is counted.
    """
    reason = effective_finish_reason(answer.finish(), answer.messages[0], manners, failed=False)
    return reason == "length" and answer.usage is not None and answer.usage.output_tokens == 0


def _conclude_stream(answer: Answer, manners: Manners, log: FindingLog) -> None:
    if answer.said_at and not manners.begins_empty:
        log.add("empty_first_chunk", chunk=0)
    for state in answer.choices:
        part = "" if len(answer.choices) == 1 else f"choice {state.number}"
        if state.roles > 1:
            first, last = state.first_role_chunk, state.last_role_chunk
            log.add("role_repeated", part, first, count=state.roles, last_chunk=last)
        elif not state.roles and manners.sends_role:
            log.add("role_missing", part)


def _conclude_finish(
    state: ChoiceState, message: Message, manners: Manners, log: FindingLog, *, failed: bool
) -> None:
    part = "" if state.number == 0 else f"choice {state.number}"
    reasons = [delta.reason for delta in state.finish]
    if not reasons:
        if not failed:
            log.add("finish_missing", part)
        return
    first, last = state.finish_chunks[0], state.finish_chunks[-1]
    if len(set(reasons)) > 1:
        text = ", ".join(shorten(reason) for reason in reasons[:6])
        log.add("finish_changed", part, first, count=len(reasons), last_chunk=last, text=text)
    elif len(reasons) > 1:
        reason = shorten(reasons[0])
        log.add("finish_repeated", part, first, count=len(reasons), last_chunk=last, reason=reason)
    meant = state.finish[-1].means or manners.finish_reasons.get(reasons[-1].lower())
    if meant not in _WORDS:
        log.add("finish_unknown", part, last, reason=shorten(meant or reasons[-1]))
    elif meant in _BAD_ENDINGS:
        is_told = log.holds(manners.told_reasons.get(reasons[-1].lower(), ""))
        if not failed and not is_told:
            log.add(_BAD_ENDINGS[meant], part, last, reason=shorten(reasons[-1]))
    elif meant == "stop" and message.tool_calls and manners.names_tool_calls:
        log.add("finish_stop_with_tools", part, last, reason=shorten(reasons[-1]))


def _conclude_call(
    slot: CallSlot, call: ToolCall, label: str, manners: Manners, log: FindingLog
) -> None:
    chunk = slot.chunk
    if not call.name:
        log.add("call_name_missing", label, chunk)
    if not call.id:
        if manners.sends_call_ids and slot.part not in manners.parts_without_id:
            log.add("call_id_missing", label, chunk)
    elif _POSITION.fullmatch(call.id):
        log.add("call_id_positional", label, chunk)
    last = slot.chunks[-1] if slot.chunks else chunk
    if not (call.arguments or call.is_free_text or manners.may_omit_arguments):
        log.add("arguments_empty", label, chunk)
    if call.is_free_text or not call.arguments:
        return
    value = call.parsed
    if value is None and not call.growth.is_valid:
        error = call.growth.error
        at = chunk if error is None else error.chunk
        reason = "" if error is None else error.reason
        log.add("arguments_not_json", label, at, text=reason)
    elif value is None and call.type not in manners.json_calls:
        log.add("arguments_not_object", label, last, text=shorten(call.arguments))
    if call.schema and not fits_plain_schema(value, call.schema) and call.check is not None:
        _conclude_schema(call, call.check, label, last, log)


def _conclude_schema(
    call: ToolCall, check: SchemaCheck, label: str, chunk: int, log: FindingLog
) -> None:
    if check.fault is not None:
        log.add("schema_fault", label, text=check.fault)
    if not call.growth.is_valid:
        return
    wrong = check.wrong
    if wrong:
        told = [f"{verdict.path}: {verdict.verdict}" for verdict in wrong[:4]]
        more = f" and {len(wrong) - 4} more" if len(wrong) > 4 else ""
        text = "; ".join(told) + more
        log.add("arguments_against_schema", label, chunk, count=len(wrong), text=text)


def _conclude_indexes(message: Message, manners: Manners, log: FindingLog) -> None:
    calls = message.tool_calls
    if not calls or (len(calls) == 1 and not calls[0].index):
        return
    indexes = [call.index for call in calls if call.index is not None]
    if not manners.sends_call_indexes:
        indexes = []  # they are places among all parts, and say nothing of the calls
    if indexes and sorted(set(indexes)) != list(range(len(set(indexes)))):
        first = calls[0].chunk
        log.add("call_index_gap", chunk=first, text=", ".join(map(str, indexes[:8])))
    shared = Counter(indexes) if len(set(indexes)) < len(indexes) else {}
    for index, count in ((index, count) for index, count in shared.items() if count > 1):
        sharing = [call for call in calls if call.index == index]
        text = ", ".join(_label(call) for call in sharing[:6])
        chunk = sharing[1].chunk
        log.add("call_index_shared", f"index {index}", chunk, count=count, index=index, text=text)
    ids = [call.id for call in calls if call.id]
    repeated = Counter(ids) if len(set(ids)) < len(ids) else {}
    for id, count in ((id, count) for id, count in repeated.items() if count > 1):
        log.add("call_id_not_unique", shorten(id), count=count)


def _conclude_usage(usage: Usage, log: FindingLog) -> None:
    if impossible := _impossible(usage):
        log.add("usage_impossible", text="; ".join(impossible))
    else:
        _conclude_total(usage, log)
    cost = usage.cost
    if cost is not None and cost.input_usd is not None and cost.output_usd is not None:
        parts = [
            part for part in (cost.input_usd, cost.output_usd, cost.fee_usd) if part is not None
        ]
        expected = sum(parts, Decimal())
        if expected != cost.total_usd:
            log.add(
                "cost_details_differ",
                total=_plain(cost.total_usd),
                parts=" + ".join(map(_plain, parts)),
                expected=_plain(expected),
            )


def _impossible(usage: Usage) -> list[str]:
    """Say which numbers of a usage cannot be: what is below zero, and more cached than was sent."""
    counts = [(name, getattr(usage, name)) for name in TOKEN_COUNTS]
    told = [f"{name} is {count}" for name, count in counts if count is not None and count < 0]
    if usage.cost is not None and usage.cost.total_usd < 0:
        told.append(f"the cost is {_plain(usage.cost.total_usd)}")
    cached = (usage.cache_read_tokens or 0) + (usage.cache_creation_tokens or 0)
    if not told and usage.input_tokens is not None and cached > usage.input_tokens:
        told.append(
            f"{cached} of {usage.input_tokens} input tokens are read from a cache or put there"
        )
    return told


def _conclude_total(usage: Usage, log: FindingLog) -> None:
    """Compare the total with its parts: reasoning may be inside, outside, or in neither."""
    input, output, total = usage.input_tokens, usage.output_tokens, usage.total_tokens
    reasoning = usage.reasoning_tokens or 0
    if input is None or output is None or total is None:
        return
    code = None
    if usage.is_reasoning_beside:
        code = f"usage_reasoning_{usage.reasoning_place}"
    elif total != input + output:
        code = "usage_total_off"
    if code is not None:
        expected = input + output
        log.add(
            code, input=input, output=output, total=total, reasoning=reasoning, expected=expected
        )


def _label(call: ToolCall) -> str:
    """How sentences name a call: by its id, else by its name, else by its place."""
    return shorten(call.id or call.name or f"#{call.position}")


def _plain(number: object) -> str:
    return f"{number:f}"
