"""What a schema says of each path, and that no schema, however hostile, can do harm."""

from __future__ import annotations

import json
import socket
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from chatviz.chat.arguments import schema_rules
from chatviz.chat.arguments.growth import ArgumentGrowth
from chatviz.chat.arguments.schema import SchemaCheck, check_arguments

ORDER: dict[str, Any] = {
    "type": "object",
    "properties": {
        "count": {"type": "integer"},
        "unit": {"enum": ["kg", "lb"]},
        "ship_to": {"anyOf": [{"$ref": "#/$defs/Address"}, {"type": "null"}]},
        "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "gone": False,
    },
    "required": ["count", "item id"],
    "additionalProperties": False,
    "$defs": {
        "Address": {
            "type": "object",
            "properties": {"street": {"type": "string"}},
            "required": ["street", "town"],
        }
    },
}


def check(text: str, schema: object) -> SchemaCheck:
    return check_arguments(ArgumentGrowth([text]), schema)


def verdicts(found: SchemaCheck) -> dict[str, str]:
    assert found.fault is None
    return {row.path: row.verdict for row in found.verdicts}


def test_every_path_has_its_verdict_and_what_is_missing_comes_last() -> None:
    text = '{"count": "1", "unit": "oz", "ship_to": {"street": 3}, "note": 5, "x": [1], "gone": 0}'
    found = check(text, ORDER)
    assert verdicts(found) == {
        "$": "right",
        "$.count": "wrong type",
        "$.unit": "wrong value",
        "$.ship_to": "right",
        "$.ship_to.street": "wrong type",
        "$.note": "wrong type",
        "$.x": "not allowed",
        "$.x[0]": "right",
        "$.gone": "not allowed",
        '$["item id"]': "missing",
        "$.ship_to.town": "missing",
    }
    assert [row.index for row in found.verdicts] == [*range(9), None, None]
    assert found.verdicts[1].message == "'1' is not of type 'integer'"
    assert found.verdicts[0].message == ""
    assert len(found.wrong) == 8


def test_right_arguments_have_nothing_wrong() -> None:
    found = check(
        '{"count": 2, "item id": 1, "ship_to": null}', ORDER | {"additionalProperties": {}}
    )
    assert found.wrong == ()
    assert found.notes == ()


def test_arguments_without_text_are_checked_as_an_empty_object() -> None:
    found = check("", ORDER)
    assert verdicts(found) == {"$": "right", "$.count": "missing", '$["item id"]': "missing"}
    assert [row.index for row in found.verdicts] == [None, None, None]
    assert verdicts(check("", {"type": "string"})) == {"$": "wrong type"}


def test_a_value_that_is_no_object_is_of_the_wrong_type() -> None:
    assert verdicts(check("[1]", ORDER)) == {"$": "wrong type", "$[0]": "right"}
    assert verdicts(check("1", False)) == {"$": "not allowed"}
    assert verdicts(check("1", True)) == {"$": "right"}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"properties": {"a": {}}}, "not described"),
        ({"properties": {"a": {}, "c": {}}}, "right"),
        ({"properties": {"a": {}, "c": {"items": {"properties": {"e": {}}}}}}, "right"),
        ({"properties": {"a": {}}, "additionalProperties": True}, "right"),
        ({"properties": {"a": {}}, "additionalProperties": False}, "not allowed"),
        ({"properties": {"a": {}}, "patternProperties": {"^c": {}}}, "right"),
        ({"type": "object"}, "right"),
        ({"properties": {}}, "right"),
        (True, "right"),
    ],
)
def test_what_the_schema_allows_without_a_word_is_not_described(
    schema: object, expected: str
) -> None:
    found = check('{"a": 1, "c": [{"d": 2}]}', schema)
    assert verdicts(found)["$.c"] == expected
    assert verdicts(found)["$.a"] == "right"
    assert bool(found.wrong) == (expected == "not allowed")


def test_what_is_in_a_value_that_is_not_described_is_not_described_either() -> None:
    schema = {"properties": {"a": {"items": {"properties": {"b": {}}}}}}
    found = verdicts(check('{"a": [{"b": 1, "x": {"y": [2]}}]}', schema))
    assert found["$.a[0].b"] == "right"
    inner = ("$.a[0].x", "$.a[0].x.y", "$.a[0].x.y[0]")
    assert {found[path] for path in inner} == {"not described"}


def test_text_without_a_value_has_no_verdict() -> None:
    assert check("oops", ORDER).verdicts == ()


def test_of_arguments_that_broke_off_only_what_came_is_judged() -> None:
    schema = {
        "properties": {
            "unit": {"enum": ["kilogram"]},
            "all": {"minItems": 3},
            "on": {"type": "boolean"},
            "n": {"type": "string"},
        },
        "required": ["on", "more"],
    }
    found = verdicts(check('{"n": 1, "unit": "kilo', schema))
    assert found["$.unit"] == "right"
    assert found["$.n"] == "wrong type"
    assert found["$.more"] == "missing"
    assert verdicts(check('{"all": [1', schema))["$.all"] == "right"
    assert verdicts(check('{"all": [1]', schema))["$.all"] == "wrong value"
    assert verdicts(check('{"on": tr', schema))["$.on"] == "right"


def test_what_a_later_key_replaced_has_no_verdict() -> None:
    found = check('{"a": ["x"], "a": "y"}', {"properties": {"a": {"type": "string"}}})
    assert [(row.index, row.path, row.verdict) for row in found.verdicts] == [
        (0, "$", "right"),
        (3, "$.a", "right"),
    ]


def test_the_gravest_of_several_verdicts_is_kept() -> None:
    schema = {"minLength": 9, "type": "integer", "enum": [1], "maxLength": 0}
    assert verdicts(check('"x"', schema)) == {"$": "wrong type"}
    assert "type" in check('"x"', schema).verdicts[0].message


def test_of_tagged_alternatives_the_one_with_the_tag_is_judged() -> None:
    schema = {
        "oneOf": [
            {"properties": {"kind": {"const": "cat"}, "lives": {"type": "integer"}}},
            {"properties": {"kind": {"const": "dog"}, "name": {"type": "string"}}},
        ]
    }
    found = verdicts(check('{"kind": "dog", "name": 7}', schema))
    assert found == {"$": "right", "$.kind": "right", "$.name": "wrong type"}
    assert verdicts(check('{"kind": "cow", "name": 7}', schema))["$"] == "wrong value"


def test_a_key_whose_name_is_refused_is_not_allowed() -> None:
    found = verdicts(check('{"a": 1, "bb": 2}', {"propertyNames": {"minLength": 2}}))
    assert found == {"$": "right", "$.a": "not allowed", "$.bb": "right"}


def test_items_in_a_prefix_are_judged_one_by_one() -> None:
    schema = {"prefixItems": [False, {"type": "string"}], "uniqueItems": True}
    found = verdicts(check("[1, 2, 2]", schema))
    assert found == {
        "$": "wrong value",
        "$[0]": "not allowed",
        "$[1]": "wrong type",
        "$[2]": "right",
    }
    assert verdicts(check('{"a": 1}', schema | {"items": {}})) == {"$": "right", "$.a": "right"}


@pytest.mark.parametrize(
    ("draft", "note"),
    [
        ("http://json-schema.org/draft-04/schema#", ()),
        ("http://json-schema.org/draft-07/schema#", ()),
        ("https://json-schema.org/draft/2020-12/schema", ()),
        ("urn:mine", ("$schema names no known draft: 2020-12 is used",)),
    ],
)
def test_the_draft_is_what_the_schema_says(draft: str, note: tuple[str, ...]) -> None:
    found = check('{"a": "x"}', {"$schema": draft, "properties": {"a": {"type": "integer"}}})
    assert verdicts(found)["$.a"] == "wrong type"
    assert found.notes == note


def test_a_long_message_is_shortened() -> None:
    message = check(json.dumps("x" * 100_000), {"type": "integer"}).verdicts[0].message
    assert len(message) < 170
    assert message.endswith("is not of type 'integer'")


FAULTS: list[tuple[object, str]] = [
    (None, "A schema is an object or a boolean, not NoneType."),
    ([], "A schema is an object or a boolean, not list."),
    ({"type": "STRING"}, "The schema is faulty at $.type: 'STRING'"),
    ({"$schema": 3}, "The schema is faulty at $['$schema']"),
    ({"$schema": "http://json-schema.org/draft-03/schema#"}, "draft 3"),
    ({"required": "a"}, "The schema is faulty at $.required"),
    ({"$ref": "#/nowhere"}, "$ref '#/nowhere' leads nowhere"),
    ({"$ref": "#"}, "nested too deeply"),
    ({"$ref": "#/const", "const": 5}, "The check could not be made: "),
    ({"const": {1, 2}}, "The check could not be made: TypeError"),
    ({"enum": list(range(5_000))}, "too large: at most 5000 values"),
]


@pytest.mark.parametrize(("schema", "fault"), FAULTS)
def test_a_schema_that_cannot_be_used_is_told_and_never_raised(schema: object, fault: str) -> None:
    found = check('{"a": 1}', schema)
    assert found.fault is not None
    assert fault in found.fault
    assert found.verdicts == ()


def test_a_schema_nested_deeper_than_can_be_read_is_refused() -> None:
    schema: dict[str, Any] = {}
    for _ in range(48):
        schema = {"items": schema}
    assert "too large" in str(check("1", schema).fault)
    assert check("1", schema["items"]).fault is None


def test_arguments_nested_deeper_than_the_rules_can_follow_are_given_up() -> None:
    found = check("[" * 50_000 + "]" * 50_000, {"items": {"$ref": "#"}})
    assert found.fault == "The schema, or what it is to check, is nested too deeply."


def test_alternatives_that_multiply_are_given_up() -> None:
    chain = {f"d{n}": {"anyOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(40)}
    schema = {"$defs": chain | {"d40": {"type": "null"}}, "$ref": "#/$defs/d0"}
    assert check('"x"', schema).fault == "Checking took more than 100000 steps and was given up."


def test_what_was_wrong_before_the_work_was_given_up_is_kept() -> None:
    found = check(json.dumps([1] * 15_000), {"items": {"type": "string"}})
    assert "given up" in str(found.fault)
    assert {row.verdict for row in found.verdicts} == {"wrong type"}


EVIL = "(a+)+$"
VICTIM = "a" * 60 + "!"


@pytest.mark.parametrize(
    "schema",
    [
        {"items": {"pattern": EVIL}},
        {"items": {"$schema": "http://json-schema.org/draft-07/schema#", "pattern": EVIL}},
        {"items": {"patternProperties": {EVIL: False}}},
        {"items": {"patternProperties": {EVIL: False}, "additionalProperties": False}},
        {"items": {"propertyNames": {"pattern": EVIL}}},
        {"items": {"allOf": [{"patternProperties": {EVIL: {}}}], "unevaluatedProperties": False}},
        {"items": {"$ref": "#/x-elsewhere/0"}, "x-elsewhere": [{"pattern": EVIL}]},
        {"items": {"$dynamicRef": "#x"}, "$defs": {"x": {"$dynamicAnchor": "x", "pattern": EVIL}}},
    ],
)
def test_no_pattern_is_evaluated_and_that_is_noted(schema: object) -> None:
    found = check(json.dumps([VICTIM, {VICTIM: 1}]), schema)
    assert found.fault is None
    assert any("not evaluated" in note for note in found.notes)
    assert found.wrong == ()


@pytest.mark.parametrize(
    "reference",
    [
        "https://json-schema.org/draft/2020-12/schema",
        "http://127.0.0.1:9/schema",
        "file:///etc/passwd",
        "other.json#/x",
    ],
)
@pytest.mark.parametrize("keyword", ["$ref", "$dynamicRef"])
def test_no_reference_leaves_the_document(
    keyword: str, reference: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    found = check('{"type": 1}', {keyword: reference})
    assert found.notes == ("a $ref that leaves the document is not followed",)
    assert verdicts(found) == {"$": "right", "$.type": "right"}


def test_an_id_cannot_turn_a_reference_out_of_the_document() -> None:
    meta = "https://json-schema.org/draft/2020-12/schema"
    found = check('{"type": 1}', {"allOf": [{"$id": meta, "$ref": "#"}]})
    assert found.fault == "The schema, or what it is to check, is nested too deeply."


def test_equal_items_are_not_looked_for_in_long_lists() -> None:
    found = check(json.dumps([{"a": 1}] * 201), {"uniqueItems": True})
    assert found.notes == ("uniqueItems is not evaluated beyond 200 items",)
    assert verdicts(found)["$"] == "right"
    assert verdicts(check('{"a": 1}', {"uniqueItems": True}))["$"] == "right"


def test_a_schema_is_left_as_it_was() -> None:
    schema = {
        "$id": "x",
        "$schema": "http://json-schema.org/draft-07/schema#",
        "items": {"id": "y"},
    }
    before = json.dumps(schema)
    check("[]", schema)
    assert json.dumps(schema) == before


SCHEMAS = st.recursive(
    st.booleans()
    | st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(["object", "array", "string", "integer", "null"]),
            "enum": st.lists(st.integers(0, 2) | st.text("ab", max_size=1), max_size=3),
            "minLength": st.integers(0, 2),
            "required": st.lists(st.text("ab", max_size=1), max_size=2, unique=True),
        },
    ),
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            "properties": st.dictionaries(st.text("ab", max_size=1), inner, max_size=2),
            "items": inner,
            "prefixItems": st.lists(inner, min_size=1, max_size=2),
            "additionalProperties": inner,
            "propertyNames": inner,
            "anyOf": st.lists(inner, min_size=1, max_size=2),
            "allOf": st.lists(inner, min_size=1, max_size=2),
            "oneOf": st.lists(inner, min_size=1, max_size=2),
            "not": inner,
            "uniqueItems": st.booleans(),
            "$ref": st.sampled_from(["#", "#/properties/a", "#/nope", "http://x.invalid"]),
        },
    ),
    max_leaves=6,
)
VALUES = st.recursive(
    st.integers(0, 2) | st.text("ab", max_size=2) | st.none(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=1), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(VALUES, SCHEMAS)
def test_arguments_are_found_right_where_the_library_finds_them_right(
    value: Any, schema: Any
) -> None:
    found = check(json.dumps(value), schema)
    if found.fault is None and not found.notes:
        assert (found.wrong == ()) == Draft202012Validator(schema).is_valid(value)
        present = [row.index for row in found.verdicts if row.index is not None]
        assert present == list(range(len(ArgumentGrowth([json.dumps(value)]).paths)))


def test_the_library_is_loaded_without_its_check_of_iris(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "jsonschema", raising=False)
    monkeypatch.delitem(sys.modules, "rfc3987_syntax", raising=False)
    schema_rules._load_library()
    assert "jsonschema" in sys.modules
    assert "rfc3987_syntax" not in sys.modules


def test_a_library_that_is_loaded_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    mark = object()
    monkeypatch.setitem(sys.modules, "jsonschema", mark)  # type: ignore[arg-type]
    schema_rules._load_library()
    assert sys.modules["jsonschema"] is mark
