"""Whether JSON texts hold the same value."""

from __future__ import annotations

import pytest

from chatviz.chat.arguments.spelling import hold_the_same, read_value


@pytest.mark.parametrize(
    "texts",
    [
        ('{"a":2}', '{"a": 2}'),
        ('{"a":2,"b":[1,{"c":null}]}', '{ "b": [1, {"c": null}],\n"a": 2}'),
        ('{"a":"é"}', '{"a":"\\u00e9"}'),
        ("", "{}", " "),
        ("[1,2]", "[1, 2]"),
        ('{"a":NaN}', '{"a": NaN}'),
    ],
)
def test_the_same_value_may_be_spelled_otherwise(texts: tuple[str, ...]) -> None:
    assert hold_the_same(texts)


@pytest.mark.parametrize(
    "texts",
    [
        ('{"a":2}', '{"a":"2"}'),
        ('{"a":1}', '{"a":true}'),
        ('{"a":1}', '{"a":1.0}'),
        ("[1,2]", "[2,1]"),
        ('{"a":2}', '{"a":2'),
        ("5", " 5"),  # free text, perhaps
        ('{"a":2}', '{"a": 2}', '{"a":3}'),
        ("[" * 500, "[" * 500 + "]"),
    ],
)
def test_another_value_or_no_json_is_not_the_same(texts: tuple[str, ...]) -> None:
    assert not hold_the_same(texts)


def test_no_text_is_an_empty_object() -> None:
    assert read_value("") == {} and read_value("[1]") == [1]
    with pytest.raises(ValueError, match="Expecting property name"):
        read_value("{")
