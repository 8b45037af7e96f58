"""YAML values: what is written is read back, and what is dangerous is refused."""

from __future__ import annotations

import math
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from chatviz.cassettes.yaml import parse as yaml_events
from chatviz.cassettes.yaml.nodes import YamlValue, plain_kind, value_of
from chatviz.cassettes.yaml.parse import MAX_DEPTH, read_yaml
from chatviz.cassettes.yaml.write import write_yaml
from chatviz.errors import (
    CassetteError,
    CassetteFormatError,
    CassetteLimitError,
    CassetteSyntaxError,
)

AWKWARD = list(" \t\n\r\x85\u2028\u2029\ufeff\ufffe\x00\x7f\xa0:#-?'\"\\|>[]{},&*!%@`~=<é😀ab0.")
TEXTS = st.one_of(
    st.text(st.sampled_from(AWKWARD), max_size=12),
    st.text(max_size=40),
    st.from_regex(r"[-+]?[0-9._:xobeET-]{1,8}", fullmatch=True),
    st.sampled_from(["true", "No", "~", "null", "<<", "=", "---", "...", "2023-06-01", "1:30"]),
)
KEYS = st.one_of(TEXTS, st.text("k", min_size=1020, max_size=1030), st.binary(max_size=99))
SCALARS = st.one_of(
    TEXTS,
    st.binary(max_size=200),
    st.integers(-(2**80), 2**80),
    st.floats(allow_nan=False),
    st.booleans(),
    st.none(),
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4)
)


def read(text: str | bytes) -> Any:
    return value_of(read_yaml(text if isinstance(text, bytes) else text.encode()))


def same(left: Any, right: Any) -> bool:
    """Equal values of equal types: 1 is not True, and a list is no map."""
    return repr(left) == repr(right)


@given(VALUES, VALUES)
def test_any_value_comes_back_as_it_was(first: YamlValue, second: YamlValue) -> None:
    tree = {"first": first, "second": second}
    assert same(read(write_yaml(tree)), tree)


@given(VALUES)
def test_the_slow_parser_reads_the_same(value: YamlValue) -> None:
    text = write_yaml({"value": value}).encode()
    slow = yaml_events._NodeBuilder(yaml.parse(text, Loader=yaml.SafeLoader)).build_document()
    assert same(value_of(slow), {"value": value})


@given(TEXTS, st.binary(max_size=200))
def test_another_reader_takes_text_for_the_same_text(text: str, data: bytes) -> None:
    tree = {"text": text, "list": [text, {"data": data}]}
    assert yaml.safe_load(write_yaml(tree)) == tree


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("data: {}\n\ndata: [DONE]\n\n", "|+\n  data: {}\n\n  data: [DONE]\n\n"),
        ("a\nb\n", "|\n  a\n  b\n"),
        ("a\nb", "|-\n  a\n  b\n"),
        ("a\n\tb é 😀\n", "|\n  a\n  \tb é 😀\n"),
        ("\n", "|2+\n\n"),
        (" a\nb", "|2-\n   a\n  b\n"),
        ("a \nb\n", '"a \\nb\\n"\n'),
        ("a\r\nb", '"a\\r\\nb"\n'),
        ("a\nb\u2028\x85\x00\x1f\ufeff", '"a\\nb\\L\\N\\0\\x1F\\uFEFF"\n'),
        ('\ta\\"', '"\\ta\\\\\\""\n'),
        ('{"a": "it\'s"}', "'{\"a\": \"it''s\"}'\n"),
        ("200 OK", "200 OK\n"),
        ("https://a.b/c?d=e#f", "https://a.b/c?d=e#f\n"),
        ("*/*", "'*/*'\n"),
        (" a", "' a'\n"),
        ("a: b", "'a: b'\n"),
        ("a:", "'a:'\n"),
        ("a #b", "'a #b'\n"),
        ("-1.5s", "-1.5s\n"),
        ("- a", "'- a'\n"),
        ("---", "'---'\n"),
        ("", '""\n'),
        ("924", '"924"\n'),
        ("2023-06-01", '"2023-06-01"\n'),
        ("off", '"off"\n'),
        ("1.2.3", "1.2.3\n"),
    ],
)
def test_text_is_written_in_the_style_of_go(text: str, written: str) -> None:
    assert write_yaml({"k": text}) == f"---\nk: {written}"
    assert read(write_yaml({"k": text})) == {"k": text}


def test_bytes_are_written_as_binary_in_lines_of_seventy() -> None:
    assert write_yaml({"k": b""}) == '---\nk: !!binary ""\n'
    assert write_yaml({"k": b"\xff"}) == "---\nk: !!binary /w==\n"
    lines = write_yaml({"k": b"\xff" * 100}).splitlines()
    assert lines[1] == "k: !!binary |"
    assert [len(line) for line in lines[2:]] == [72, 68]


def test_lists_and_maps_stand_as_go_puts_them() -> None:
    tree = {"a": [{"b": 1, "c": [2]}, [3, [4]], {}, []], "d": {"e": None}, "f": (True, 0.5)}
    assert write_yaml(tree) == (
        "---\na:\n- b: 1\n  c:\n  - 2\n- - 3\n  - - 4\n- {}\n- []\n"
        "d:\n  e: null\nf:\n- true\n- 0.5\n"
    )


def test_a_long_key_stands_on_a_line_of_its_own() -> None:
    key = "k" * 2000
    for value in (1, "a\nb\n", {"a": 1}, [1, {"b": 2}]):
        assert read(write_yaml({key: value, "z": 0})) == {key: value, "z": 0}


def test_floats_come_back_whatever_their_size() -> None:
    numbers = [1e20, -1e-7, math.inf, -math.inf, 0.1, -0.0]
    assert same(read(write_yaml({"k": numbers}))["k"], numbers)
    assert read(write_yaml({"k": math.nan})) == {"k": math.nan}


def test_what_is_no_plain_data_is_not_written() -> None:
    with pytest.raises(CassetteFormatError, match="a set cannot be written"):
        write_yaml({"k": {1}})
    with pytest.raises(CassetteFormatError, match=r"lone surrogate U\+D800"):
        write_yaml({"k": "\ud800"})


def test_what_could_not_be_read_again_is_not_written() -> None:
    def nest(levels: int) -> YamlValue:
        value: YamlValue = 1
        for _ in range(levels):
            value = [value]
        return value

    deepest = {"k": nest(MAX_DEPTH - 1)}
    assert read(write_yaml(deepest)) == deepest
    with pytest.raises(CassetteLimitError, match="64 deep"):
        write_yaml({"k": nest(MAX_DEPTH)})
    with pytest.raises(CassetteLimitError, match="64 deep"):
        read("k: " + "[" * MAX_DEPTH + "]" * MAX_DEPTH)


@pytest.mark.parametrize("opens", ["[", "{", "- ", "? "])
def test_the_parsers_own_limit_of_nesting_is_reported_as_ours(opens: str) -> None:
    """libyaml 0.2.6 counts to 1,000 ahead of its events; older ones never gave up here."""
    with pytest.raises(CassetteLimitError, match="64 deep") as caught:
        read("a: 1\nk:\n  " + opens * 5_000)
    assert caught.value.line == 3


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("~", None),
        ("", None),
        ("Null", None),
        ("TRUE", True),
        ("false", False),
        ("yes", "yes"),
        ("-0x1", "-0x1"),
        ("0x1F", 31),
        ("0o17", 15),
        ("017", 17),
        ("+12", 12),
        ("1_000", "1_000"),
        ("1.", 1.0),
        (".5e1", 5.0),
        (".inf", math.inf),
        ("-.INF", -math.inf),
        (".nan", math.nan),
        ("2023-06-01", "2023-06-01"),
        ("'12'", "12"),
        ("!!str 12", "12"),
        ("! 12", "12"),
        ("!!int '12'", 12),
        ("!!float 12", 12.0),
        ("!!bool 'true'", True),
        ("!!null ''", None),
        ("!!binary YQ==", b"a"),
        ("!!seq [1]", [1]),
        ("!!map {1: 2}", {1: 2}),
        ("[&a x, *a]", ["x", "x"]),
        ("9" * 1001, "9" * 1001),
    ],
)
def test_scalars_are_read_by_the_core_schema(text: str, value: YamlValue) -> None:
    assert same(read(f"k: {text}"), {"k": value})


def test_an_empty_plain_scalar_is_nothing() -> None:
    assert plain_kind("") == "null"


@pytest.mark.parametrize(
    "text", ["!!int abc", "!!float abc", "!!bool maybe", "!!null no", "!!binary '?'", "!!binary YQ"]
)
def test_a_tag_that_its_text_does_not_keep_is_an_error(text: str) -> None:
    with pytest.raises(CassetteFormatError, match="its text is not") as caught:
        read(f"a: 1\nk: {text}")
    assert caught.value.line == 2


@pytest.mark.parametrize(
    ("text", "kind", "reason", "line"),
    [
        ("a: 1\nb: [", CassetteSyntaxError, "not valid YAML", 2),
        ("a: 1\n b: 2", CassetteSyntaxError, "mapping values are not allowed", 2),
        ("a: 1\n\x1b: 2", CassetteSyntaxError, r"U\+001B", 2),
        ("a: 1\nb: \ufffe", CassetteSyntaxError, r"U\+FFFE", 2),
        (b"a: 1\nb: \xff\n", CassetteSyntaxError, "0xff is not UTF-8", 2),
        ("# nothing\n", CassetteSyntaxError, "no data", None),
        ("a: 1\n---\nb: 2", CassetteSyntaxError, "second YAML document", 2),
        ("a: 1\nb: *c", CassetteSyntaxError, "alias 'c' names no anchor", 2),
        ("a: 1\nb: &c [*c]", CassetteFormatError, "alias 'c' is inside", 2),
        ("a: 1\na: 2", CassetteFormatError, "'a' appears twice", 2),
        (f"{'a' * 99}: 1\n{'a' * 99}: 2", CassetteFormatError, "aaa… appears twice", 2),
        ("a: 1\n? [b]\n: 2", CassetteFormatError, "a key is a list or a map", 2),
        ("a: &a {}\n<<: *a", CassetteFormatError, "merge keys", 2),
        ("a: !!python/object/apply:os.system ['true']", CassetteFormatError, "python/object", 1),
        ("a: !!python/name:os.system x", CassetteFormatError, "python/name", 1),
        ("a: 1\nb: !mine {}", CassetteFormatError, "'!mine' is not supported", 2),
        ("a: !!set {b}", CassetteFormatError, "'set' is not supported", 1),
        ("a: !!timestamp 2023-06-01", CassetteFormatError, "'timestamp'", 1),
        ("%YAML 3.0\n---\na: 1", CassetteSyntaxError, "incompatible YAML", 1),
    ],
)
def test_what_is_not_read_is_named_with_its_line(
    text: str | bytes, kind: type[CassetteError], reason: str, line: int | None
) -> None:
    with pytest.raises(kind, match=reason) as caught:
        read(text)
    assert caught.value.line == line


@pytest.mark.parametrize("bracket", ["[", "{", "[{", "- ", "? ", "[\n", "!!seq [", "&a ["])
def test_fifty_thousand_brackets_are_refused_and_crash_nothing(bracket: str) -> None:
    with pytest.raises(CassetteError):
        read("k:\n  " + bracket * 50_000)


def test_aliases_that_expand_to_too_much_are_refused() -> None:
    levels = ["a0: &a0 [" + "x," * 10 + "]"]
    levels += [f"a{n}: &a{n} [" + f"*a{n - 1}," * 10 + "]" for n in range(1, 9)]
    with pytest.raises(CassetteLimitError, match="aliases expand to more than 1,000,000") as caught:
        read("\n".join(levels))
    assert caught.value.line == 6


def test_one_long_text_repeated_by_aliases_is_refused() -> None:
    text = "a: &a " + "x" * 1_000_000 + "\nb: [" + "*a," * 101 + "]"
    with pytest.raises(CassetteLimitError, match="100,000,000 characters"):
        read(text)


def test_without_libyaml_it_works_and_says_so_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    yaml_events._warn_that_it_is_slow.cache_clear()
    with pytest.warns(RuntimeWarning, match="built without libyaml"):
        assert read("a: [1, 'b']") == {"a": [1, "b"]}
    assert read("a: 2") == {"a": 2}  # a second warning would be an error
    for bad in ("a: [", "a: \x1b", b"a: \xff", "[" * 50_000, "a: !!python/none x"):
        with pytest.raises(CassetteError):
            read(bad)
