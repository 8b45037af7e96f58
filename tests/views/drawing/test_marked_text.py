"""Texts with marks in a table's cells."""

from __future__ import annotations

from chatviz.views.drawing.html import MAX_CELL, MarkedText, Table, table_html


def cell(text: MarkedText) -> str:
    html = table_html(Table("t", ("a", "b"), (("x", text),)))
    return html.split("<td>x</td><td>", 1)[1].split("</td>", 1)[0]


def test_spans_are_marked_and_all_is_escaped() -> None:
    assert cell(MarkedText("a <b> c", ((2, 5),))) == "a <mark>&lt;b&gt;</mark> c"
    assert cell(MarkedText("plain")) == "plain"
    assert cell(MarkedText("\x1b[31m‮", ((0, 2),))) == "<mark>␛[</mark>31m\\u202e"


def test_lines_end_where_they_end_inside_and_beside_marks() -> None:
    assert cell(MarkedText("a\nb\n- c", ((4, 7),))) == "a<br>b<br><mark>- c</mark>"
    assert cell(MarkedText("a\r\nb", ((0, 3),))) == "<mark>a<br></mark>b"


def test_beyond_the_length_of_a_cell_nothing_is_shown() -> None:
    shown = cell(MarkedText("x" * (MAX_CELL + 5), ((MAX_CELL - 1, MAX_CELL + 2),)))
    assert shown == "x" * (MAX_CELL - 1) + "<mark>x</mark>… (5 more characters)"


def test_words_to_be_read_stand_at_the_left() -> None:
    html = table_html(Table("t", ("a", "b"), (("<td>", "y"),), is_prose=True))
    assert html.count('<td style="text-align:left">') == 2
    assert html.count('<th style="text-align:left">') == 2 and "&lt;td&gt;" in html
