"""change_table: what changed between two recordings, one row for each change."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import pandas as pd

from chatviz.evidence.drift.change import LAYERS, WHAT, Change
from chatviz.tables.columns.columns import Column
from chatviz.tables.columns.frames import build_frame_from_rows

__all__ = ["CHANGE_COLUMNS", "change_table"]

CHANGE_COLUMNS: Final = (
    Column("layer", "category", "Where it changed.", LAYERS),
    Column("conversation", "Int64", "The conversation's number in the old recording, from 0."),
    Column("step", "Int64", "The step's number in its conversation, from 0."),
    Column("place", "string", "What changed: a field, a part, an argument, a number."),
    Column("what", "category", "How it changed.", WHAT),
    Column("old", "string", "What it was; none for what came."),
    Column("new", "string", "What it is; none for what went."),
)


def change_table(changes: Iterable[Change]) -> pd.DataFrame:
    """Build the table of what changed."""
    rows = (
        (one.layer, one.conversation, one.step, one.place, one.what, one.old, one.new)
        for one in changes
    )
    return build_frame_from_rows(CHANGE_COLUMNS, rows)
