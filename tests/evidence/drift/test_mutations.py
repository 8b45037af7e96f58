"""A recording against itself has no drift; each single change is in its own layer only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import chatviz as cv
from chatviz.evidence.shrinking.candidate import Candidate
from chatviz.runs.run import StreamRun
from tests.evidence.drift.mutations import (
    Mutation,
    added_fields,
    bases,
    change_field,
    changed_arguments,
    changed_roles,
    changed_server_times,
    changed_times,
    changed_usage,
    changed_words,
    free_fields,
    respelled,
    respelled_arguments,
    swapped_events,
    without_call_deltas,
    without_calls,
    without_parts,
)

NUMBERS = range(len(cv.samples()) * 2)


@cache
def fields_of(number: int) -> list[tuple[str | int, ...]]:
    _, candidate, run = bases()[number]
    return free_fields(candidate, run)


def dropped_parts(candidate: Candidate, run: StreamRun) -> Iterator[Mutation]:
    """Without times: where a part goes, the first token may be another one."""
    untimed = replace(candidate, parts=candidate.parts.without_times())
    yield from chain(
        without_parts(untimed, run), without_calls(untimed, run), without_call_deltas(untimed, run)
    )


def planted(number: int, kind: str, word: str, digit: int) -> Iterator[Mutation]:
    """Yield the changes of one kind to one answer; the last word of a kind is its layer."""
    _, candidate, run = bases()[number]
    yield from KINDS[kind](number, candidate, run, word, digit)


def changed_fields(number: int, candidate: Candidate, name: str | None) -> Iterator[Mutation]:
    for path in fields_of(number):
        yield lambda p=path: change_field(candidate, p, name)  # type: ignore[misc]


KINDS: dict[str, Callable[[int, Candidate, StreamRun, str, int], Iterator[Mutation]]] = {
    "field dropped: wire": lambda n, c, run, word, digit: changed_fields(n, c, None),
    "field renamed: wire": lambda n, c, run, word, digit: changed_fields(n, c, word),
    "field added: wire": lambda n, c, run, word, digit: added_fields(c, word),
    "events swapped: wire": lambda n, c, run, word, digit: swapped_events(c, run),
    "framing respelt: wire": lambda n, c, run, word, digit: respelled(c, run),
    "role changed: parts": lambda n, c, run, word, digit: changed_roles(c, run),
    "part dropped: parts": lambda n, c, run, word, digit: dropped_parts(c, run),
    "argument changed: calls": lambda n, c, run, word, digit: changed_arguments(c, run, digit),
    "argument respelt: calls": lambda n, c, run, word, digit: respelled_arguments(c, run),
    "word changed: text": lambda n, c, run, word, digit: changed_words(c, run, word),
    "number changed: usage": lambda n, c, run, word, digit: changed_usage(c, run, 10 + digit),
    "server time changed: times": lambda n, c, run, word, digit: changed_server_times(c, run),
    "times changed: times": lambda n, c, run, word, digit: changed_times(c, 30 + digit),
}


@cache
def kinds_of(number: int) -> tuple[str, ...]:
    """Return the kinds of changes that an answer has room for."""
    return tuple(
        kind for kind in sorted(KINDS) if any(True for _ in planted(number, kind, "zebra", 7))
    )


@pytest.mark.parametrize("number", NUMBERS)
def test_a_recording_against_itself_has_no_drift(number: int) -> None:
    name, candidate, run = bases()[number]
    found = cv.drift(run, candidate.run)
    assert found.is_same and found.table.empty, name
    assert "different" not in found.verdicts.values()


@settings(max_examples=max(settings.default.max_examples, 150))  # type: ignore[union-attr]
@given(
    number=st.sampled_from(NUMBERS),
    word=st.from_regex(r"z[a-y]{3,8}", fullmatch=True),
    digit=st.integers(5, 9),
    data=st.data(),
)
def test_each_single_change_is_in_its_own_layer_only(
    number: int, word: str, digit: int, data: st.DataObject
) -> None:
    name, _, run = bases()[number]
    kind = data.draw(st.sampled_from(kinds_of(number)), label=name)
    mutations = list(planted(number, kind, word, digit))
    changed = data.draw(st.sampled_from(mutations))().run
    for old, new in ((run, changed), (changed, run)):  # what went one way comes the other
        found = cv.drift(old, new)
        assert {one.layer for one in found.changes} == {kind.rpartition(": ")[2]}, found.changes
        assert set(found.table["layer"]) == {kind.rpartition(": ")[2]}
        only_spelled = {one.what for one in found.changes} == {"respelt"}
        assert only_spelled is (kind == "argument respelt: calls")
        assert found.is_same is (only_spelled or kind.endswith("times"))


def test_every_kind_of_change_is_planted_and_every_dialect_has_most() -> None:
    by_dialect: dict[str, set[str]] = {}
    for number, (_, _, run) in enumerate(bases()):
        by_dialect.setdefault(run.dialect, set()).update(kinds_of(number))
    assert set.union(*by_dialect.values()) == set(KINDS)
    everywhere = set.intersection(*by_dialect.values())
    assert everywhere >= {
        "field dropped: wire", "field renamed: wire", "field added: wire", "word changed: text",
        "number changed: usage",
    }  # fmt: skip
    with_calls = [kinds for name, kinds in by_dialect.items() if name != "openai-completions"]
    assert all("argument changed: calls" in kinds for kinds in with_calls)
