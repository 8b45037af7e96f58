"""Shown: how a value shows itself in a notebook; the view is found by name when it is displayed."""

from __future__ import annotations

from typing import Any, ClassVar

__all__ = ["Shown"]


class Shown:
    """A value that a notebook shows as a picture and a table, and a terminal as its repr."""

    __slots__ = ()

    shown_by: ClassVar[str] = "chatviz.views.notebook_repr"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """Return what the front end may show: ``text/html`` and ``text/plain``."""
        from importlib import import_module

        bundle: dict[str, str] = import_module(self.shown_by).mime_bundle(self)
        return bundle
