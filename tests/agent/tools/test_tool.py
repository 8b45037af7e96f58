"""A tool from a typed function: its schema, its description, and its arguments' types."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, Literal, TypedDict

import msgspec
import pytest

from chatviz.agent.tools.tool import Tool, collect_tools, tool
from chatviz.chat.messages import ChatRequest
from chatviz.dialects.openai_chat.stream import OpenAIChat

RECORDED = json.loads(
    '{"function":{"name":"add","strict":false,"description":"Add two numbers","parameters":'
    '{"properties":{"a":{"description":"first number","type":"integer"},"b":{"description":'
    '"second number","type":"integer"}},"required":["a","b"],"type":"object"}},"type":"function"}'
)


class Unit(Enum):
    CELSIUS = "c"
    KELVIN = "k"


@dataclass
class Place:
    city: str
    title: str = ""


class Span(TypedDict):
    days: int


class Other: ...


def test_a_tool_is_written_as_it_was_recorded(sums: list[Tool]) -> None:
    request = ChatRequest("m", tools=(sums[0].definition,))
    assert OpenAIChat().write_request(request)["tools"] == [RECORDED]


def test_a_tool_can_be_called_like_its_function(sums: list[Tool]) -> None:
    assert sums[0](2, b=3) == 5


def test_annotations_become_a_schema_without_titles() -> None:
    @tool
    def forecast(
        place: Place,
        span: Span,
        unit: Unit = Unit.KELVIN,
        *,
        kind: Literal["short", "long"] = "short",
        limit: int | None = None,
        days: Annotated[list[int], "of the week"] = [1],  # noqa: B006  # a default of Python's
        more: dict[str, float] = {},  # noqa: B006
    ) -> None: ...

    assert forecast.schema == {
        "type": "object",
        "properties": {
            "place": {"$ref": "#/$defs/Place"},
            "span": {"$ref": "#/$defs/Span"},
            "unit": {"$ref": "#/$defs/Unit", "default": "k"},
            "kind": {"enum": ["long", "short"], "default": "short"},
            "limit": {"anyOf": [{"type": "integer"}, {"type": "null"}], "default": None},
            "days": {"description": "of the week", "type": "array", "items": {"type": "integer"}},
            "more": {"type": "object", "additionalProperties": {"type": "number"}},
        },
        "required": ["place", "span"],
        "$defs": {
            "Place": {
                "type": "object",
                "properties": {
                    "city": {"type": "string"},
                    "title": {"type": "string", "default": ""},
                },
                "required": ["city"],
            },
            "Span": {
                "type": "object",
                "properties": {"days": {"type": "integer"}},
                "required": ["days"],
            },
            "Unit": {"enum": ["c", "k"]},
        },
    }
    told = {"place": {"city": "Rome"}, "span": {"days": 2}, "unit": "c"}
    assert forecast.convert(told) == {
        "place": Place("Rome"),
        "span": {"days": 2},
        "unit": Unit.CELSIUS,
    }


def test_a_function_without_parameters_takes_an_empty_object() -> None:
    now = tool(lambda: 1, name="now")
    assert now.schema == {"type": "object", "properties": {}, "required": []}
    assert now.description == ""
    assert now.convert({}) == {}


def test_an_annotation_may_hold_a_constraint_beside_its_description() -> None:
    @tool
    def f(
        a: Annotated[int, msgspec.Meta(ge=1), "how many"],
        b: Annotated[int, msgspec.Meta(description="own")],
        c: Annotated[int, 7],
    ) -> None:
        """Do it.

        Parameters
        ----------
        b : int
            The docstring's.
        """

    assert f.schema["properties"] == {
        "a": {"type": "integer", "minimum": 1, "description": "how many"},
        "b": {"type": "integer", "description": "own"},
        "c": {"type": "integer"},
    }


def numpy_style(a: int, b: int, c: int) -> int:
    """Do two things
    in one line.

    More of it.

    Parameters
    ----------
    a, b : int
        A number,
        in two lines.

    c
        Another.
    Returns
    -------
    int
        It.
    """
    return a


def google_style(a: int, b: int, c: int) -> int:
    """Do two things in one line.

    Args:
        a (int): A number,
            in two lines.
        b: A number, in two lines.
        c: Another.

    Returns:
        It.
    """
    return a


def test_docstrings_describe_the_tool_and_its_parameters() -> None:
    for function in (numpy_style, google_style):
        made = tool(function)
        assert made.description.rstrip(".") == "Do two things in one line"
        described = [value["description"] for value in made.schema["properties"].values()]
        assert described == ["A number, in two lines."] * 2 + ["Another."]


def unannotated(a) -> None: ...  # type: ignore[no-untyped-def]


def any_names(**more: int) -> None: ...


def any_number(*more: int) -> None: ...


def not_json(a: Other) -> None: ...


def unknown_type(a: Missing) -> None: ...  # type: ignore[name-defined]  # noqa: F821


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (unannotated, r"parameter 'a' of 'unannotated' has no annotation: annotate it \(a: int\)"),
        (any_names, r"takes \*\*more: a tool's parameters have names of their own"),
        (any_number, r"takes \*more: "),
        (not_json, "not all of JSON's types .*give the schema yourself"),
        (unknown_type, "cannot be read .*'Missing' is not defined"),
    ],
)
def test_what_is_no_tool_is_refused_with_advice(function: Callable[..., Any], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        tool(function)


@pytest.mark.parametrize("name", ["", "<lambda>", "a b", "x" * 129])
def test_a_tool_needs_a_name_that_can_be_sent(name: str) -> None:
    with pytest.raises(ValueError, match="a tool needs a name"):
        Tool(name, print, {})


def test_name_and_description_can_be_given() -> None:
    @tool(name="plus", description="Sums up")
    def add(a: int) -> int:
        "Something else"
        return a

    assert (add.name, add.description) == ("plus", "Sums up")


def test_a_tool_from_a_schema_takes_what_json_gives() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}, "title": "kept"}
    made = Tool("f", lambda a: a, schema, "does it")
    assert made.schema is schema
    assert made.convert({"a": 1}) == {"a": 1}
    with pytest.raises(TypeError, match="must be a JSON object, found 'list'"):
        Tool("f", print, [])  # type: ignore[arg-type]


def test_a_property_that_is_called_title_stays() -> None:
    @tool
    def f(title: str, default: Place) -> None: ...

    assert f.schema["properties"] == {
        "title": {"type": "string"},
        "default": {"$ref": "#/$defs/Place"},
    }


class Callee:
    async def __call__(self) -> int:
        return 1


def test_async_functions_are_told_from_others(sums: list[Tool]) -> None:
    async def f() -> int:
        return 1

    assert tool(f).is_async
    assert Tool("g", Callee(), {}).is_async
    assert not sums[0].is_async
    assert asyncio.run(tool(f)()) == 1


def test_arguments_that_the_function_does_not_take_are_refused(sums: list[Tool]) -> None:
    with pytest.raises(ValueError, match="unknown field `c`"):
        sums[0].convert({"a": 1, "b": 2, "c": 3})


def test_plain_functions_become_tools_and_names_are_unique(sums: list[Tool]) -> None:
    assert list(collect_tools([sums[0], numpy_style])) == ["add", "numpy_style"]
    with pytest.raises(ValueError, match="two tools are called 'add'"):
        collect_tools([sums[0], sums[0]])


def test_a_whole_number_may_be_written_as_a_fraction() -> None:
    """The schema allows it, and servers that keep doubles send it."""

    def take(count: int, share: float, of: list[int], any: dict[str, Any]) -> None: ...

    taken = tool(take).convert({"count": 2.0, "share": 1.0, "of": [1.0], "any": {"a": 3.0}})
    assert taken == {"count": 2, "share": 1.0, "of": [1], "any": {"a": 3}}
    assert [type(taken[name]) for name in ("count", "share")] == [int, float]
    with pytest.raises(ValueError, match="Expected `int`"):
        tool(take).convert({"count": 2.5, "share": 1, "of": [], "any": {}})
