"""Registry: names and what each stands for, loaded when it is first asked for.

Rooms below look up here what rooms above do; `chatviz/__init__` fills every registry when the
package is imported, with loaders that open a room only when they are called.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Generic, TypeVar

__all__ = ["PAGES", "RENDERERS", "SHOWN", "SOURCES", "Registry"]

Loaded = TypeVar("Loaded")


class Registry(Generic[Loaded]):
    """Names, in the order in which they were filled in, and what each stands for.

    Parameters
    ----------
    noun : str
        What the names are names of, for messages.
    """

    def __init__(self, noun: str) -> None:
        self._noun = noun
        self._loaders: dict[str, Callable[[], Loaded]] = {}

    def fill(self, loaders: Mapping[str, Callable[[], Loaded]]) -> None:
        """Add names, each with what loads its value; a name that is there is replaced."""
        self._loaders.update(loaders)

    @property
    def names(self) -> tuple[str, ...]:
        """The known names."""
        return tuple(self._loaders)

    def __contains__(self, name: object) -> bool:
        return name in self._loaders

    def load(self, name: str) -> Loaded:
        """Return what a name stands for.

        Raises
        ------
        LookupError
            The name is not known; the message lists those that are.
        """
        if name not in self._loaders:
            known = ", ".join(map(repr, self._loaders)) or "none"
            raise LookupError(f"wanted a {self._noun}, one of {known}, found {name!r}.")
        return self._loaders[name]()


# By the name of a class: a function that returns the view of such a value.
SHOWN: Final[Registry[Callable[[Any], Any]]] = Registry("type of value that shows itself")
# By the name of a server: a function that returns the ASGI application of its page in a browser.
PAGES: Final[Registry[Callable[[Any], Any]]] = Registry("server that has a page")
# By the name of a renderer: a function that returns the mime bundle of a view.
RENDERERS: Final[Registry[Callable[[Any], dict[str, Any]]]] = Registry("renderer of views")
# By the kind of source, "path" or "cassette": a function that returns the runs that it holds, in
# the order of the file; and for a "folder" one that returns a data set.
SOURCES: Final[Registry[Callable[[Any], Any]]] = Registry("kind of source that is read")
