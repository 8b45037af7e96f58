"""How values become columns: what is missing, what is too big, and what cannot be written."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from chatviz.tables.columns.columns import Column, TableColumns, columns_from_rows
from chatviz.tables.columns.frames import build_frame, build_frame_from_rows, escape_surrogates
from chatviz.tables.columns.kinds import with_columns


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("\udc00", "\\udc00"),
        ("a\ud83db", "a\\ud83db"),
        ("\ud83d\ude00", "😀"),
        ("😀 é", "😀 é"),
        ("\\udc00", "\\udc00"),
    ],
)
def test_lone_surrogates_are_escaped_and_pairs_are_joined(text, shown):
    assert escape_surrogates(text) == shown


def test_one_text_with_a_surrogate_leaves_the_others_as_they_are():
    table = build_frame([Column("t", "string", "")], {"t": ["é", None, "\udc00", ""]})
    assert table["t"].fillna("missing").tolist() == ["é", "missing", "\\udc00", ""]


def test_what_is_missing_is_missing_in_every_dtype_and_never_0():
    columns = [
        Column("whole", "Int64", ""),
        Column("number", "Float64", ""),
        Column("answer", "boolean", ""),
        Column("text", "string", ""),
        Column("kind", "category", "", ("a", "b")),
    ]
    table = build_frame_from_rows(columns, [(1, 2.5, True, "x", "b"), (None,) * 5])
    assert table.iloc[0].tolist() == [1, 2.5, True, "x", "b"]
    assert table.iloc[1].isna().all()
    assert table.to_csv(index=False) == "whole,number,answer,text,kind\n1,2.5,True,x,b\n,,,,\n"
    assert repr(table).count("<NA>") == 5


def test_a_false_answer_is_not_a_missing_one():
    table = build_frame([Column("is_valid", "boolean", "")], {"is_valid": [False, None, True]})
    assert table["is_valid"].isna().tolist() == [False, True, False]
    assert table["is_valid"].fillna(True).tolist() == [False, True, True]


def test_a_whole_number_beyond_64_bits_is_missing():
    values = [2**63 - 1, 2**63, -(2**63), -(2**63) - 1]
    table = build_frame([Column("n", "Int64", "")], {"n": values})
    assert table["n"].isna().tolist() == [False, True, False, True]
    assert table["n"].dropna().tolist() == [2**63 - 1, -(2**63)]


def test_numpy_columns_are_taken_as_they_are():
    columns = [Column("n", "Int64", ""), Column("k", "category", "", ("a", "b"))]
    values = {"n": np.array([1, 2], np.uint32), "k": np.array([1, -1], np.int8)}
    table = build_frame(columns, values)
    assert table["n"].tolist() == [1, 2]
    assert table["k"].astype("string").fillna("missing").tolist() == ["b", "missing"]


def test_a_word_that_is_no_category_is_missing():
    table = build_frame([Column("k", "category", "", ("a",))], {"k": ["a", "z"]})
    assert table["k"].isna().tolist() == [False, True]


def test_a_row_of_the_wrong_length_is_an_error():
    with pytest.raises(ValueError, match="zip"):
        build_frame_from_rows([Column("a", "Int64", ""), Column("b", "Int64", "")], [(1,)])


def test_a_table_without_docstring_stays_without():
    def table() -> TableColumns:
        return columns_from_rows(columns, [(1,)])

    columns = [Column("a", "Int64", "A.")]
    built = with_columns(columns)(table)
    assert built.__doc__ is None
    assert built()["a"].tolist() == [1]


def test_a_table_says_that_it_returns_a_frame():
    @with_columns([Column("a", "Int64", "What it is.")])
    def table(number: int, *, twice: bool = False) -> TableColumns:
        """Return a table."""
        return columns_from_rows([Column("a", "Int64", "")], [(number,)] * (1 + twice))

    signature = "(number: 'int', *, twice: 'bool' = False) -> 'pd.DataFrame'"
    assert str(inspect.signature(table)) == signature
    assert table.__doc__ == "Return a table.\n\nColumns\n-------\na : Int64\n    What it is.\n"
    assert table(3, twice=True)["a"].tolist() == [3, 3]
