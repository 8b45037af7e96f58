"""save_html: a view as one page of its own, which asks nothing of any network."""

from __future__ import annotations

import os
from html import escape
from pathlib import Path
from typing import Final

from chatviz.views.drawing.text import cut_text, show_text
from chatviz.views.view import View
from chatviz.whole_files import write_whole

__all__ = ["page_html", "save_html"]

MAX_TITLE: Final = 200  # characters

# What the page holds it may show and run; nothing is fetched, sent or framed, whatever it holds.
POLICY: Final = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'"
)
STYLE: Final = (
    ":root{color-scheme:light dark}"
    "body{font:14px/1.5 system-ui,sans-serif;margin:1em auto;max-width:1600px;padding:0 1em}"
    "table{border-collapse:collapse}td,th{padding:.2em .6em;text-align:left;vertical-align:top}"
    "td[align=right]{text-align:right}tr{border-bottom:1px solid #8886}"
)


def save_html(view: View, path: str | os.PathLike[str]) -> None:
    """Save a view as one self-contained page.

    It needs no kernel and no network: no request leaves it. Where scripts run it is as interactive
    as in a notebook, but for the renderer ``"static"``. The page is written whole or not at all.

    Parameters
    ----------
    view : View
        What ``cv.inspect(runs)``, ``cv.compare(a, b)``, ``cv.timeline(runs)`` … return.
    path : str or path-like
        In a folder that exists; a file that is there is replaced.

    Raises
    ------
    TypeError
        It is no view; the message says how to make one.
    OSError
        The file cannot be written; the message names it and says why.
    """
    if not isinstance(view, View):
        raise TypeError(
            f"save_html(view, path) wants a View, found {type(view).__name__!r}: "
            "make one first, cv.save_html(cv.inspect(runs), path)."
        )
    place = Path(os.path.realpath(os.fspath(path)))
    try:
        write_whole(place, page_html(view).encode())
    except OSError as error:
        reason = f"the page cannot be written: {error.strerror}. Give a path to a file in a folder"
        raise type(error)(
            error.errno, f"{reason} that exists and that you may write to", os.fspath(path)
        ) from error


def page_html(view: View) -> str:
    """Return a view as a whole page."""
    title = escape(show_text(cut_text(view.sentence, MAX_TITLE)))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<title>{title}</title>\n<link rel="icon" href="data:,">\n<style>{STYLE}</style>\n'
        f"</head>\n<body>\n{view.html}\n</body>\n</html>\n"
    )
