"""The source of a function, with all that it needs of its module, to stand in a test."""

from __future__ import annotations

import ast
import inspect
from ast import literal_eval
from collections.abc import Callable, Iterator
from textwrap import dedent
from types import CodeType, FunctionType, ModuleType
from typing import Any

from chatviz.given_values import holds_key

__all__ = ["source_with_needs"]


def source_with_needs(function: Callable[..., Any]) -> tuple[list[str], str]:
    """Return the imports that a function needs, and its source behind that of all it calls.

    Parameters
    ----------
    function : callable
        Made by ``def``, in a module or a notebook.

    Returns
    -------
    list of str
        Lines that import, sorted.
    str
        Definitions, what is needed first.

    Raises
    ------
    ValueError
        It is a lambda, it holds on to values of a function around it, its source is not known, it
        needs a value that cannot be written, or there is a key in it.
    """
    imports: set[str] = set()
    parts: dict[str, str] = {}
    _take(function, imports, parts, set())
    source = "\n\n".join(parts.values())
    if holds_key(source):
        raise ValueError(
            "wanted a function whose source can stand in a test, found what looks like a key in "
            "it, or in a value that it uses: take it out."
        )
    return sorted(imports), source


def _take(function: Any, imports: set[str], parts: dict[str, str], seen: set[str]) -> None:
    name = getattr(function, "__name__", "")
    source = _source(function, name)
    seen.add(name)
    module = function.__module__
    for used, value in _used(function):
        if used in seen:
            continue
        if isinstance(value, ModuleType):
            told = value.__name__
            imports.add(f"import {told}" if told == used else f"import {told} as {used}")
        elif isinstance(value, FunctionType) and value.__module__ == module:
            _take(value, imports, parts, seen)
        elif getattr(value, "__module__", module) != module and hasattr(value, "__name__"):
            told = value.__name__
            behind = "" if told == used else f" as {used}"
            imports.add(f"from {value.__module__} import {told}{behind}")
        elif _can_be_written(value):
            parts[used] = f"{used} = {value!r}\n"
        else:
            raise ValueError(
                "wanted a function whose source can stand in a test, found one that uses "
                f"{used!r}, which cannot be written there: make it inside of the function."
            )
    parts[name] = source


def _can_be_written(value: Any) -> bool:
    try:
        return bool(literal_eval(repr(value)) == value)
    except (ValueError, SyntaxError):
        return False


def _source(function: Any, name: str) -> str:
    try:
        source = dedent(inspect.getsource(function))
    except (OSError, TypeError):
        source = ""
    is_closed = bool(getattr(function, "__closure__", None))
    if is_closed or not source.startswith((f"def {name}(", f"async def {name}(")):
        raise ValueError(
            "wanted a function whose source can stand in a test, found one without a def of its "
            "own at the top of a module or a cell (a lambda, say): give shrink() one made by def."
        )
    return source


def _used(function: Any) -> Iterator[tuple[str, Any]]:
    """Yield the globals that a function uses, in its annotations too, with their values."""
    names = {*_names(function.__code__), *_annotated(function)}
    yield from ((name, value) for name, value in function.__globals__.items() if name in names)


def _annotated(function: FunctionType) -> Iterator[str]:
    """Yield the names in a function's annotations, as its source has them."""
    definition = ast.parse(dedent(inspect.getsource(function))).body[0]
    if isinstance(definition, ast.FunctionDef | ast.AsyncFunctionDef):
        taken = definition.args
        arguments = [*taken.posonlyargs, *taken.args, *taken.kwonlyargs]
        arguments += [one for one in (taken.vararg, taken.kwarg) if one is not None]
        annotations = [definition.returns, *(one.annotation for one in arguments)]
        for node in annotations:
            found = () if node is None else ast.walk(node)
            yield from (inner.id for inner in found if isinstance(inner, ast.Name))


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _names(inner)
