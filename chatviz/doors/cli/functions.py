"""A function of the user's own, named on the command line: ``module:function``."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

__all__ = ["find_function"]


@contextmanager
def find_function(text: str, option: str) -> Iterator[Callable[..., Any]]:
    """Give the function that ``module:function`` or ``path/file.py:function`` names.

    Modules of the folder in which the command runs are found, too, as long as this lasts.

    Raises
    ------
    click.BadParameter
        There is no such module or function.
    """
    name, colon, attribute = text.rpartition(":")
    if not colon or not name or not attribute:
        raise click.BadParameter(f"wanted MODULE:FUNCTION, found {text!r}.", param_hint=option)
    folder, path = Path.cwd(), Path(name)
    if path.suffix == ".py":
        folder, name = path.parent.resolve(), path.stem
    sys.path.insert(0, str(folder))
    try:
        yield _load(name, attribute, option)
    finally:
        sys.path.remove(str(folder))


def _load(name: str, attribute: str, option: str) -> Callable[..., Any]:
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise
        raise click.BadParameter(f"there is no module {name!r}.", param_hint=option) from error
    found = getattr(module, attribute, None)
    if not callable(found):
        raise click.BadParameter(
            f"the module {name!r} has no function {attribute!r}.", param_hint=option
        )
    function: Callable[..., Any] = found
    return function
