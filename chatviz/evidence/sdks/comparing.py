"""What differs between what was sent and what a library made of it: missing, or contradicting."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from math import isclose
from typing import Any, Final, Literal

from chatviz.chat.messages import Message, ToolCall
from chatviz.evidence.sdks.result import USAGE_KEYS, choices_read
from chatviz.runs.choices import finish_reasons, finish_reasons_sent, in_choice
from chatviz.runs.run import StreamRun

__all__ = ["KINDS", "SentAndRead", "compare_result", "sent_text"]

KINDS: Final = (
    "text", "reasoning", "calls", "arguments", "finish", "usage", "cost", "ids", "error",
)  # fmt: skip
"""What may differ, the gravest first."""

_WORDS: Final = {"tool_call": "tool_calls", "function_call": "tool_calls", "completed": "stop"}
_NOT_READ: Final[Mapping[str, Any]] = {
    "text": None,
    "reasoning": None,
    "calls": None,
    "finish": None,
}
_EMPTY: Final[Mapping[str, Any]] = {**_NOT_READ, "text": "", "calls": []}


@dataclass(frozen=True, slots=True)
class SentAndRead:
    """One difference: both sides.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    place : str
        Which of that kind: ``"calls[0].arguments"``, ``"usage.input_tokens"`` …; of another choice
        than the first with ``"choice 1: "`` before it.
    sent, read : str
        What chatviz reads, and what the library does; ``""`` for nothing.
    verdict : str
        ``"lossy"`` where what was sent is missing, ``"wrong"`` where it is contradicted.
    """

    kind: str
    place: str
    sent: str
    read: str
    verdict: Literal["lossy", "wrong"]

    @property
    def relation(self) -> str:
        """How the two sides are related, so that one bug is not taken for another.

        ``"nothing"`` was read; ``"less"`` or ``"more"`` (a number, or calls); ``"part"`` of what
        was sent, or ``"around"`` it (twice, say); ``"other"``.
        """
        if self.read in ("", "0"):
            return "nothing"
        if self.kind in ("usage", "cost", "calls"):
            sent, read = map(self._amount, (self.sent, self.read))
            return "other" if sent == read else "less" if read < sent else "more"
        if self.read in self.sent:
            return "part"
        return "around" if self.sent and self.sent in self.read else "other"

    def _amount(self, side: str) -> Decimal:
        if self.kind == "calls":
            return Decimal(len(side.split(", ")) if side else 0)
        try:
            return Decimal(side)
        except InvalidOperation:
            return Decimal(0)


def compare_result(result: Mapping[str, Any], run: StreamRun) -> tuple[SentAndRead, ...]:
    """Return what a library reads otherwise than it was sent, the gravest first.

    *Lossy*: something was sent, and the result has nothing in its place: no value, or an empty
    one. *Wrong*: there is another value than was sent. An empty text or list of calls is a value,
    too: it is wrong where some were sent. Not compared is what was not sent, but for
    text, reasoning and calls: a library may count, number and price on its own. Arguments are
    compared as JSON values; the finish reason as one of our words or the provider's; reasoning
    without regard to spaces, since its parts are joined in many ways. An id of the answer that is
    of the library's own making leaves no place for the one that was sent: that is lossy; another id
    of a call is wrong, since its result is sent back with it. Of several choices each is compared
    with the one at its place; a result without a place for more than one leaves out the others.
    """
    found = [
        *_choices(result, run),
        *_usage(result["usage"], run),
        *_cost(result["cost"], run),
        *_id(result["id"], run),
        *_error(run),
    ]
    return tuple(sorted(found, key=lambda one: (one.verdict != "wrong", KINDS.index(one.kind))))


def sent_text(message: Message) -> str:
    """Return the text of a message, or the words with which it declines."""
    return message.text or message.refusal


def _choices(result: Mapping[str, Any], run: StreamRun) -> Iterator[SentAndRead]:
    """Yield what differs in each choice."""
    sent = zip(run.messages, finish_reasons_sent(run), finish_reasons(run), strict=True)
    read, has_place = choices_read(result), result.get("choices") is not None
    lacking = _EMPTY if has_place else _NOT_READ
    for number, (message, reason, ours) in enumerate(sent):
        told = read[number] if number < len(read) else lacking
        of_choice = [
            *_texts(told, message),
            *_calls(told["calls"], message.tool_calls),
            *_finish(told["finish"], reason, ours, run),
        ]
        before = in_choice(message.choice) if number else ""
        yield from (replace(one, place=f"{before}{one.place}") for one in of_choice)
    for number, more in enumerate(read[len(run.messages) :], len(run.messages)):
        names = [one["name"] for one in more["calls"] or ()]
        if more["text"]:
            yield SentAndRead("text", f"{in_choice(number)}text", "", more["text"], "wrong")
        if names:
            yield SentAndRead("calls", f"{in_choice(number)}calls", "", _listed(names), "wrong")


def _texts(result: Mapping[str, Any], message: Message) -> Iterator[SentAndRead]:
    sent, text = sent_text(message), result["text"]
    if sent != (text or ""):
        yield SentAndRead("text", "text", sent, text or "", "lossy" if text is None else "wrong")
    sent, read = message.reasoning, result["reasoning"] or ""
    if "".join(sent.split()) != "".join(read.split()):
        yield SentAndRead("reasoning", "reasoning", sent, read, "wrong" if read else "lossy")


def _calls(read: list[dict[str, str]] | None, sent: tuple[ToolCall, ...]) -> Iterator[SentAndRead]:
    if read is None:
        if sent:
            yield SentAndRead("calls", "calls", _listed([one.name for one in sent]), "", "lossy")
        return
    wanted, found = [one.name for one in sent], [one["name"] for one in read]
    if wanted != found:
        yield SentAndRead("calls", "calls", _listed(wanted), _listed(found), "wrong")
        return
    for number, (call, other) in enumerate(zip(sent, read, strict=True)):
        place = f"calls[{number}]"
        if _value(call.arguments) != _value(other["arguments"]):
            sides = (call.arguments, other["arguments"])
            yield SentAndRead("arguments", f"{place}.arguments", *sides, "wrong")
        if call.id and call.id != other["id"]:
            verdict: Literal["lossy", "wrong"] = "wrong" if other["id"] else "lossy"
            yield SentAndRead("ids", f"{place}.id", call.id, other["id"], verdict)


def _value(arguments: str) -> object:
    """Return the value of arguments; of such as are no JSON, their text. None at all are ``{}``."""
    try:
        return json.loads(arguments or "{}")
    except (ValueError, RecursionError):
        return arguments


def _listed(names: list[str]) -> str:
    return ", ".join(name or "(no name)" for name in names)


def _finish(
    read: str | None, sent: str | None, effective: str | None, run: StreamRun
) -> Iterator[SentAndRead]:
    if not sent:
        return
    if not read:
        yield SentAndRead("finish", "finish", sent, "", "lossy")
        return
    ours = {_word(sent, run), effective}
    if sent.lower() != read.lower() and _word(read, run) not in ours:
        yield SentAndRead("finish", "finish", sent, read, "wrong")


def _word(reason: str, run: StreamRun) -> str:
    """Return a finish reason in our words, as its dialect and libraries spell it."""
    word = reason.lower().replace("-", "_")
    return _WORDS.get(word) or run.spoken.manners.finish_reasons.get(word, word)


def _usage(read: Mapping[str, float], run: StreamRun) -> Iterator[SentAndRead]:
    for key in USAGE_KEYS:
        sent = getattr(run.usage, key, None)
        if sent is None or read.get(key) == sent:
            continue
        if key not in read:
            if sent:  # that none were cached is said by no number, too
                yield SentAndRead("usage", f"usage.{key}", str(sent), "", "lossy")
        else:
            yield SentAndRead("usage", f"usage.{key}", str(sent), str(read[key]), "wrong")


def _cost(read: str | None, run: StreamRun) -> Iterator[SentAndRead]:
    sent = run.cost
    if sent is None:
        return
    if read is None:
        if sent:
            yield SentAndRead("cost", "cost", f"{sent:f}", "", "lossy")
        return
    try:
        is_same = isclose(Decimal(read), sent, rel_tol=1e-9)
    except InvalidOperation:
        is_same = False
    if not is_same:
        yield SentAndRead("cost", "cost", f"{sent:f}", read, "wrong")


def _id(read: str | None, run: StreamRun) -> Iterator[SentAndRead]:
    sent = run.answer.identity.id
    if sent and sent != read:
        yield SentAndRead("ids", "id", sent, read or "", "lossy")


def _error(run: StreamRun) -> Iterator[SentAndRead]:
    """Yield the error that the server sent: a library that returns has not told of it."""
    if run.error is not None:
        yield SentAndRead("error", "error", run.error.message or run.error.code, "", "lossy")
