"""Shown: how a value shows itself in a notebook; the registry knows its view."""

from __future__ import annotations

from typing import Any

from chatviz.registry import SHOWN

__all__ = ["Shown"]


class Shown:
    """A value that a notebook shows as a picture and a table, and a terminal as its repr."""

    __slots__ = ()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """Return what the front end may show: ``text/html`` and ``text/plain``."""
        names = (kind.__name__ for kind in type(self).__mro__)
        name = next(filter(SHOWN.__contains__, names), type(self).__name__)
        bundle: dict[str, Any] = SHOWN.load(name)(self)._repr_mimebundle_(include, exclude)
        return bundle
