"""Columns come in, a pandas DataFrame with their dtypes goes out."""

from __future__ import annotations

import functools
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from chatviz.tables.columns.columns import Column, DType, Values, columns_from_rows

__all__ = ["build_frame", "build_frame_from_rows", "escape_surrogates"]

_WHOLE: Final = np.iinfo(np.int64)
_STRING: Final = pd.StringDtype("python")


def build_frame(columns: Sequence[Column], values: Mapping[str, Values]) -> pd.DataFrame:
    """Build a table, at once, from its columns.

    Parameters
    ----------
    columns : sequence of Column
    values : mapping of str to a sequence
        The values of each column. None and NaN are missing, and so is a whole number beyond 64
        bits. A numpy array is taken as it is; of a column of categories it holds their numbers.
    """
    return pd.DataFrame(
        {column.name: _BUILDERS[column.dtype](column, values[column.name]) for column in columns},
        copy=False,
    )


def build_frame_from_rows(
    columns: Sequence[Column], rows: Iterable[tuple[object, ...]]
) -> pd.DataFrame:
    """Build a table from rows, each with a value for every column in their order."""
    return build_frame(columns, columns_from_rows(columns, rows).values)


def escape_surrogates(text: str) -> str:
    r"""Return a text that can be written: both halves of a pair joined, a lone one as ``\udc00``.

    Servers send halves of characters (``"\ud83d"``), which no file, page or terminal can hold.
    All texts in tables pass through here.
    """
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return whole.encode("utf-8", "backslashreplace").decode()


def _build_whole_numbers(column: Column, values: Values) -> pd.api.extensions.ExtensionArray:
    if isinstance(values, np.ndarray | array):
        numbers = np.asarray(values).astype(np.int64)
        return pd.arrays.IntegerArray(numbers, np.zeros(len(numbers), bool))
    fits = [value is not None and _WHOLE.min <= value <= _WHOLE.max for value in values]
    numbers = np.array([v if fit else 0 for v, fit in zip(values, fits, strict=True)], np.int64)
    return pd.arrays.IntegerArray(numbers, ~np.array(fits, bool))


def _build_numbers(column: Column, values: Values) -> pd.api.extensions.ExtensionArray:
    numbers = np.array(values, np.float64)  # None becomes NaN
    return pd.arrays.FloatingArray(numbers, np.isnan(numbers))


def _build_answers(column: Column, values: Values) -> pd.api.extensions.ExtensionArray:
    missing = np.array([value is None for value in values], bool)
    return pd.arrays.BooleanArray(np.array([value is True for value in values], bool), missing)


def _build_texts(column: Column, values: Values) -> pd.api.extensions.ExtensionArray:
    texts: Values = values
    try:
        "".join([text for text in values if text is not None]).encode()
    except UnicodeEncodeError:
        texts = [None if text is None else escape_surrogates(text) for text in values]
    return pd.array(np.array(texts, object), dtype=_STRING)


def _build_categories(column: Column, values: Values) -> pd.Categorical:
    dtype = _category_dtype(column.categories)
    if not isinstance(values, np.ndarray):
        numbers = {name: number for number, name in enumerate(column.categories)}
        values = np.array([numbers.get(value, -1) for value in values], np.int8)
    return pd.Categorical.from_codes(values, dtype=dtype)


def _build_arrays(column: Column, values: Values) -> np.ndarray[Any, Any]:
    arrays = np.empty(len(values), object)
    for place, one in enumerate(values):  # assigned at once, arrays of one length were a matrix
        arrays[place] = one
    return arrays


@functools.cache  # the columns are few
def _category_dtype(categories: tuple[str, ...]) -> pd.CategoricalDtype:
    # Categories that are pandas strings show what is missing as <NA>, in pandas 2 and 3 alike.
    return pd.CategoricalDtype(pd.Index(list(categories), dtype=_STRING))


_BUILDERS: Final[Mapping[DType, Callable[[Column, Values], Any]]] = {
    "Int64": _build_whole_numbers,
    "Float64": _build_numbers,
    "boolean": _build_answers,
    "string": _build_texts,
    "category": _build_categories,
    "numbers": _build_arrays,
}
