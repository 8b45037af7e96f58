"""Tables: runs in, pandas DataFrames with fixed columns out."""

from __future__ import annotations

from typing import Final

from chatviz.tables.calls import argument_table, tool_call_table
from chatviz.tables.chunks import chunk_table
from chatviz.tables.columns.kinds import TableKind, kind_of_table
from chatviz.tables.conversations.cache import cache_table
from chatviz.tables.critical_path import critical_path_table
from chatviz.tables.definitions import definition_table
from chatviz.tables.deltas import delta_table
from chatviz.tables.findings import finding_table
from chatviz.tables.gaps import gap_table
from chatviz.tables.groups.scorecard import scorecard_table
from chatviz.tables.runs import run_table
from chatviz.tables.server_timing import server_timing_table
from chatviz.tables.timing import timing_table
from chatviz.tables.usage import usage_table

__all__ = [
    "argument_table",
    "cache_table",
    "chunk_table",
    "critical_path_table",
    "definition_table",
    "delta_table",
    "finding_table",
    "gap_table",
    "run_table",
    "scorecard_table",
    "server_timing_table",
    "timing_table",
    "tool_call_table",
    "usage_table",
]

TABLES: Final[dict[str, TableKind]] = {name: kind_of_table(globals()[name]) for name in __all__}
"""Every table by its name: what builds it, and its columns."""
