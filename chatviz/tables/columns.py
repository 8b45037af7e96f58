"""What a table's columns are, written once: its frame, its dtypes and its docstring use it.

Pandas is loaded when the first frame is made: a process that hands columns on needs none.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, ParamSpec, TypeAlias, cast

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "TIME_SOURCES",
    "Column",
    "DType",
    "TableColumns",
    "TableKind",
    "Values",
    "columns_from_rows",
    "kind_of_table",
    "with_columns",
]

DType: TypeAlias = Literal["Int64", "Float64", "boolean", "string", "category", "numbers"]
Values: TypeAlias = Sequence[Any] | np.ndarray[Any, Any]
P = ParamSpec("P")

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

    def frame(self) -> pd.DataFrame:
        """Return the table."""
        from chatviz.tables.frames import build_frame

        return build_frame(self.columns, self.values)


@dataclass(frozen=True, slots=True)
class TableKind:
    """A table by its name: the function that takes its columns from runs, and what they are."""

    name: str
    collect: Callable[..., TableColumns]
    columns: tuple[Column, ...]

    def build(self, *given: Any, **options: Any) -> pd.DataFrame:
        """Return the table."""
        return self.collect(*given, **options).frame()


_KINDS: Final[dict[Callable[..., Any], TableKind]] = {}


def with_columns(
    columns: Sequence[Column],
) -> Callable[[Callable[P, TableColumns]], Callable[P, pd.DataFrame]]:
    """Return a decorator that makes a table of a function that takes its columns from runs.

    It writes a section ``Columns`` at the end of the docstring. What is handed to the table and
    builds its tables itself (``build_table(name, **options)``: a data set) is asked to do so.
    """

    def decorate(collect: Callable[P, TableColumns]) -> Callable[P, pd.DataFrame]:
        name = collect.__name__
        if collect.__doc__ is not None:  # python -OO has none
            told = "\n".join(_describe(column) for column in columns)
            collect.__doc__ = f"{inspect.cleandoc(collect.__doc__)}\n\nColumns\n-------\n{told}\n"

        @functools.wraps(collect)
        def build(*given: P.args, **options: P.kwargs) -> pd.DataFrame:
            build_itself = getattr(given[0], "build_table", None) if given else None
            if build_itself is not None:
                return cast("pd.DataFrame", build_itself(name, **options))
            return collect(*given, **options).frame()

        build.__annotations__["return"] = "pd.DataFrame"
        build.__signature__ = inspect.signature(collect).replace(  # type: ignore[attr-defined]
            return_annotation="pd.DataFrame"
        )
        _KINDS[build] = TableKind(name, collect, tuple(columns))
        return build

    return decorate


def kind_of_table(table: Callable[..., Any]) -> TableKind:
    """Return what a table is: its name, what builds it, and its columns."""
    return _KINDS[table]


def columns_from_rows(
    columns: Sequence[Column], rows: Iterable[tuple[object, ...]]
) -> TableColumns:
    """Return a table of rows, each with a value for every column in their order."""
    whole = list(zip(*rows, strict=True)) or [()] * len(columns)
    names = (column.name for column in columns)
    return TableColumns(columns, dict(zip(names, whole, strict=True)))


def _describe(column: Column) -> str:
    kinds = ", ".join(repr(name) for name in column.categories)
    meaning = f"{column.meaning} One of {kinds}." if kinds else column.meaning
    return f"{column.name} : {column.dtype}\n    {meaning}"
