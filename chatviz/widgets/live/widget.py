"""LiveWidget: the live view as an anywidget: traits, a constructor, and one message handler."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import anywidget
import msgspec
import traitlets

from chatviz.views.view import renderers
from chatviz.widgets.cell_placeholders import make_key, place_bundle, show
from chatviz.widgets.modules import live_module
from chatviz.widgets.traits import shared

__all__ = ["BrowserRequest", "LiveWidget", "Ready", "Run", "Save", "Stop"]


class Ready(msgspec.Struct, frozen=True, tag_field="kind", tag="ready"):
    """A view has come, or has missed something: it has so many entries."""

    have: int


class Run(msgspec.Struct, frozen=True, tag_field="kind", tag="run"):
    """The user says something."""

    prompt: str
    system: str = ""
    model: str = ""
    max_tokens: int | None = None


class Stop(msgspec.Struct, frozen=True, tag_field="kind", tag="stop"):
    """The user wants an end."""


class Save(msgspec.Struct, frozen=True, tag_field="kind", tag="save"):
    """The user wants a cassette."""

    path: str


BrowserRequest: TypeAlias = Ready | Run | Stop | Save


class LiveWidget(anywidget.AnyWidget):
    """What the browser shows of a live conversation.

    Parameters
    ----------
    controls : dict
        Which controls there are and what is in them at first; never a key.
    act : callable
        Takes each request of the browser, in whatever thread it comes. What it returns is shown,
        and what it raises.
    """

    # Set inside the widget's shadow root: as _css it would style the whole notebook.
    css = shared(traitlets.Unicode())
    controls = shared(traitlets.Dict())
    key = shared(traitlets.Unicode())

    def __init__(self, controls: dict[str, Any], act: Callable[[BrowserRequest], str]) -> None:
        module = live_module()
        self._esm = module.code
        super().__init__(css=module.style, controls=controls, key=make_key())
        self._act = act
        self.on_msg(self._take_message)

    def _take_message(self, widget: object, content: Any, buffers: object) -> None:
        """Say that a message was heard, and do what it wants."""
        number = content.get("number") if isinstance(content, dict) else None
        told = ""
        try:
            told = self._act(msgspec.convert(content, BrowserRequest))
        except Exception as error:  # it would vanish in the kernel's log
            told = f"{type(error).__name__}: {error}"
        self.send({"kind": "heard", "number": number, "told": told})

    def show(self, bundle: dict[str, Any]) -> Any:
        """Show something in the cell that runs; return its handle, None outside of IPython."""
        from IPython.core.getipython import get_ipython

        return None if get_ipython() is None else show(bundle)

    def bundle(self, words: str) -> dict[str, Any]:
        """Return what a cell shows while this is alive: a place that the module fills.

        A saved widget view whose model is gone is an error in JupyterLab; an empty place is not.
        """
        if renderers.active != "widget":
            return place_bundle(self.key, words)
        bundle: dict[str, Any] = (self._repr_mimebundle_() or ({}, {}))[0]
        return {**bundle, "text/plain": words}
