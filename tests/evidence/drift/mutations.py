"""Single changes to a recorded answer, each in one layer: what a property test plants."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import chatviz as cv
from chatviz.chat.deltas import IdentityDelta, RoleDelta, TextDelta, ToolCallDelta
from chatviz.evidence.drift.wire.order import steps_of
from chatviz.evidence.reductions.body_parts import EventBytes
from chatviz.evidence.reductions.trees import TreePath, read_at, replace_at, texts_in
from chatviz.evidence.shrinking.candidate import Candidate, candidate_of
from chatviz.runs.run import StreamRun

Mutation = Callable[[], Candidate]

SILENT = {"", "ping", "response.in_progress"}  # events that may come anywhere


@cache
def bases() -> tuple[tuple[str, Candidate, StreamRun], ...]:
    """Return each answer of the packaged recordings, in parts, and read."""
    found = []
    for name in cv.samples():
        for number, run in enumerate(cv.read_runs(cv.sample(name))):
            candidate = evenly_spelled(candidate_of(run))
            found.append((f"{name} #{number}", candidate, candidate.run))
    return tuple(found)


def evenly_spelled(candidate: Candidate) -> Candidate:
    """Return it with the JSON of each chunk written anew, as mutations write it."""
    for place, event in chunks_of(candidate).items():
        candidate = candidate.with_event(place, event.with_json(event.json))
    return candidate


def chunks_of(candidate: Candidate) -> dict[int, EventBytes]:
    """Return the events that are chunks with JSON, by their place among the parts of the body."""
    events = candidate.parts.events
    return {place: one for place, one in enumerate(events) if isinstance(one.json, dict | list)}


def says_the_same(one: StreamRun, other: StreamRun) -> bool:
    """Whether two answers say, count and end the same."""
    told = [
        (run.messages, run.usage, run.finish_reason, run.finish_reason_sent, run.error)
        for run in (one, other)
    ]
    return told[0] == told[1]


# ---- wire


def fields_in(value: Any, path: TreePath = ()) -> Iterator[TreePath]:
    """Yield the path of each field of objects."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in items:
        if isinstance(value, dict):
            yield (*path, key)
        if isinstance(inner, dict | list):
            yield from fields_in(inner, (*path, key))


def without_field(value: Any, path: TreePath, name: str | None) -> Any:
    """Return a value without a field, or with another name for it, in all items of lists."""
    if not path:
        return value
    key, rest = path[0], path[1:]
    if isinstance(value, list) and isinstance(key, int):
        return [without_field(item, rest, name) for item in value]
    if not isinstance(value, dict) or key not in value:
        return value
    if rest:
        return {**value, key: without_field(value[key], rest, name)}
    made = {name if one == key else one: inner for one, inner in value.items()}
    return {one: inner for one, inner in made.items() if one is not None}


def change_field(candidate: Candidate, path: TreePath, name: str | None) -> Candidate:
    """Return it with a field gone, or renamed, wherever it comes."""
    for place, event in chunks_of(candidate).items():
        value = without_field(event.json, path, name)
        if value != event.json:
            candidate = candidate.with_event(place, event.with_json(value))
    return candidate


def free_fields(candidate: Candidate, run: StreamRun) -> list[TreePath]:
    """Return the fields without which the answer says the same, and has the same events."""
    paths = {
        tuple(0 if isinstance(key, int) else key for key in path)
        for one in chunks_of(candidate).values()
        for path in fields_in(one.json)
    }
    in_arguments = set(run.spoken.manners.call_ids.arguments)
    names = {step.name for step in steps_of(run).values()}
    found = []
    for path in sorted(paths, key=repr):
        other = change_field(candidate, path, None).run
        if (
            not in_arguments & set(path)
            and says_the_same(run, other)
            and run.spoken is other.spoken
            and names == {step.name for step in steps_of(other).values()}
            and run.server_timing == other.server_timing
        ):
            found.append(path)
    return found


def added_fields(candidate: Candidate, name: str) -> Iterator[Mutation]:
    """Yield it with one more field at the root of a chunk."""
    for place, event in chunks_of(candidate).items():
        if isinstance(event.json, dict):
            yield lambda p=place, e=event: candidate.with_event(  # type: ignore[misc]
                p, e.with_json({**e.json, name: 1})
            )


def swapped_events(candidate: Candidate, run: StreamRun) -> Iterator[Mutation]:
    """Yield it with two neighbours turned round, which say the same so."""
    events = candidate.parts.events
    names = event_names(run)
    places = [n for n, one in enumerate(events) if one.kind in ("data", "done")]
    for (n, one), (m, other) in zip(enumerate(places), enumerate(places[1:], 1), strict=False):
        if names[n] == names[m] or SILENT & {names[n], names[m]}:
            continue
        turned = list(events)
        turned[one] = replace(events[other], at=events[one].at)
        turned[other] = replace(events[one], at=events[other].at)
        changed = candidate.with_events(turned)
        if says_the_same(run, changed.run):
            yield lambda made=changed: made  # type: ignore[misc]


def event_names(run: StreamRun) -> list[str]:
    """Return what tells the events of an answer apart: their name, or what they say."""
    steps = steps_of(run)
    said: dict[int, str] = {}
    for chunk, delta in run.deltas:
        if not isinstance(delta, IdentityDelta | RoleDelta):
            said[chunk] = f"{said.get(chunk, '')} {type(delta).__name__}"
    names, chunk = [], 0
    for event in run.events:
        if event.kind == "data":
            step = steps.get(chunk)
            names.append(said.get(chunk, "") if step is None else step.name)
            chunk += 1
        elif event.kind == "done":
            names.append("[DONE]")
    return names


def respelled(candidate: Candidate, run: StreamRun) -> Iterator[Mutation]:
    """Yield it with the same data in another framing."""
    body = run.body
    if run.framing in ("sse", "json_lines") and b"\n" in body:
        yield lambda: with_body(candidate, body.replace(b"\n", b"\r\n"))
    if run.framing == "sse":
        yield lambda: with_body(candidate, body.replace(b"data: ", b"data:"))
        yield lambda: with_body(candidate, b"id: 1\n" + body)


def with_body(candidate: Candidate, body: bytes) -> Candidate:
    """Return it with another body, without times."""
    raw = EventBytes(body, "opaque", "data")
    parts = replace(candidate.parts, events=(raw,), before=b"", between=b"", behind=b"")
    return replace(candidate, parts=parts)


# ---- what is said


def changed_strings(
    candidate: Candidate, changes: Callable[[int, str], str | None]
) -> Iterator[Mutation]:
    """Yield it with one string of a chunk changed.

    Parameters
    ----------
    changes : callable
        Takes the number of a chunk and a string in it; returns another, or None.
    """
    for number, (place, event) in enumerate(chunks_of(candidate).items()):
        for path, text in texts_in(event.json):
            other = changes(number, text)
            if other is not None and other != text:
                made = event.with_json(replace_at(event.json, path, other))
                yield lambda p=place, e=made: candidate.with_event(p, e)  # type: ignore[misc]


def pieces_of(run: StreamRun, kind: type[Any]) -> dict[int, set[str]]:
    """Return the texts, or the fragments, that each chunk brings."""
    found: dict[int, set[str]] = {}
    for chunk, delta in run.deltas:
        if isinstance(delta, kind):
            text = delta.text if isinstance(delta, TextDelta) else delta.arguments
            found.setdefault(chunk, set()).add(text)
    return found


def changed_words(candidate: Candidate, run: StreamRun, word: str) -> Iterator[Mutation]:
    """Yield it with another word in a text."""
    pieces = pieces_of(run, TextDelta)

    def change(chunk: int, text: str) -> str | None:
        is_said = text in pieces.get(chunk, ())
        return re.sub(r"[A-Za-z]{3,}", word, text, count=1) if is_said else None

    return changed_strings(candidate, change)


def changed_arguments(candidate: Candidate, run: StreamRun, digit: int) -> Iterator[Mutation]:
    """Yield it with another number in the arguments of a call."""
    pieces = pieces_of(run, ToolCallDelta)

    def change(chunk: int, text: str) -> str | None:
        is_said = text in pieces.get(chunk, ())
        return re.sub("[0-9]", str(digit), text, count=1) if is_said else None

    yield from changed_strings(candidate, change)
    keys = {*run.spoken.manners.call_ids.arguments} - {"parameters"}  # those are a schema
    for place, event in chunks_of(candidate).items():
        for path, number in numbers_in(event.json):
            if keys & set(path) and number != digit:
                made = event.with_json(replace_at(event.json, path, digit))
                yield lambda p=place, e=made: candidate.with_event(p, e)  # type: ignore[misc]
        for path, text in texts_in(event.json):
            if keys & set(path[:-1]):  # the value of one, where they come as an object
                made = event.with_json(replace_at(event.json, path, f"{text}{digit}"))
                yield lambda p=place, e=made: candidate.with_event(p, e)  # type: ignore[misc]


def respelled_arguments(candidate: Candidate, run: StreamRun) -> Iterator[Mutation]:
    """Yield it with a space more in the arguments of a call."""
    pieces = pieces_of(run, ToolCallDelta)

    def change(chunk: int, text: str) -> str | None:
        is_said = text in pieces.get(chunk, ())
        return text.replace("{", "{ \n", 1) if is_said else None

    return changed_strings(candidate, change)


# ---- parts


def changed_roles(candidate: Candidate, run: StreamRun) -> Iterator[Mutation]:
    """Yield it with another role, wherever it comes."""
    places = {
        path
        for event in chunks_of(candidate).values()
        for path, text in texts_in(event.json)
        if path[-1] == "role" and text in ("assistant", "model")
    }
    for path in sorted(places, key=repr):
        made = candidate
        for place, event in chunks_of(candidate).items():
            if dict(texts_in(event.json)).get(path):
                made = made.with_event(
                    place, event.with_json(replace_at(event.json, path, "narrator"))
                )
        if made.run.message.role != run.message.role:
            yield lambda one=made: one  # type: ignore[misc]


def without_parts(candidate: Candidate, run: StreamRun) -> Iterator[Mutation]:
    """Yield it without one of its parts, for dialects whose events name the part."""
    steps = steps_of(run)
    parts = {step.part for step in steps.values() if not isinstance(step.part, tuple)} - {None}
    places = [n for n, one in enumerate(candidate.parts.events) if one.kind == "data"]
    if len(run.message.parts) < 2:
        return
    repeats_all = any("response" in one.json for one in chunks_of(candidate).values())
    for part in sorted(parts, key=repr)[-1 if repeats_all else 0 :]:
        gone = {
            places[chunk]
            for chunk, step in steps.items()
            if step.part == part or (isinstance(step.part, tuple) and step.part[0] == part)
        }
        events = [one for n, one in enumerate(candidate.parts.events) if n not in gone]
        made = candidate.with_events([without_output(one, part) for one in events])
        yield lambda one=made: one  # type: ignore[misc]


def without_output(event: EventBytes, part: Any) -> EventBytes:
    """Return the event that repeats all of an answer without one of its parts."""
    value = event.json
    if not isinstance(value, dict) or not (value.get("response") or {}).get("output"):
        return event
    output = value["response"]["output"]
    kept = [item for number, item in enumerate(output) if number != part]
    return event.with_json({**value, "response": {**value["response"], "output": kept}})


def without_calls(candidate: Candidate, run: StreamRun) -> Iterator[Mutation]:
    """Yield it without one of the items of a list of calls, or of parts, of a chunk."""
    for place, event in chunks_of(candidate).items():
        for path in fields_in(event.json):
            items = read_at(event.json, path)
            if path[-1] not in ("tool_calls", "parts") or not isinstance(items, list):
                continue
            if len(run.message.parts) < 2 or len(items) < 2:
                continue
            for number in range(len(items)):
                kept = items[:number] + items[number + 1 :]
                made = event.with_json(replace_at(event.json, path, kept))
                yield lambda p=place, e=made: candidate.with_event(p, e)  # type: ignore[misc]


def without_call_deltas(candidate: Candidate, run: StreamRun) -> Iterator[Mutation]:
    """Yield it without the chunks that bring one of several calls, or all of the text."""
    places = [n for n, one in enumerate(candidate.parts.events) if one.kind == "data"]
    of_calls: dict[Any, set[int]] = {}
    others: set[int] = set()
    for chunk, delta in run.deltas:
        if isinstance(delta, ToolCallDelta) and delta.part is None and delta.index is not None:
            of_calls.setdefault(delta.index, set()).add(places[chunk])
        elif isinstance(delta, TextDelta) and delta.part is None and delta.text:
            of_calls.setdefault("text", set()).add(places[chunk])
        elif type(delta).__name__ in ("FinishDelta", "UsageDelta"):
            others.add(places[chunk])
    for index, gone in of_calls.items():
        if len(of_calls) > 1 and not gone & others:
            left = [one for n, one in enumerate(candidate.parts.events) if n not in gone]
            made = candidate.with_events([counted_down(one, index) for one in left])
            if len(made.run.message.parts) == len(run.message.parts) - 1:
                yield lambda one=made: one  # type: ignore[misc]


def counted_down(event: EventBytes, gone: Any) -> EventBytes:
    """Return the event with the calls behind one that is gone counted one lower."""
    value = event.json
    for path in list(fields_in(value)) if isinstance(value, dict) and gone != "text" else ():
        if path[-3:-2] == ("tool_calls",) and path[-1] == "index":
            index = read_at(value, path)
            value = replace_at(value, path, index - 1 if index > gone else index)
    return event if value == event.json else event.with_json(value)


# ---- numbers


def numbers_in(value: Any, path: TreePath = ()) -> Iterator[tuple[TreePath, int | float]]:
    """Yield the numbers of a JSON value."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in items:
        if isinstance(inner, dict | list):
            yield from numbers_in(inner, (*path, key))
        elif isinstance(inner, int | float) and not isinstance(inner, bool):
            yield (*path, key), inner


def changed_numbers(candidate: Candidate, add: int) -> Iterator[Mutation]:
    """Yield it with a number of a chunk changed."""
    for place, event in chunks_of(candidate).items():
        for path, number in numbers_in(event.json):
            made = event.with_json(replace_at(event.json, path, number + add))
            yield lambda p=place, e=made: candidate.with_event(p, e)  # type: ignore[misc]


def changed_usage(candidate: Candidate, run: StreamRun, add: int) -> Iterator[Mutation]:
    """Yield it with another number in what was counted or charged."""
    for mutation in changed_numbers(candidate, add):
        other = mutation().run
        same_times = other.server_timing == run.server_timing
        if other.usage != run.usage and other.messages == run.messages and same_times:
            yield mutation


def changed_server_times(candidate: Candidate, run: StreamRun) -> Iterator[Mutation]:
    """Yield it with a time that the server says ten seconds later or more."""
    for add in (10**4, 10**10):  # milliseconds, nanoseconds
        for mutation in changed_numbers(candidate, add):
            pairs = zip(mutation().run.server_timing, run.server_timing, strict=False)
            if any(new.seconds - old.seconds >= 10 for new, old in pairs):
                yield mutation


def changed_times(candidate: Candidate, factor: int) -> Iterator[Mutation]:
    """Yield it with its measured times multiplied."""
    events = candidate.parts.events
    if all(one.at is not None for one in events):
        late = [replace(one, at=factor * (one.at or 0.0)) for one in events]
        yield lambda: candidate.with_events(late)
