"""A call as bytes for another process: functions of notebooks and closures go by value."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib.machinery import PathFinder
from types import ModuleType
from typing import Any

import cloudpickle

from chatviz.cassettes.redaction.key_shapes import find_keys

__all__ = ["pack_call"]


def pack_call(function: Callable[..., Any], arguments: tuple[Any, ...] = ()) -> bytes:
    """Return a function and its arguments, pickled.

    A function goes by its name where the other process can import its module, else by value, with
    what it uses of its module.

    Raises
    ------
    TypeError
        It, or what it uses, cannot be sent; the message says what to do.
    """
    try:
        with _by_value(function):
            return bytes(cloudpickle.dumps((function, arguments)))
    except Exception as error:  # whatever __reduce__ of a value raises
        name = getattr(function, "__qualname__", type(function).__name__)
        why = f"{type(error).__name__}: {str(error)[:200]}"
        told = "" if any(find_keys(why.encode("utf-8", "replace"))) else f" ({why})"
        raise TypeError(
            f"wanted a function that can be sent to a process of its own, found {name!r}, which "
            f"holds on to something that cannot{told}: make that inside of the function, an open "
            "file, a connection, a lock or a client, for example."
        ) from error


@contextmanager
def _by_value(function: Callable[..., Any]) -> Iterator[None]:
    """Send what a function's module holds by value, where nobody else can import that module."""
    module = sys.modules.get(getattr(function, "__module__", None) or "")
    with ExitStack() as undo:
        if module is not None and module.__name__ != "__main__" and not _is_importable(module):
            cloudpickle.register_pickle_by_value(module)
            undo.callback(cloudpickle.unregister_pickle_by_value, module)
        yield


def _is_importable(module: ModuleType) -> bool:
    """Whether a new process with the same ``sys.path`` finds a module; nothing is imported."""
    if module.__name__ in sys.builtin_module_names:
        return True
    path, name = None, ""
    for part in module.__name__.split("."):
        name = f"{name}.{part}".lstrip(".")
        spec = PathFinder.find_spec(name, path)
        if spec is None:
            return False
        path = spec.submodule_search_locations
    return True
