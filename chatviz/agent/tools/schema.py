"""From a function's signature to a JSON Schema, and from JSON arguments to Python's values."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from enum import Enum
from math import isfinite
from typing import Annotated, Any, Final, get_args, get_origin, get_type_hints

import msgspec

from chatviz.agent.tools.callables import bound_names, docstring_of, function_of
from chatviz.agent.tools.docstring import read_parameters

__all__ = ["ParametersOf", "make_parameters", "make_schema"]

ParametersOf = type[msgspec.Struct]

_REMEDY: Final = "or give the schema yourself: cv.Tool(name, function, schema=…)"


def make_parameters(function: Callable[..., Any], name: str) -> ParametersOf:
    """Make a type with a field for each parameter of a function that is not bound.

    Raises
    ------
    TypeError
        A parameter has no annotation, or none that JSON can carry, or takes any arguments.
    """
    bound = bound_names(function)
    hints, parameters, fault = _read_signature(function)
    if fault:
        raise TypeError(
            f"the annotations of {name!r} cannot be read ({fault}): define its types where the "
            f"module can see them, {_REMEDY}."
        )
    described = read_parameters(docstring_of(function))
    fields = [
        _make_field(parameter, hints.get(parameter.name), described.get(parameter.name, ""), name)
        for parameter in parameters
        if parameter.name not in bound
    ]
    return msgspec.defstruct(name, fields, kw_only=True, forbid_unknown_fields=True)


def _read_signature(
    function: Callable[..., Any],
) -> tuple[dict[str, Any], list[inspect.Parameter], str]:
    """Return annotations and parameters, and why they cannot be read; "" where they can.

    What Python says shows the repr of the callable, and is kept from every message, as a cause too.
    """
    try:
        hints = get_type_hints(function_of(function), include_extras=True)
        return hints, list(inspect.signature(function).parameters.values()), ""
    except NameError as error:
        return {}, [], str(error)
    except (TypeError, ValueError) as error:
        return {}, [], f"{type(error).__name__} of a {type(function).__name__!r}"


def make_schema(parameters: ParametersOf, name: str) -> dict[str, Any]:
    """Make the JSON Schema of a function's parameters: no titles, what is nested in ``$defs``.

    Raises
    ------
    TypeError
        JSON cannot carry one of the annotations.
    """
    try:
        (schema,), definitions = msgspec.json.schema_components(
            [parameters], ref_template="#/$defs/{name}"
        )
    except TypeError as error:
        reason = str(error).partition("\n")[0]
        raise TypeError(
            f"the parameters of {name!r} are not all of JSON's types ({reason}): annotate them "
            f"with types that JSON can carry, {_REMEDY}."
        ) from error
    own = definitions.pop(str(schema["$ref"]).rpartition("/")[2])
    made: dict[str, Any] = _without_titles(own)
    # Unknown arguments are refused all the same; recorded schemas do not say so.
    del made["additionalProperties"]
    if definitions:
        made["$defs"] = {key: _without_titles(value) for key, value in definitions.items()}
    return made


def _make_field(
    parameter: inspect.Parameter, annotation: Any, described: str, function: str
) -> tuple[str, Any] | tuple[str, Any, Any]:
    if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
        raise TypeError(
            f"{function!r} takes {_spell(parameter)}: a tool's parameters have names of their own. "
            f"Name each of them, {_REMEDY}."
        )
    if annotation is None:
        raise TypeError(
            f"parameter {parameter.name!r} of {function!r} has no annotation: annotate it "
            f"({parameter.name}: int), {_REMEDY}."
        )
    kind = _describe(annotation, described)
    default = parameter.default
    if default is parameter.empty:
        return parameter.name, kind
    if default is None or isinstance(default, bool | int | str | Enum) or _is_finite(default):
        return parameter.name, kind, default
    return parameter.name, kind | msgspec.UnsetType, msgspec.UNSET  # a default of Python's own


def _is_finite(default: Any) -> bool:
    return isinstance(default, float) and isfinite(default)


def _spell(parameter: inspect.Parameter) -> str:
    """Return a parameter as it is in a signature, without its annotation and its default."""
    return str(parameter.replace(annotation=parameter.empty, default=parameter.empty))


def _describe(annotation: Any, described: str) -> Any:
    """Put a parameter's description where msgspec finds it: its annotation's, else the docstring's.

    ``Annotated[int, "first number"]`` is how people write it.
    """
    kind, *notes = get_args(annotation) if get_origin(annotation) is Annotated else (annotation,)
    texts = [note for note in notes if isinstance(note, str)]
    rest = [note for note in notes if not isinstance(note, str)]
    has_own = any(isinstance(note, msgspec.Meta) and note.description for note in rest)
    text = texts[0] if texts else "" if has_own else described
    if text:
        rest.append(msgspec.Meta(description=text))
    for note in rest:
        kind = Annotated[kind, note]
    return kind


_VALUES: Final = ("default", "enum", "const", "examples")  # hold values, not schemas


def _without_titles(schema: Any) -> Any:
    """Drop the names that msgspec makes up; a property that is called ``title`` stays."""
    if isinstance(schema, list):
        return [_without_titles(item) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    return {
        key: value if key in _VALUES and not isinstance(value, Mapping) else _without_titles(value)
        for key, value in schema.items()
        if not (key == "title" and isinstance(value, str))
    }
