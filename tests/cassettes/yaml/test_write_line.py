"""Values on one line of ASCII: read back as the text of several lines is."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatviz.cassettes.yaml.nodes import value_of
from chatviz.cassettes.yaml.parse import MAX_DEPTH, read_yaml
from chatviz.cassettes.yaml.write_line import write_line
from chatviz.errors import CassetteFormatError, CassetteLimitError

KEYS = st.text(max_size=5) | st.text("k", min_size=990, max_size=1_100) | st.binary(max_size=9)
KEYS |= st.integers(-9, 9) | st.none() | st.booleans()
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)


@given(VALUES)
def test_what_is_written_is_read_back(value: Any) -> None:
    line = write_line(value)
    assert line.isascii()
    assert line.isprintable()
    assert repr(value_of(read_yaml(f"- {line}\n".encode()))) == repr([value])


@pytest.mark.parametrize(
    "text",
    ["\\ud83d\\ude00", "\\\\ud83d", "😀\x7f\x85\u2028\ufeff", "\\U0001F600", 'a"b\\', "\x00"],
)
def test_escapes_that_look_like_others_are_kept_apart(text: str) -> None:
    assert value_of(read_yaml(f"- {write_line(text)}".encode())) == [text]


def test_what_cannot_be_written_is_named() -> None:
    with pytest.raises(CassetteFormatError, match=r"lone surrogate U\+D83D"):
        write_line("a\ud83d")
    with pytest.raises(CassetteFormatError, match="a set cannot be written"):
        write_line({"a": {1}})
    deep: Any = []
    for _ in range(MAX_DEPTH):
        deep = [deep]
    with pytest.raises(CassetteLimitError):
        write_line(deep)
