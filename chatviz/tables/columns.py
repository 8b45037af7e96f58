"""What a table's columns are, written once: its frame, its dtypes and its docstring use it."""

from __future__ import annotations

import functools
import inspect
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias, TypeVar, cast

import numpy as np
import pandas as pd

__all__ = [
    "TIME_SOURCES",
    "Column",
    "DType",
    "TableKind",
    "build_frame",
    "build_frame_from_rows",
    "escape_surrogates",
    "kind_of_table",
    "with_columns",
]

DType: TypeAlias = Literal["Int64", "Float64", "boolean", "string", "category", "numbers"]
Values: TypeAlias = Sequence[Any] | np.ndarray[Any, Any]
F = TypeVar("F", bound=Callable[..., pd.DataFrame])

TIME_SOURCES: Final = ("measured", "provider_clock", "recorder", "none")
_WHOLE: Final = np.iinfo(np.int64)
_STRING: Final = pd.StringDtype("python")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    name : str
        With its unit where it has one: ``at_s``, ``size_bytes``, ``cost_usd``.
    dtype : str
        ``"Int64"``, ``"Float64"``, ``"boolean"``, ``"string"`` or ``"category"``; ``"numbers"``
        is an array of floats in each row, in tables that are stored and no one's frame.
    meaning : str
        One sentence, as it is in the table's docstring.
    categories : tuple of str
        All values that a column of categories can have, in their order.
    """

    name: str
    dtype: DType
    meaning: str
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TableKind:
    """A table by its name: the function that builds it from runs, and its columns."""

    name: str
    build: Callable[..., pd.DataFrame]
    columns: tuple[Column, ...]


_KINDS: Final[dict[Callable[..., Any], TableKind]] = {}


def with_columns(columns: Sequence[Column]) -> Callable[[F], F]:
    """Return a decorator that makes a table of a function that builds a frame from runs.

    It writes a section ``Columns`` at the end of the docstring. What is handed to the table and
    builds its tables itself (``build_table(name, **options)``: a data set) is asked to do so.
    """

    def decorate(table: F) -> F:
        name = table.__name__
        if table.__doc__ is not None:  # python -OO has none
            told = "\n".join(_describe(column) for column in columns)
            table.__doc__ = f"{inspect.cleandoc(table.__doc__)}\n\nColumns\n-------\n{told}\n"

        @functools.wraps(table)
        def build(*given: Any, **options: Any) -> pd.DataFrame:
            build_itself = getattr(given[0], "build_table", None) if given else None
            if build_itself is not None:
                return cast("pd.DataFrame", build_itself(name, **options))
            return table(*given, **options)

        _KINDS[build] = TableKind(name, table, tuple(columns))
        return cast("F", build)

    return decorate


def kind_of_table(table: Callable[..., Any]) -> TableKind:
    """Return what a table is: its name, what builds it, and its columns."""
    return _KINDS[table]


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
    whole = list(zip(*rows, strict=True)) or [()] * len(columns)
    names = (column.name for column in columns)
    return build_frame(columns, dict(zip(names, whole, strict=True)))


def escape_surrogates(text: str) -> str:
    r"""Return a text that can be written: both halves of a pair joined, a lone one as ``\udc00``.

    Servers send halves of characters (``"\ud83d"``), which no file, page or terminal can hold.
    All texts in tables pass through here.
    """
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return whole.encode("utf-8", "backslashreplace").decode()


def _describe(column: Column) -> str:
    kinds = ", ".join(repr(name) for name in column.categories)
    meaning = f"{column.meaning} One of {kinds}." if kinds else column.meaning
    return f"{column.name} : {column.dtype}\n    {meaning}"


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
