"""What a table is made of, part by part: its own rows, or those that are taken together in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from chatviz.tables import TABLES
from chatviz.tables.columns.kinds import TableKind, frame_of
from chatviz.tables.groups.answers import ANSWER_COLUMNS, collect_answers
from chatviz.tables.groups.scorecard import score_answers

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ROWS", "finish_table", "is_taken_together"]

_TAKEN_TOGETHER: Final = {
    "scorecard_table": TableKind("scorecard_table", collect_answers, ANSWER_COLUMNS),
}
ROWS: Final[dict[str, TableKind]] = {**TABLES, **_TAKEN_TOGETHER}
"""For each table the kind of rows that is made of some recordings, whatever the others hold."""


def is_taken_together(name: str) -> bool:
    """Whether a table is made of the rows of all recordings; its options are asked for then."""
    return name in _TAKEN_TOGETHER


def finish_table(name: str, rows: pd.DataFrame, options: Mapping[str, Any]) -> pd.DataFrame:
    """Return a table of all its ``ROWS``."""
    return frame_of(score_answers(rows, **options)) if is_taken_together(name) else rows
