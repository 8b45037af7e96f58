"""How a live widget is shown in a notebook without leaving a widget view in the saved file.

A saved widget view whose model is gone is an error in JupyterLab, and hides what is shown beside
it. So a cell holds no view but two outputs of plain HTML: an empty place, which the module of the
running widget fills (anywidget runs ``initialize`` for each model, shown or not), and a still
picture, which it hides while it runs. Without a kernel nobody fills the place, and the picture is
what remains.
"""

from __future__ import annotations

import os
from hashlib import sha256
from html import escape
from itertools import count
from typing import Any

from chatviz.views.drawing.text import show_text
from chatviz.views.view import View

__all__ = ["make_key", "place_bundle", "show", "still_bundle"]

_numbers = count()


def make_key() -> str:
    """Return a key that no other live widget of a page has.

    Jupyter tells a kernel its notebook; where it does not (nbclient, nbconvert) no browser looks,
    and the key is the same each time that the notebook is run.
    """
    session = os.environ.get("JPY_SESSION_NAME", "")
    whose = f"{session} {os.getpid()}" if session else ""
    return sha256(f"{whose} {next(_numbers)}".encode()).hexdigest()[:16]


def place_bundle(key: str, words: str) -> dict[str, Any]:
    """Return the empty place."""
    return {"text/html": f'<div data-chatviz-place="{key}"></div>', "text/plain": words}


def still_bundle(key: str, title: str, view: View | None) -> dict[str, Any]:
    """Return the picture that remains: a line that says what it is, and a view."""
    body = "" if view is None else view.html
    plain = title if view is None else f"{title}: {view.sentence}"
    head = f"<p>{escape(show_text(title))}</p>"
    html = f'<div data-chatviz-still="{key}">{head}{body}</div>'
    return {"text/html": html, "text/plain": plain}


def show(bundle: dict[str, Any]) -> Any:
    """Show it in the cell that runs; return the handle that updates it."""
    from IPython.display import display

    return display(bundle, raw=True, display_id=True)  # type: ignore[no-untyped-call]
