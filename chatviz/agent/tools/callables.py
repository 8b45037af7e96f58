"""What is read of a callable: of a partial its function, of an object what it is called by.

No repr of either is in a message: a partial's shows the arguments that are bound, a key among them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any

__all__ = ["bound_names", "docstring_of", "function_of", "name_of"]


def function_of(given: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function that has the annotations of a callable."""
    while not (inspect.isroutine(given) or isinstance(given, type)):
        if isinstance(given, partial):
            given = given.func
        elif hasattr(given, "__wrapped__"):  # a decorator's object shows itself as a function
            return given
        else:
            given = type(given).__call__
    return given


def bound_names(given: Callable[..., Any]) -> frozenset[str]:
    """Return the parameters that a partial has bound by their names."""
    return frozenset(given.keywords) if isinstance(given, partial) else frozenset()


def name_of(given: Callable[..., Any]) -> str:
    """Return the name of a function, a partial's too; "" for an object, which has none."""
    name = getattr(given, "__name__", "")
    if not name and isinstance(given, partial):
        return name_of(given.func)
    return name if isinstance(name, str) else ""


def docstring_of(given: Callable[..., Any]) -> str:
    """Return what a callable says of itself; of an object, what its class does else."""
    if isinstance(given, partial):
        own = given.__doc__ if given.__doc__ != partial.__doc__ else ""
        return own or docstring_of(given.func)
    return function_of(given).__doc__ or given.__doc__ or ""
