"""View: a picture, its numbers and one sentence; renderers: how it is shown."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from chatviz.chat.findings.log import Finding
from chatviz.errors import RendererError
from chatviz.views.drawing.html import Table, findings_html, picture_html, table_html

__all__ = ["Renderers", "View", "renderers"]

RENDERERS: Final = ("html", "widget", "static")
ENVIRONMENT: Final = "CHATVIZ_RENDERER"


@dataclass(frozen=True, slots=True)
class View:
    """What a reader sees: a picture, the table of its numbers, and a sentence.

    Attributes
    ----------
    sentence : str
        The picture in one exact sentence: the alternative text, and what a terminal shows.
    svg : str
        The picture; ``""`` where a table says it all.
    tables : tuple of Table
        Its numbers.
    findings : tuple of Finding
        What was odd on the wire; warnings and errors are listed, the rest is folded.
    make_mount : callable | None
        Makes the HTML with the script that makes the picture interactive where scripts run; asked
        only when the view is shown. None for a picture that has none.
    """

    sentence: str
    svg: str = field(default="", repr=False)
    tables: tuple[Table, ...] = field(default=(), repr=False)
    findings: tuple[Finding, ...] = field(default=(), repr=False)
    make_mount: Callable[[], str] | None = field(default=None, repr=False, compare=False)

    @property
    def mount(self) -> str:
        """The script that makes it interactive; ``""`` for a picture that has none."""
        return "" if self.make_mount is None else self.make_mount()

    @property
    def html(self) -> str:
        """The view as HTML that needs nothing from outside."""
        mount = "" if renderers.active == "static" else self.mount
        picture = picture_html(self.svg, self.sentence) if self.svg else ""
        numbers = "".join(map(table_html, self.tables))
        return f"<div>{picture}{findings_html(self.findings)}{numbers}</div>{mount}"

    def __str__(self) -> str:
        return self.sentence

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """Return what the front end may show."""
        if self.make_mount and renderers.active == "widget":
            from importlib import import_module

            # The one upward look of views: widgets are found by name, when displayed.
            bundle: dict[str, Any] = import_module("chatviz.widgets.view_widget").mime_bundle(self)
            return bundle
        return {"text/html": self.html, "text/plain": self.sentence}


class Renderers:
    """How views are shown: by name, for all of them.

    ``"html"`` (the default): picture, numbers, and the script that makes it interactive;
    ``"static"``: no script; ``"widget"``: the same module as a widget, which a saved notebook shows
    only while its kernel runs. The environment variable ``CHATVIZ_RENDERER`` names another default.
    """

    def __init__(self) -> None:
        self._enabled: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The known names."""
        return RENDERERS

    @property
    def active(self) -> str:
        """The renderer in use: the enabled one, else the environment's, else ``"html"``.

        Raises
        ------
        RendererError
            The environment names one that is not known.
        """
        if self._enabled is not None:
            return self._enabled
        return _check(os.environ.get(ENVIRONMENT) or "html", f"${ENVIRONMENT}")

    def enable(self, name: str) -> None:
        """Show views in another way from now on.

        Parameters
        ----------
        name : str
            ``"html"``, ``"widget"`` or ``"static"``.

        Raises
        ------
        RendererError
            The name is not known.
        """
        self._enabled = _check(name, "renderers.enable()")

    def __repr__(self) -> str:
        return f"<Renderers: {self.active!r} of {', '.join(map(repr, RENDERERS))}>"


renderers: Final = Renderers()


def _check(name: str, where: str) -> str:
    if name not in RENDERERS:
        known = ", ".join(map(repr, RENDERERS))
        raise RendererError(f"{where} wants one of {known}, found {name!r}.")
    return name
