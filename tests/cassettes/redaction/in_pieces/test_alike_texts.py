"""Events that are alike are read like the first of them: it must not be seen which one was."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatviz.cassettes.redaction.in_pieces.alike_texts import read_texts
from chatviz.cassettes.storage import load_cassette

NAMES = ["index", "id", "type", "content", "created_at", "n", "bytes", "logprob", "sk"]
TEXTS = ["", "a", "sk-", 'x"y', "back\\", "é", "\n", "data: {", "]}", '{"a":1}']
VALUES = st.recursive(
    st.sampled_from([*TEXTS, 0, 2, 115, 1000, -0.5, 1e-05, True, None]),
    lambda inner: (
        st.lists(st.integers(0, 300), max_size=3)
        | st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)
    ),
    max_leaves=8,
)
SHAPES = st.lists(
    VALUES.map(json.dumps).filter(lambda text: text[0] in "{["), min_size=1, max_size=2
)


def told(body: bytes, at: int = 0) -> Iterator[Any]:
    """Yield each text of a body, with all that its place says."""
    for alike in read_texts(body):
        place = alike.holder.place
        where = place.path, place.indices, place.rank, place.positions, place.labels
        for start, end in alike.stretches:
            yield start + at, end + at, alike.key, alike.position, alike.is_numbers, where


@given(SHAPES, st.data())
def test_an_event_is_read_as_if_it_were_alone(shapes: list[str], data: st.DataObject) -> None:
    events, body = [], b""
    for _ in range(5):
        event = data.draw(st.sampled_from(shapes))
        event = event.replace('"a"', data.draw(st.sampled_from(['"a"', '"zz"', '""', '"\\""'])))
        event = event.replace("115", data.draw(st.sampled_from(["115", "1.5", "1234"])))
        cut = data.draw(st.integers(1, len(event)))
        damage = data.draw(st.sampled_from(["", "", "", '"', "}", "\\", "\n"]))
        events.append(f"data: {event[:cut]}{damage}{event[cut:]}\n\n".encode())
    body = b"".join(events)
    apart = [text for n, one in enumerate(events) for text in told(one, len(b"".join(events[:n])))]
    assert sorted(told(body), key=repr) == sorted(apart, key=repr)


def test_recordings_are_read_as_if_each_event_were_alone(shared_cassettes: Path) -> None:
    for path in sorted(shared_cassettes.glob("*/*.yaml")):
        for each in load_cassette(path).interactions:
            lines = each.response.body.splitlines(keepends=True)
            if not all(line.startswith((b"data: {", b"{", b"\n", b": ")) for line in lines):
                continue
            place, apart = 0, []
            for line in lines:
                apart += told(line, place)
                place += len(line)
            assert sorted(told(each.response.body), key=repr) == sorted(apart, key=repr)


@pytest.mark.parametrize("body", [b"", b"{", b"[", b'"', b'{"a":"', b"plain text", b"\x00\xff{"])
def test_what_is_no_json_has_no_text(body: bytes) -> None:
    assert [one for one in told(body) if one[0] < one[1]] == []
