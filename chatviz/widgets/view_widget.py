"""ViewWidget: an interactive view as an anywidget, by the same module that a page inlines."""

from __future__ import annotations

import json
import re
from typing import Any, Final

import anywidget
import traitlets

from chatviz.views.page_module import module_style, static_text
from chatviz.views.view import View

__all__ = ["ViewWidget", "mime_bundle", "read_mount"]


class ViewWidget(anywidget.AnyWidget):
    """A module of chatviz with its data: what Python sets, the browser shows.

    Parameters
    ----------
    module : str
        ``"inspector"`` or ``"compare"``.
    data : object
        What it shows: JSON.
    """

    # Set inside the widget's shadow root: as _css it would style the whole notebook.
    css = traitlets.Unicode().tag(sync=True)
    data = traitlets.Any().tag(sync=True)

    def __init__(self, module: str, data: Any) -> None:
        self._esm = static_text(f"{module}.js")
        super().__init__(css=module_style(module), data=data)


def mime_bundle(view: View) -> dict[str, Any]:
    """Return what a notebook shows of a view: a live widget, and the view's HTML for the rest."""
    found = read_mount(view.mount)
    plain = {"text/html": view.html, "text/plain": view.sentence}
    if found is None:
        return plain
    bundle, _ = ViewWidget(*found)._repr_mimebundle_() or ({}, {})
    return {**bundle, **plain}


def read_mount(html: str) -> tuple[str, Any] | None:
    """Return the module that a view's script mounts, and its data; None where it has no script."""
    module, call = _MODULE.search(html), _CALL.search(html)
    if module is None or call is None:
        return None
    data, _ = json.JSONDecoder().raw_decode(html, call.end())
    return module[1], data


_MODULE: Final = re.compile(r"^/\* chatviz (\w+)\.js ", re.MULTILINE)
_CALL: Final = re.compile(r'^mountAt\("[^"]*", ', re.MULTILINE)
