"""save_html: a view as one page of its own, which asks nothing of any network."""

from __future__ import annotations

import os
from html import escape
from pathlib import Path
from typing import Final, Protocol

from chatviz.views.drawing.text import cut_text, show_text
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
    "table{border-collapse:collapse;margin:0 0 1em}summary{margin:.3em 0}"
    "td,th{padding:.2em .6em;text-align:left;vertical-align:top}"
    "h1{font-size:1.3em;margin:0 0 .4em}.note{max-width:70em}"
    "td[align=right]{text-align:right}tr{border-bottom:1px solid #8886}"
)


class _PageContent(Protocol):
    """What a page needs of a view."""

    @property
    def sentence(self) -> str: ...
    @property
    def html(self) -> str: ...


def save_html(
    view: _PageContent, path: str | os.PathLike[str], *, title: str = "", note: str = ""
) -> None:
    """Save a view as one self-contained page: the same as ``view.save(path)``.

    It needs no kernel and no network: no request leaves it. Where scripts run it is as interactive
    as in a notebook, but for the renderer ``"static"``. The page is written whole or not at all.

    Parameters
    ----------
    view : View
        What ``cv.inspect(runs)``, ``cv.compare(a, b)``, ``cv.timeline(runs)`` … return.
    path : str or path-like
        In a folder that exists; a file that is there is replaced.
    title : str
        The page's title, which is also its heading; the view's sentence where there is none.
    note : str
        Words of your own above the view, as plain text; empty lines part paragraphs.

    Raises
    ------
    TypeError
        It is no view; the message says how to make one.
    OSError
        The file cannot be written; the message names it and says why.
    """
    if not hasattr(type(view), "make_mount"):
        raise TypeError(
            f"save_html(view, path) wants a View, found {type(view).__name__!r}: "
            "make one first, cv.save_html(cv.inspect(runs), path)."
        )
    place = Path(os.path.realpath(os.fspath(path)))
    try:
        write_whole(place, page_html(view, title, note).encode())
    except OSError as error:
        reason = f"the page cannot be written: {error.strerror}. Give a path to a file in a folder"
        raise type(error)(
            error.errno, f"{reason} that exists and that you may write to", os.fspath(path)
        ) from error


def page_html(view: _PageContent, title: str = "", note: str = "") -> str:
    """Return a view as a whole page."""
    shown = _plain(cut_text(title or view.sentence, MAX_TITLE))
    heading = f"<h1>{_plain(title)}</h1>\n" if title else ""
    paragraphs = [one.strip().splitlines() for one in note.split("\n\n") if one.strip()]
    words = "".join(f"<p class=note>{'<br>'.join(map(_plain, one))}</p>\n" for one in paragraphs)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<title>{shown}</title>\n<link rel="icon" href="data:,">\n<style>{STYLE}</style>\n'
        f"</head>\n<body>\n{heading}{words}{view.html}\n</body>\n</html>\n"
    )


def _plain(text: str) -> str:
    return escape(show_text(text))
