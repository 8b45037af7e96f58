"""The scanner against the reader of Python: what is JSON, what could become it, what is neither."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatviz.chat.arguments.scanner import KINDS, ArgumentScanner

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@st.composite
def json_texts(draw: st.DrawFn) -> str:
    """Any value in any spelling."""
    return json.dumps(
        draw(VALUES),
        ensure_ascii=draw(st.booleans()),
        indent=draw(st.sampled_from([None, 0, 2])),
        separators=draw(st.sampled_from([(",", ":"), (", ", ": "), (" ,\t", "\n:\r")])),
    )


def scan(text: str, size: int = 0) -> ArgumentScanner:
    """Feed whole, or in pieces of a size."""
    scanner = ArgumentScanner()
    step = size or len(text) or 1
    for start in range(0, len(text), step):
        scanner.feed(text[start : start + step])
    scanner.close()
    return scanner


def describe(scanner: ArgumentScanner) -> tuple[Any, ...]:
    marks = scanner.marks
    columns = [list(column) for column in (marks.starts, marks.ends, marks.parents, marks.steps)]
    return (*columns, bytes(marks.kinds), scanner.broken, scanner.is_complete, scanner.writing)


def is_json(text: str) -> bool:
    """RFC 8259, by Python's reader without its leniency for NaN and Infinity."""
    try:
        json.loads(text, parse_constant=lambda name: json.loads("refused" + name))
    except (ValueError, RecursionError):
        return False
    return True


@given(json_texts())
def test_every_spelling_of_every_value_is_complete_however_it_is_cut(text: str) -> None:
    whole = scan(text)
    assert whole.is_complete
    assert whole.broken is None
    assert describe(scan(text, 1)) == describe(whole) == describe(scan(text, 7))


@given(json_texts(), st.data())
def test_every_beginning_of_json_is_a_prefix(text: str, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(text)))
    scanner = scan(text[:cut])
    assert scanner.broken is None
    assert scanner.is_complete == is_json(text[:cut])


@given(json_texts(), st.data())
@example("[1]", None)
def test_a_damaged_text_is_complete_only_if_python_reads_it(text: str, data: Any) -> None:
    damaged = text
    if data is not None:
        place = data.draw(st.integers(0, len(text)))
        inserted = data.draw(st.text(st.sampled_from('{}[]",:\\u0123eE+-.tfn \n\x00a'), max_size=3))
        removed = data.draw(st.integers(0, 3))
        damaged = text[:place] + inserted + text[place + removed :]
    whole = scan(damaged)
    assert whole.is_complete == is_json(damaged)
    assert describe(scan(damaged, 1)) == describe(whole) == describe(scan(damaged, 7))


@given(st.text(st.sampled_from('{}[]",:\\u01eE+-.truefalsn \x00'), max_size=14))
def test_a_text_breaks_at_the_first_character_that_nothing_could_mend(text: str) -> None:
    scanner = scan(text)
    if scanner.broken is None:
        assert can_be_finished(text)
    else:
        assert can_be_finished(text[: scanner.broken.offset])
        assert not can_be_finished(text[: scanner.broken.offset + 1])


def can_be_finished(text: str) -> bool:
    """Look for an ending by trying: the rest of a token, perhaps a member, then the brackets."""
    closing = "".join("}" if opener == "{" else "]" for opener in reversed(open_brackets(text)))
    rests = ["", "0", '"', *(word[cut:] for word in ("true", "false", "null") for cut in (1, 2, 3))]
    rests += ["e", "n", *(digits + '"' for digits in ("n", "0", "00", "000", "0000"))]
    members = ["", ":0", '"":0']
    return any(is_json(text + rest + member + closing) for rest in rests for member in members)


def open_brackets(text: str) -> list[str]:
    """The brackets outside strings that are still open."""
    opened: list[str] = []
    is_string = is_escaped = False
    for character in text:
        if is_string:
            is_string = is_escaped or character != '"'
            is_escaped = not is_escaped and character == "\\"
        elif character == '"':
            is_string = True
        elif character in "{[":
            opened.append(character)
        elif character in "}]" and opened:
            opened.pop()
    return opened


BREAKS = [
    ("01", 1, "nothing after"),
    ("-a", 1, "a digit after '-'"),
    ("1.e", 2, "decimal point"),
    ("1e.", 2, "exponent"),
    ("1e+-", 3, "exponent"),
    ("+1", 0, "a value"),
    (".5", 0, "a value"),
    ("NaN", 0, "a value"),
    ("Infinity", 0, "a value"),
    ("tru3", 3, "'e' to finish true"),
    ("[1,]", 3, "a value"),
    ("[1 2]", 3, "',' or ']'"),
    ("[,", 1, "a value or ']'"),
    ('{"a":1,}', 7, "a key in double quotes"),
    ("{1", 1, "a key in double quotes or '}'"),
    ("{'a'", 1, "a key"),
    ('{"a" 1', 5, "':' after a key"),
    ('{"a":}', 5, "a value"),
    ('{"a":1]', 6, "',' or '}'"),
    ("[}", 1, "a value or ']'"),
    ('"\\x', 2, "after a backslash of a string"),
    ('"\\u12g', 5, "two hexadecimal digits"),
    ('{"\\u012 ', 7, "one hexadecimal digit in an escape of a key"),
    ('"a\nb"', 2, "control characters escaped"),
    ('{"a\x00', 3, "control characters escaped, of a key"),
    ('{"a":1}{"a":1}', 7, "nothing after the complete value"),
    ("\ufeff1", 0, "a value"),
    ("\xa01", 0, "a value"),
    ("1\x0c", 1, "nothing after"),
    ("١", 0, "a value"),
]


@pytest.mark.parametrize(("text", "offset", "wanted"), BREAKS)
def test_a_break_names_the_first_wrong_character_and_what_was_wanted(
    text: str, offset: int, wanted: str
) -> None:
    for scanner in (scan(text), scan(text, 1)):
        assert scanner.broken is not None
        assert scanner.broken.offset == offset
        assert scanner.broken.reason.startswith("wanted ")
        assert wanted in scanner.broken.reason
        assert scanner.broken.reason.endswith(f"found {text[offset]!a}")
        assert not scanner.is_complete


def test_what_comes_after_a_break_is_only_counted() -> None:
    scanner = scan("[x")
    before = describe(scanner)
    scanner.feed("1, 2]")
    scanner.close()
    assert describe(scanner) == before
    assert scanner.length == 7


def test_a_number_is_complete_when_something_follows_or_the_text_is_closed() -> None:
    scanner = ArgumentScanner()
    scanner.feed("12")
    assert (scanner.is_complete, scanner.writing) == (False, 0)
    scanner.feed(" ")
    assert (scanner.is_complete, scanner.writing) == (True, -1)
    assert scan("12").is_complete
    assert not scan("-").is_complete
    assert list(scan("[12").marks.ends) == [-1, -1]


def test_marks_are_columns_in_the_order_of_opening() -> None:
    marks = scan('{"a": [1, true, null], "b": {"c": "x"}}').marks
    assert len(marks) == 7
    assert [KINDS[kind] for kind in marks.kinds] == [
        *("object", "array", "number", "boolean", "null", "object", "string")
    ]
    assert list(marks.parents) == [-1, 0, 1, 1, 1, 0, 5]
    assert list(marks.starts) == [0, 6, 7, 10, 16, 28, 34]
    assert list(marks.ends) == [39, 21, 8, 14, 20, 38, 37]
    assert list(marks.steps) == [0, 1, 0, 1, 2, 23, 29]


def test_a_hundred_thousand_brackets_are_read_without_recursion() -> None:
    scanner = scan("[" * 100_000 + "]" * 100_000, 4)
    assert scanner.is_complete
    assert len(scanner.marks) == 100_000
