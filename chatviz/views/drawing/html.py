"""HTML that survives sanitizers: a picture in an <img>, tables and lists; all text escaped."""

from __future__ import annotations

import re
from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import escape
from itertools import compress, pairwise
from typing import Final, TypeAlias

from chatviz.chat.findings.log import Finding, severity_rank
from chatviz.explanations import explain_all
from chatviz.views.drawing.text import cut_text, show_text

__all__ = [
    "Cell",
    "Fold",
    "MarkedText",
    "Table",
    "findings_html",
    "fold_html",
    "format_cell",
    "picture_html",
    "table_html",
]

Cell: TypeAlias = str | int | float | Decimal | None

MAX_OPEN_ROWS: Final = 12  # a longer table is folded
MAX_ROWS: Final = 200
MAX_CELL: Final = 4000  # characters
MAX_FINDINGS: Final = 50
_CELL: Final = re.compile("<(t[dh])>")
_LINE_END: Final = re.compile("\r\n|\r|\n")
_FENCE: Final = re.compile(r"^```\w*\n", re.MULTILINE)


class MarkedText(str):
    """A text with marks: the spans of what is marked in it, in order."""

    spans: tuple[tuple[int, int], ...]

    def __new__(cls, text: str, spans: Iterable[tuple[int, int]] = ()) -> MarkedText:
        """Return a text with marks."""
        made = super().__new__(cls, text)
        made.spans = tuple(spans)
        return made


@dataclass(frozen=True, slots=True)
class Table:
    """The numbers of a picture.

    Attributes
    ----------
    title : str
    columns : tuple of str
    rows : tuple of tuples
        Text, numbers, or None where something is not known.
    more : int
        How many rows there are besides, which are only counted.
    is_open : bool
        Whether it is never folded.
    is_prose: bool
        Whether its cells are words to be read, which stand at the left in every notebook.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    more: int = 0
    is_open: bool = False
    is_prose: bool = False


@dataclass(frozen=True, slots=True)
class Fold:
    """Tables that are folded away under a title, and open without a script.

    Attributes
    ----------
    title : str
    tables : tuple of Table
    note : str
        A sentence above them; ``""`` for none.
    """

    title: str
    tables: tuple[Table, ...]
    note: str = ""


def fold_html(fold: Fold) -> str:
    """Return tables that are folded away under their title."""
    inner = "".join(map(table_html, fold.tables))
    note = f"<p>{_escape(fold.note)}</p>" if fold.note else ""
    return f"<details><summary>{_escape(fold.title)}</summary>{note}{inner}</details>"


def picture_html(svg: str, sentence: str) -> str:
    """Return an SVG as an image that holds its own bytes, and scrolls where the page is narrow.

    Where an image is squeezed its text becomes too small to read: hence the scrolling. A sanitizer
    may take the style away; width and height are attributes, and stay.
    """
    data = b64encode(svg.encode()).decode()
    width, height = (svg.split(f'{name}="', 1)[1].split('"', 1)[0] for name in ("width", "height"))
    return (
        f'<div style="overflow-x:auto"><img width="{width}" height="{height}" '
        f'style="max-width:none" alt="{escape(show_text(sentence))}" '
        f'src="data:image/svg+xml;base64,{data}"></div>'
    )


def table_html(table: Table) -> str:
    """Return a table, folded where it is long, '' where it says nothing.

    A column in which nothing is known is left out; numbers stand to the right.
    """
    known = [
        any(row[place] is not None for row in table.rows) for place in range(len(table.columns))
    ]
    if sum(known) < 2:
        return ""
    head = "".join(f"<th>{_escape(name)}</th>" for name in compress(table.columns, known))
    body = "".join(
        f"<tr>{''.join(map(_cell, compress(row, known)))}</tr>" for row in table.rows[:MAX_ROWS]
    )
    total = len(table.rows) + table.more
    rest = total - min(len(table.rows), MAX_ROWS)
    if rest > 0:
        body += f'<tr><td colspan="{sum(known)}">… ({rest:,} more rows)</td></tr>'
    html = (
        f'<div style="overflow-x:auto"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )
    if table.is_prose:
        html = _CELL.sub(r'<\1 style="text-align:left">', html)
    if table.is_open or total <= MAX_OPEN_ROWS:
        return html
    shown = f"{total - rest:,} of {total:,}" if rest > 0 else f"{total:,}"
    summary = f"{_escape(table.title)} ({shown} rows)"
    return f"<details><summary>{summary}</summary>{html}</details>"


def findings_html(findings: Iterable[Finding]) -> str:
    """Return the errors and the warnings as a list, and the rest folded; '' for none.

    Each has its explanation folded below it.
    """
    worst_first = sorted(findings, key=severity_rank)
    told = Counter((one.severity, one.code, one.message) for one in worst_first)
    texts = explain_all(code for _, code, _ in told)
    items = {key: _item(*key, count, texts.get(key[1], "")) for key, count in told.items()}
    loud = [item for key, item in items.items() if key[0] != "info"]
    quiet = [item for key, item in items.items() if key[0] == "info"]
    html = _list(loud) if loud else ""
    if quiet:
        noun = "note" if len(quiet) == 1 else "notes"
        summary = f"{len(quiet):,} {noun} on the wire"
        html += f"<details><summary>{summary}</summary>{_list(quiet)}</details>"
    return html


def _item(severity: str, code: str, message: str, count: int, text: str) -> str:
    times = f" ({count} answers)" if count > 1 else ""
    why = f"<details><summary>{code}</summary>{_explanation(text)}</details>" if text else ""
    return f"<li><b>{severity}</b>: {_escape(message)}{times}{why}</li>"


def _explanation(text: str) -> str:
    """Return an explanation, in which Markdown's fences part words from code."""
    parts = _FENCE.split(text)
    tags = ("p", "pre")
    return "".join(
        f"<{tags[number % 2]}>{_escape(part.strip())}</{tags[number % 2]}>"
        for number, part in enumerate(parts)
        if part.strip()
    )


def _list(items: Sequence[str]) -> str:
    rest = len(items) - MAX_FINDINGS
    more = f"<li>… ({rest:,} more)</li>" if rest > 0 else ""
    return f"<ul>{''.join(items[:MAX_FINDINGS])}{more}</ul>"


def _cell(value: Cell) -> str:
    if isinstance(value, MarkedText):
        return f"<td>{_mark(value)}</td>"
    if value is None or isinstance(value, str):
        return f"<td>{_escape(value or '')}</td>"
    return f'<td align="right">{format_cell(value)}</td>'


def format_cell(value: int | float | Decimal) -> str:
    """Return a number as a table shows it: counts with commas, seconds to the millisecond."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return f"{value:,.3f}" if isinstance(value, float) else f"{value:,}"


def _mark(marked: MarkedText) -> str:
    """Return a text whose spans are marked; beyond a cell's length nothing is shown."""
    edges = [0, *(min(edge, MAX_CELL) for span in marked.spans for edge in span), MAX_CELL]
    parts = [_escape_part(marked[start:end]) for start, end in pairwise(edges)]
    told = (f"<mark>{part}</mark>" if n % 2 and part else part for n, part in enumerate(parts))
    rest = len(marked) - MAX_CELL
    return "".join(told) + (f"… ({rest:,} more characters)" if rest > 0 else "")


def _escape_part(text: str) -> str:
    """Return a part of a text, whose line ends are kept at both its ends, too."""
    return "<br>".join(escape(show_text(line)) for line in _LINE_END.split(text))


def _escape(text: str) -> str:
    lines = cut_text(text, MAX_CELL).splitlines()
    return "<br>".join(escape(show_text(line)) for line in lines)
