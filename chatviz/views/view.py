"""View: a picture, its numbers and one sentence; renderers: how it is shown."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from chatviz.chat.findings.log import Finding
from chatviz.errors import RendererError
from chatviz.given_values import shown
from chatviz.registry import RENDERERS
from chatviz.views.drawing.html import (
    Fold,
    Table,
    findings_html,
    fold_html,
    picture_html,
    table_html,
)
from chatviz.views.page_module import Mount
from chatviz.views.saving import save_html

__all__ = ["Renderers", "View", "html_bundle", "renderers"]

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
        Makes what is mounted where scripts run, so that the picture is interactive there; asked
        only when the view is shown. None for a picture that has none.
    folds : tuple of Fold
        More tables, each folded away under a title.
    """

    sentence: str
    svg: str = field(default="", repr=False)
    tables: tuple[Table, ...] = field(default=(), repr=False)
    findings: tuple[Finding, ...] = field(default=(), repr=False)
    make_mount: Callable[[], Mount] | None = field(default=None, repr=False, compare=False)
    folds: tuple[Fold, ...] = field(default=(), repr=False)

    @property
    def mount(self) -> Mount | None:
        """What makes it interactive; None for a picture that has none."""
        return None if self.make_mount is None else self.make_mount()

    @property
    def html(self) -> str:
        """The view as HTML that needs nothing from outside."""
        mount = None if renderers.active == "static" else self.mount
        picture = picture_html(self.svg, self.sentence) if self.svg else ""
        numbers = "".join([*map(table_html, self.tables), *map(fold_html, self.folds)])
        script = "" if mount is None else mount.html
        return f"<div>{picture}{findings_html(self.findings)}{numbers}</div>{script}"

    def save(self, path: str | os.PathLike[str], *, title: str = "", note: str = "") -> None:
        """Save the view as one self-contained page, which needs no kernel and no network.

        Parameters
        ----------
        path : str or path-like
            In a folder that exists; a file that is there is replaced.
        title, note : str
            The page's heading, and words of your own above the view, as plain text.

        Raises
        ------
        OSError
            The file cannot be written; the message names it and says why.
        """
        save_html(self, path, title=title, note=note)

    def __str__(self) -> str:
        return self.sentence

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """Return what the front end may show."""
        return RENDERERS.load(renderers.active)(self)


def html_bundle(view: View) -> dict[str, Any]:
    """Return a view as HTML and as its sentence."""
    return {"text/html": view.html, "text/plain": view.sentence}


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
        return RENDERERS.names

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
            ``"html"``, ``"widget"``, ``"static"`` or one that was registered.

        Raises
        ------
        RendererError
            The name is not known.
        """
        self._enabled = _check(name, "renderers.enable()")

    def register(self, name: str, render: Callable[[View], dict[str, Any]]) -> None:
        """Add a renderer of your own, to be enabled by its name.

        Parameters
        ----------
        name : str
            One that is there is replaced.
        render : callable
            Takes a view and returns what a front end may show: a mime bundle, for example
            ``{"text/html": view.html, "text/plain": view.sentence}``.
        """
        RENDERERS.fill({name: lambda: render})

    def __repr__(self) -> str:
        return f"<Renderers: {self.active!r} of {', '.join(map(repr, self.names))}>"


renderers: Final = Renderers()


def _check(name: str, where: str) -> str:
    if name not in RENDERERS:
        known = ", ".join(map(repr, RENDERERS.names))
        raise RendererError(f"{where} wants one of {known}, found {shown(name)}.")
    return name
