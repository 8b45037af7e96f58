"""Tool: a Python function that the model may call, and what the model is told about it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, overload

import msgspec

from chatviz.agent.tools.callables import docstring_of, function_of, name_of
from chatviz.agent.tools.docstring import read_description
from chatviz.agent.tools.schema import ParametersOf, make_parameters, make_schema
from chatviz.chat.messages import ToolDefinition
from chatviz.given_values import check_fits, check_json, check_list, check_text, shown

__all__ = ["Tool", "collect_tools", "tool"]

_HOW: Final = "cv.tool(add), or @cv.tool(name='add') above its def"
_NAME: Final = re.compile(r"[\w.:/-]{1,128}")


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that the model may call. It can still be called like the function.

    Attributes
    ----------
    name : str
        What the model calls it.
    function : callable
        Takes the arguments by their names; may be ``async``.
    schema : mapping
        The JSON Schema of the arguments. Made by hand, it is used as it is: the function gets what
        JSON gives.
    description : str
        What the model is told about it.
    parameters : type | None
        The type that turns JSON arguments into the function's own types; made by ``cv.tool``.
    early : bool
        Whether it may start while the answer that calls it still comes: see ``cv.tool``.
    """

    name: str
    function: Callable[..., Any] = field(repr=False)
    schema: Mapping[str, Any] = field(repr=False)
    description: str = ""
    parameters: ParametersOf | None = field(default=None, repr=False)
    early: bool = False

    def __post_init__(self) -> None:
        _check_name(self.name)
        wanted = f"a function as the tool {self.name!r}"
        check_fits(callable(self.function), wanted, self.function, "it is called by its arguments")
        check_text(self.description, f"the description of {self.name!r}")
        if not isinstance(self.schema, Mapping):
            found = type(self.schema).__name__
            raise TypeError(f"the schema of {self.name!r} must be a JSON object, found {found!r}.")
        check_json(dict(self.schema), "schema")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function."""
        return self.function(*args, **kwargs)

    @property
    def is_async(self) -> bool:
        """Whether calling the function gives something to await."""
        return inspect.iscoroutinefunction(function_of(self.function))

    @property
    def definition(self) -> ToolDefinition:
        """What the model is told."""
        return ToolDefinition(self.name, self.description, self.schema)

    def convert(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Turn JSON arguments into the function's own types; 1.0 is a whole number, as in JSON.

        Raises
        ------
        ValueError
            They are not what the function takes; the message says which and why.
        """
        if self.parameters is None:
            return dict(arguments)
        try:
            values = msgspec.convert(arguments, self.parameters)
        except msgspec.ValidationError:
            values = msgspec.convert(_with_whole_numbers(arguments), self.parameters)
        return {name: getattr(values, name) for name in arguments}


@overload
def tool(
    function: Callable[..., Any], /, *, name: str = "", description: str = "", early: bool = False
) -> Tool: ...
@overload
def tool(
    *, name: str = "", description: str = "", early: bool = False
) -> Callable[[Callable[..., Any]], Tool]: ...
def tool(
    function: Callable[..., Any] | None = None,
    /,
    *,
    name: str = "",
    description: str = "",
    early: bool = False,
) -> Tool | Callable[[Callable[..., Any]], Tool]:
    """Make a tool of a typed Python function.

    Parameters
    ----------
    function : callable
        Each parameter has an annotation: what msgspec can turn into JSON Schema (numbers, text,
        lists, dicts, ``Literal``, ``Enum``, ``Optional``, dataclasses, TypedDicts, Structs).
        ``Annotated[int, "first number"]`` describes one, as does the docstring. A parameter
        with a default may be left out by the model. May be ``async``, an object with a typed
        ``__call__``, or a ``functools.partial``: the model is told nothing of what is bound.
    name : str
        By default the function's; an object has none.
    description : str
        By default the first paragraph of the docstring.
    early : bool
        Whether it may start while the answer that calls it still comes, where the loop is asked
        for that (``start_tools="early"``). Say so only of what does no harm if it is run for
        nothing: the answer may break off afterwards, and the run be stopped.

    Returns
    -------
    Tool

    Raises
    ------
    TypeError
        The annotations are missing, or none that JSON can carry.

    Examples
    --------
    >>> from typing import Annotated
    >>> @tool
    ... def add(a: Annotated[int, "first number"], b: Annotated[int, "second number"]) -> int:
    ...     "Add two numbers"
    ...     return a + b
    >>> add.name, add.description, add.schema["required"]
    ('add', 'Add two numbers', ['a', 'b'])
    """

    def make(function: Callable[..., Any]) -> Tool:
        check_fits(callable(function), "a typed function as a tool", function, _HOW)
        check_text(name, "the name of a tool", _HOW)
        called = name or name_of(function)
        _check_name(called)
        parameters = make_parameters(function, called)
        told = description or read_description(docstring_of(function))
        return Tool(called, function, make_schema(parameters, called), told, parameters, early)

    return make if function is None else make(function)


def _check_name(name: str) -> None:
    check_text(name, "the name of a tool", _HOW)
    if not _NAME.fullmatch(name):
        raise ValueError(
            f"a tool needs a name of letters, digits, '_' and '-', found {shown(name)}: give one, "
            "cv.tool(function, name=…)."
        )


def collect_tools(tools: Iterable[Tool | Callable[..., Any]]) -> dict[str, Tool]:
    """Return tools by name; plain functions become tools.

    Raises
    ------
    TypeError
        Something is neither a tool nor a typed function.
    ValueError
        Two have the same name.
    """
    named: dict[str, Tool] = {}
    for item in check_list(tools, "a list of typed functions or tools", "tools=[add]"):
        made = item if isinstance(item, Tool) else tool(item)
        if made.name in named:
            raise ValueError(
                f"two tools are called {made.name!r}: name one of them, cv.tool(name=…)."
            )
        named[made.name] = made
    return named


def _with_whole_numbers(value: Any) -> Any:
    """Return a value of JSON with 1 for each 1.0: servers that keep doubles send such."""
    match value:
        case float() if value.is_integer():
            return int(value)
        case dict():
            return {key: _with_whole_numbers(each) for key, each in value.items()}
        case list():
            return [_with_whole_numbers(each) for each in value]
    return value
