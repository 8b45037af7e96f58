"""A call as bytes for another process: functions of notebooks and closures go by value."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib.machinery import PathFinder
from types import ModuleType
from typing import Any

import cloudpickle

from chatviz.given_values import holds_key

__all__ = ["pack_call"]


def pack_call(function: Callable[..., Any], arguments: tuple[Any, ...] = ()) -> bytes:
    """Return a function and its arguments, pickled.

    A function, and each among the arguments, goes by its name where the other process can import
    its module, else by value, with what it uses of its module.

    Raises
    ------
    TypeError
        Something cannot be sent; the message names the first that cannot, and says what to do.
    """
    try:
        with _by_value(function, *arguments):
            return bytes(cloudpickle.dumps((function, arguments)))
    except Exception as error:  # whatever __reduce__ of a value raises
        blamed = next((one for one in (*arguments, function) if not _can_be_sent(one)), function)
        name = getattr(blamed, "__qualname__", type(blamed).__name__)
        why = f"{type(error).__name__}: {str(error)[:200]}"
        told = "" if holds_key(why) else f" ({why})"
        raise TypeError(
            f"wanted a function that can be sent to a process of its own, found {name!r}, which "
            f"holds on to something that cannot{told}: make that inside of the function, an open "
            "file, a connection, a lock or a client, for example."
        ) from error


def _can_be_sent(value: Any) -> bool:
    try:
        with _by_value(value):
            cloudpickle.dumps(value)
    except Exception:
        return False
    return True


@contextmanager
def _by_value(*values: Any) -> Iterator[None]:
    """Send what modules of functions hold by value, where nobody else can import these modules."""
    names = {getattr(one, "__module__", None) or "" for one in values if callable(one)}
    with ExitStack() as undo:
        for name in names - {"", "__main__"}:
            module = sys.modules.get(name)
            if module is not None and not _is_importable(module):
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
