"""Tables for spreadsheets, which run what looks like a formula."""

from __future__ import annotations

import re
from typing import Final

import pandas as pd

__all__ = ["guard_cells"]

# What spreadsheets take for the beginning of a formula, full-width signs included; white space
# before it is passed over by some, and a tab or a line break is itself refused by OWASP's list.
_FORMULA: Final = re.compile(r"[\t\r\n]|\s*[=+\-@\uff1d\uff0b\uff0d\uff20]")


def guard_cells(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table in which no text is a formula to a spreadsheet; numbers stay numbers.

    A model's answer may begin with anything. A text that a spreadsheet would run gets a ``'`` in
    front; the table that was given is changed.
    """
    texts = [name for name, kind in table.dtypes.items() if pd.api.types.is_object_dtype(kind)]
    texts += list(table.select_dtypes(["string", "category"]).columns)
    for name in dict.fromkeys(texts):
        table[name] = table[name].map(_guard_cell)
    return table


def _guard_cell(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and _FORMULA.match(cell) else cell
