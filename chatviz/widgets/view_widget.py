"""ViewWidget: an interactive view as an anywidget, by the same module that a page inlines."""

from __future__ import annotations

from typing import Any

import anywidget
import traitlets

from chatviz.views.page_module import Mount
from chatviz.views.view import View, html_bundle
from chatviz.widgets.traits import shared

__all__ = ["ViewWidget", "widget_bundle"]


class ViewWidget(anywidget.AnyWidget):
    """A module of chatviz with its data: what Python sets, the browser shows.

    Parameters
    ----------
    mount : Mount
        The module, and what it shows.
    """

    # Set inside the widget's shadow root: as _css it would style the whole notebook.
    css = shared(traitlets.Unicode())
    data = shared(traitlets.Any())

    def __init__(self, mount: Mount) -> None:
        self._esm = mount.module.code
        super().__init__(css=mount.module.style, data=mount.data)


def widget_bundle(view: View) -> dict[str, Any]:
    """Return what a notebook shows of a view: a live widget, and the view's HTML for the rest."""
    mount = view.mount
    if mount is None:
        return html_bundle(view)
    bundle, _ = ViewWidget(mount)._repr_mimebundle_() or ({}, {})
    return {**bundle, **html_bundle(view)}
