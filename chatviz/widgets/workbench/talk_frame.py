"""The lists of a workbench as tables: its recordings, and their conversations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from decimal import Decimal
from typing import Final

import pandas as pd

from chatviz.views.overview.rows import TalkRow
from chatviz.widgets.workbench.folder import ListedRecording

__all__ = ["recording_frame", "talk_frame"]

_UNITS: Final = {"cost": "cost_usd", "estimated": "estimated_cost_usd", "source": "recording"}
_COUNTS: Final = (
    *("number", "steps", "calls", "input_tokens", "output_tokens"),
    *("errors", "warnings", "notes"),
)
_NUMBERS: Final = ("cost_usd", "estimated_cost_usd", "first_token_s", "duration_s")


def recording_frame(recordings: Sequence[ListedRecording]) -> pd.DataFrame:
    """Return the list of recordings as a table."""
    columns = ("name", "state", "conversations", "answers", "reason")
    rows = [[getattr(one, column) for column in columns] for one in recordings]
    frame = pd.DataFrame(rows, columns=list(columns))
    return frame.astype({"conversations": "Int64", "answers": "Int64"})


def talk_frame(recordings: Sequence[ListedRecording]) -> pd.DataFrame:
    """Return the conversations that were read, one row for each."""
    names = [field.name for field in fields(TalkRow)]
    rows = [[_cell(getattr(row, name)) for name in names] for one in recordings for row in one.rows]
    frame = pd.DataFrame(rows, columns=[_UNITS.get(name, name) for name in names])
    kinds = dict.fromkeys(_COUNTS, "Int64") | dict.fromkeys(_NUMBERS, "Float64")
    return frame.astype(kinds)


def _cell(value: object) -> object:
    if isinstance(value, Decimal):
        return float(value)
    return " ".join(value) if isinstance(value, tuple) else value
