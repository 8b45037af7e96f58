"""Corrections: what only the end of a stream can decide about the pieces of its parts.

Some servers send all the text so far with each chunk, or all of it again with the last one; and
some cut a character in two. Live, the pieces are shown as they come; at the end they are corrected.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from msgspec.structs import replace

from chatviz.chat.assembly.call_slots import CallSlot
from chatviz.chat.assembly.choice_state import ChoiceState
from chatviz.chat.deltas import (
    Delta,
    PartKey,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    ToolCallDelta,
)
from chatviz.chat.findings.log import FindingLog

__all__ = ["correct_deltas", "correct_texts"]

_LEAST_CHUNKS: Final = 3
_LEAST_REPEATED: Final = 20  # characters: what is shorter may be meant ("ha", "haha")
_SPLIT: Final = re.compile("[\ud800-\udbff]$")
_PAIR: Final = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_KINDS: Final[dict[type, str]] = {
    TextDelta: "text",
    ReasoningDelta: "reasoning",
    RefusalDelta: "refusal",
}


def correct_texts(states: Sequence[ChoiceState], log: FindingLog) -> bool:
    """Correct the pieces of all parts and calls; return whether anything changed."""
    is_lenient = log.holds("lenient_json")
    changed = False
    for state in states:
        for part in state.parts:
            slot = part.slot
            if len((slot or part).texts) < 2:
                continue  # there is nothing that one piece could repeat
            if part.kind in ("text", "reasoning", "refusal"):
                changed |= _correct(part.texts, part.kind, log, is_lenient=is_lenient)
            elif slot and _correct_call(slot, is_lenient=is_lenient):
                changed = True
    return changed


def _correct_call(slot: CallSlot, *, is_lenient: bool) -> bool:
    is_json = not slot.is_free_text
    changed = _correct(slot.texts, "arguments", slot.log, is_lenient=is_lenient, is_json=is_json)
    if changed:
        slot.forget_scan()
    return changed


def correct_deltas(deltas: Sequence[Delta], states: Sequence[ChoiceState]) -> Iterator[Delta]:
    """Return the deltas with the corrected pieces in the place of those that came."""
    pieces: dict[tuple[int, str, PartKey], list[str]] = {}
    calls: dict[tuple[int, int], Iterator[str]] = {}
    positions: dict[int, Iterator[int]] = {}
    for state in states:
        positions[state.number] = iter(state.call_positions)
        for part in state.parts:
            pieces.setdefault((state.number, part.kind, part.key), []).extend(part.texts)
        for slot in state.slots.all:
            calls[state.number, slot.position] = iter(slot.texts)
    texts = {key: iter(value) for key, value in pieces.items()}
    for delta in deltas:
        if isinstance(delta, ToolCallDelta):
            position = next(positions[delta.choice])
            if delta.form == "absent":
                yield delta
                continue
            arguments = next(calls[delta.choice, position], delta.arguments)
            yield delta if arguments == delta.arguments else replace(delta, arguments=arguments)
        elif isinstance(delta, TextDelta | ReasoningDelta | RefusalDelta):
            key = (delta.choice, _KINDS[delta.__class__], delta.part)
            text = next(texts.get(key, iter(())), delta.text)
            yield delta if text == delta.text else replace(delta, text=text)
        else:
            yield delta


def _correct(
    texts: list[str], what: str, log: FindingLog, *, is_lenient: bool, is_json: bool = False
) -> bool:
    """Correct the pieces of one part in place; note what was done."""
    changed = is_lenient and _join_split(texts, what, log)
    if is_json and (place := _find_repetition(texts)):
        log.add("content_repeated", what, size=len(texts[place]))
        texts[place] = ""
        return True
    if len(texts) < _LEAST_CHUNKS or not _may_repeat(texts):
        return changed
    if _is_cumulative(texts):
        log.add("content_cumulative", what, count=sum(map(bool, texts)))
        before = ""
        for n, text in enumerate(texts):
            if text:
                texts[n], before = text[len(before) :], text
        return True
    *earlier, last = [text for text in texts if text]
    if len(last) >= _LEAST_REPEATED and last == "".join(earlier) and len(earlier) > 1:
        log.add("content_repeated", what, size=len(last))
        place = max(n for n, text in enumerate(texts) if text)
        texts[place] = ""
        return True
    return changed


def _find_repetition(texts: list[str]) -> int:
    """Return the place of the last piece if it is all the arguments again; 0 where it is not.

    Two objects one behind the other are no arguments, so that no length need be asked for.
    """
    place = len(texts) - 1
    while place > 0 and not texts[place]:
        place -= 1
    last = texts[place] if place > 0 else ""
    is_object = last[:1] == "{" and last[-1:] == "}"
    return place if is_object and last == "".join(texts[:place]) else 0


def _may_repeat(texts: list[str]) -> bool:
    """Whether the last piece begins as the first one does: what repeats, does."""
    first = next(filter(None, texts), "")
    last = next(filter(None, reversed(texts)), "")
    return len(last) >= _LEAST_REPEATED // 2 and last.startswith(first)


def _is_cumulative(texts: list[str]) -> bool:
    """Whether every piece that is not empty begins with all that came before, and it grows."""
    said = [text for text in texts if text]
    if len(said) < _LEAST_CHUNKS or len(said[0]) == len(said[-1]):
        return False
    if not all(after.startswith(before) for before, after in pairwise(said)):
        return False
    return sum(map(len, said[:-1])) >= _LEAST_REPEATED


def _join_split(texts: list[str], what: str, log: FindingLog) -> bool:
    """Put the halves of characters together that two pieces hold: the second one has them whole."""
    count = 0
    for n in range(len(texts) - 1):
        half = _SPLIT.search(texts[n])
        after = None if half is None else _next_said(texts, n + 1)
        if half is None or after is None or not _PAIR.match(half[0] + texts[after][0]):
            continue
        whole = (half[0] + texts[after][0]).encode("utf-16", "surrogatepass").decode("utf-16")
        texts[n], texts[after] = texts[n][:-1], whole + texts[after][1:]
        count += 1
    if count:
        log.add("character_split", what, count=count)
    return bool(count)


def _next_said(texts: list[str], start: int) -> int | None:
    """Return the place of the next piece that is not empty."""
    return next((n for n in range(start, len(texts)) if texts[n]), None)
