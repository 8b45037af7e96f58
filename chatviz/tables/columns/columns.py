"""What a table's columns are, written once: its frame, its dtypes and its docstring use it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

import numpy as np

__all__ = [
    "TIME_SOURCES",
    "Column",
    "DType",
    "TableColumns",
    "Values",
    "columns_from_rows",
]

DType: TypeAlias = Literal["Int64", "Float64", "boolean", "string", "category", "numbers"]
Values: TypeAlias = Sequence[Any] | np.ndarray[Any, Any]

TIME_SOURCES: Final = ("measured", "provider_clock", "recorder", "none")


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
class TableColumns:
    """A table before its frame is made: its columns, and the values of each.

    Attributes
    ----------
    columns : sequence of Column
    values : mapping of str to a sequence
        None and NaN are missing, and so is a whole number beyond 64 bits. A numpy array is taken as
        it is; of a column of categories it holds their numbers.
    """

    columns: Sequence[Column]
    values: Mapping[str, Values]


def columns_from_rows(
    columns: Sequence[Column], rows: Iterable[tuple[object, ...]]
) -> TableColumns:
    """Return a table of rows, each with a value for every column in their order."""
    whole = list(zip(*rows, strict=True)) or [()] * len(columns)
    names = (column.name for column in columns)
    return TableColumns(columns, dict(zip(names, whole, strict=True)))
