"""TableKind: a table by its name; ``with_columns`` makes a table of what takes its columns.

Pandas is loaded when the first frame is made: a process that hands columns on needs none.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, ParamSpec, cast

from chatviz.tables.columns.columns import Column, TableColumns

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["TableKind", "frame_of", "kind_of_table", "with_columns"]

P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class TableKind:
    """A table by its name: the function that takes its columns from runs, and what they are."""

    name: str
    collect: Callable[..., TableColumns]
    columns: tuple[Column, ...]

    def build(self, *given: Any, **options: Any) -> pd.DataFrame:
        """Return the table."""
        return frame_of(self.collect(*given, **options))


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
            return frame_of(collect(*given, **options))

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


def frame_of(table: TableColumns) -> pd.DataFrame:
    """Return the frame of a table's columns."""
    from chatviz.tables.columns.frames import build_frame

    return build_frame(table.columns, table.values)


def _describe(column: Column) -> str:
    kinds = ", ".join(repr(name) for name in column.categories)
    meaning = f"{column.meaning} One of {kinds}." if kinds else column.meaning
    return f"{column.name} : {column.dtype}\n    {meaning}"
