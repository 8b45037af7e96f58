"""Tables of conversations, and the numbers of runs in the tables of a batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from chatviz.datasets.reading import OpenedFile
from chatviz.datasets.rows import Places, TableRows, Wanted
from chatviz.runs.conversation import Conversation
from chatviz.runs.run import StreamRun
from chatviz.tables.groups.rows import ROWS, is_taken_together

__all__ = ["RUN_NUMBERS", "linked_frame", "linked_rows", "renumber"]

RUN_NUMBERS: Final = ("run", "earlier_run")


def linked_frame(
    name: str,
    runs: Sequence[StreamRun],
    talks: Sequence[Conversation],
    options: Mapping[str, Any],
) -> pd.DataFrame:
    """Build a table of conversations; runs are numbered as they are given, not talk by talk."""
    build = ROWS[name].build
    if name == "finding_table":
        own = build(talks, **options)
        return pd.concat([own[own["run"].isna()], build(runs, **options)], ignore_index=True)
    places = {id(run): place for place, run in enumerate(runs)}
    order = np.array([places[id(run)] for talk in talks for run in talk.runs], np.int64)
    return renumber(build(talks, **options), order)


def renumber(frame: pd.DataFrame, numbers: Places) -> pd.DataFrame:
    """Return a table with another number for each run: ``numbers[old]``; missing stays missing."""
    changed = {
        name: pd.arrays.IntegerArray(
            np.where(frame[name].isna(), 0, numbers[frame[name].to_numpy(np.int64, na_value=0)])
            if len(numbers)
            else np.zeros(len(frame), np.int64),
            frame[name].isna().to_numpy(bool),
        )
        for name in RUN_NUMBERS
        if name in frame
    }
    return frame.assign(**changed)


def linked_rows(
    want: Wanted, opened: Sequence[OpenedFile], talks: Sequence[Sequence[Conversation]]
) -> TableRows:
    """Build the rows of a table of conversations, file by file: they are within a file."""
    if is_taken_together(want.name):  # each conversation alone, whatever is before it
        runs = [run for one in opened for run in one.runs]
        run_files = np.repeat(np.arange(len(opened)), [len(one.runs) for one in opened])
        frame = linked_frame(want.name, runs, [one for its in talks for one in its], {})
        return TableRows(frame, run_files[frame["run"].to_numpy(np.int64)])
    frames, files, before = [], [], 0
    for place, (one, its_talks) in enumerate(zip(opened, talks, strict=True)):
        if one.runs:
            frame = linked_frame(want.name, one.runs, its_talks, want.options)
            if len(frame):
                frames.append(renumber(frame, np.arange(len(one.runs)) + before))
                files.append(np.full(len(frame), place))
        before += len(one.runs)
    if not frames:
        return TableRows(ROWS[want.name].build((), **want.options), np.zeros(0, np.int64))
    return TableRows(pd.concat(frames, ignore_index=True), np.concatenate(files))
