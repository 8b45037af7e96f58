"""drift: what changed between two recordings of the same test, layer by layer."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from chatviz.errors import ConversationError
from chatviz.evidence.drift.change import LAYERS, Change, Compared, Layer
from chatviz.evidence.drift.drifted import Drift, LayerVerdict
from chatviz.evidence.drift.notes import notes_of
from chatviz.evidence.drift.pairing import pair_conversations
from chatviz.evidence.drift.parts import compare_parts, say_parts
from chatviz.evidence.drift.said import compare_calls, compare_text
from chatviz.evidence.drift.times import compare_times
from chatviz.evidence.drift.usage import compare_usage
from chatviz.evidence.drift.wire.wire import compare_wire
from chatviz.runs.conversation import Conversation
from chatviz.runs.run import StreamRun
from chatviz.views.given import Given, conversations_given

__all__ = ["drift"]

_COMPARE: Final[Mapping[Layer, Callable[[StreamRun, StreamRun], Compared]]] = {
    "wire": compare_wire,
    "parts": compare_parts,
    "calls": compare_calls,
    "text": compare_text,
    "usage": compare_usage,
    "times": compare_times,
}
_NEEDS_READING: Final = ("parts", "calls", "text", "usage")


def drift(old: Given, new: Given) -> Drift:
    """Say what changed between two recordings of the same test, or of one question on two days.

    Conversations are paired by what was asked, steps by their place, parts by what they say. What
    changes with every answer is no drift: ids, stamps, fingerprints, padding, how many chunks the
    same words were cut into, keep-alive comments.

    - ``wire``: status, framing, the fields of each kind of event and their types, and the order of
      events; no values. A field that came only with a part which the other answer does not have is
      told by the layer of parts alone.
    - ``parts``: steps, roles, the parts of each message in their order, why it ended, errors.
    - ``calls``: names and arguments of the calls that both make, as JSON values: ``{"a":2}`` and
      ``{"a": 2}`` are the same, spelled otherwise (``"respelt"``).
    - ``text``: text, reasoning and refusals that both have, by words.
    - ``usage``: tokens and costs, exactly.
    - ``times``: where both have the same kind of clock. A time counts as another one where it is
      at least twice as long, or half as long, and 0.1 s or more apart.

    ``cv.compare`` shows two answers side by side; this says what of a test's answer changed.

    Parameters
    ----------
    old, new : StreamRun, Conversation, Cassette, path, a sample's name, or an iterable of them

    Returns
    -------
    Drift
        With ``.verdicts``, ``.table`` and ``.is_same``; it shows itself.

    Raises
    ------
    ConversationError
        One of them holds no answer of a chat.
    CassetteError
        A file cannot be read; the message names it, the reason and what to do.
    TypeError
        It is none of these.

    Examples
    --------
    >>> kimi = cv.drift("openrouter_kimi-k2_fireworks", "openrouter_kimi-k2_novita")
    >>> kimi.verdicts["calls"], kimi.verdicts["text"], kimi.verdicts["times"]
    ('same', 'different', 'same')
    """
    sides = [_talks(side, given) for side, given in (("old", old), ("new", new))]
    changes: list[Change] = []
    seen: dict[Layer, list[Compared]] = {layer: [] for layer in LAYERS}
    notes: list[str] = []
    for here, there in pair_conversations(*sides):
        if here is None or there is None:
            changes.append(_lone_talk(here, there, sides))
            continue
        pair = sides[0][here], sides[1][there]
        notes += notes_of(*pair)
        for found in _compare_talks(*pair, seen):
            changes.append(replace(found, conversation=here))
    verdicts = {layer: _judge(layer, changes, seen[layer]) for layer in LAYERS}
    changes.sort(key=lambda one: LAYERS.index(one.layer))
    names = _name(old, sides[0]), _name(new, sides[1])
    return Drift(names[0], names[1], tuple(changes), verdicts, tuple(dict.fromkeys(notes)))


def _talks(side: str, given: Given) -> tuple[Conversation, ...]:
    talks = conversations_given(given)
    if not talks:
        raise ConversationError(
            f"drift(old, new) wants two recordings of a chat, found no answer of one in the {side} "
            "recording: cv.load_cassette(path) shows what it holds."
        )
    return talks


def _name(given: Given, talks: tuple[Conversation, ...]) -> str:
    if isinstance(given, str | os.PathLike):
        return str(os.fspath(given))
    return talks[0].runs[0].source


def _lone_talk(
    here: int | None, there: int | None, sides: list[tuple[Conversation, ...]]
) -> Change:
    """Return the change that a conversation without a partner is."""
    number, side = (there, sides[1]) if here is None else (here, sides[0])
    assert number is not None, "a pair has one side at least"
    told = f"{len(side[number].steps)} steps: {say_parts(side[number].steps[0].run)} …"
    if here is None:
        return Change("parts", "conversation", "came", None, told, conversation=number)
    return Change("parts", "conversation", "went", told, None, conversation=number)


def _compare_talks(
    old: Conversation, new: Conversation, seen: dict[Layer, list[Compared]]
) -> Iterator[Change]:
    """Yield what changed, step by step; what each layer found is added to what was seen."""
    shared = min(len(old.steps), len(new.steps))
    for number in range(shared):
        pair = old.steps[number].run, new.steps[number].run
        for layer, compare in _COMPARE.items():
            compared = _unread(layer, *pair) or compare(*pair)
            seen[layer].append(compared)
            yield from (replace(one, step=number) for one in compared.changes)
    for number, step in enumerate(old.steps[shared:], shared):
        yield Change("parts", "step", "went", old=say_parts(step.run), step=number)
    for number, step in enumerate(new.steps[shared:], shared):
        yield Change("parts", "step", "came", new=say_parts(step.run), step=number)


def _unread(layer: Layer, old: StreamRun, new: StreamRun) -> Compared | None:
    """Return why a layer cannot be compared in answers that are not read; None where it can."""
    if layer in _NEEDS_READING:
        for run in (old, new):
            if not run.spoken.manners.is_read:
                return Compared((), f"answers of {run.dialect} are not read", is_known=False)
    return None


def _judge(layer: Layer, changes: list[Change], seen: list[Compared]) -> LayerVerdict:
    mine = [one for one in changes if one.layer == layer]
    reason = "; ".join(dict.fromkeys(one.reason for one in seen if one.reason))
    if any(one.what != "respelt" for one in mine):
        return LayerVerdict("different", len(mine), reason)
    if mine:
        return LayerVerdict("respelt", len(mine), reason)
    is_known = bool(seen) and all(one.is_known for one in seen)
    return LayerVerdict("same" if is_known else "not compared", 0, reason)
