"""What a scorecard counts of each answer, as a frame, of which one by any grouping is made."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from chatviz.measures.scoring.facts import AnswerFacts, Charge, read_facts
from chatviz.runs.given_runs import Runs, each_conversation
from chatviz.tables.columns.columns import Column, TableColumns, columns_from_rows

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ANSWER_COLUMNS", "collect_answers", "facts_of"]

_CHARGES: Final = ("total", "input", "output")

ANSWER_COLUMNS: Final = (
    Column("run", "Int64", "The run's number."),
    Column("model", "string", "The model that the answer names, else the one asked for."),
    Column("host", "string", "The server in the URL; none where it is not known."),
    Column("provider", "string", "Who answered; none where it is not known."),
    Column("dialect", "string", "How the answer speaks."),
    Column("source", "string", "The recording that it comes from."),
    Column("refused", "boolean", "Whether its HTTP status is 400 or more."),
    Column("has_warning", "boolean", "Whether a finding is a warning, not of the recording."),
    Column("has_error", "boolean", "Whether a finding is an error, not of the recording."),
    Column(
        "finish_reason",
        "string",
        "Why it ended; none where it does not say. Where its choices ended differently, a line for "
        "each reason.",
    ),
    Column("calls", "Int64", "Calls of tools whose JSON Schema can be used."),
    Column("right_calls", "Int64", "Those whose arguments are whole and keep to it."),
    Column("cached", "boolean", "Whether a cache gave something; none where it could not."),
    Column("adds_up", "boolean", "Whether total tokens are input and output; none if not sent."),
    *(
        column
        for name in _CHARGES
        for column in (
            Column(f"{name}_usd", "string", f"What was charged ({name}), an exact decimal."),
            Column(f"{name}_tokens", "Int64", "The tokens that it is for."),
        )
    ),
    Column("first_token_s", "Float64", "Seconds to the first token, as measured."),
    Column("tokens_per_s", "Float64", "Tokens per second once they came, as measured."),
    Column("gaps_s", "numbers", "Seconds between its chunks, as measured; else none of them."),
)


def collect_answers(runs: Runs) -> TableColumns:
    """Return the ``ANSWER_COLUMNS``: a row for each answer, conversation by conversation.

    Conversations that come one by one are gone through, and not held.
    """
    facts = (one for talk in each_conversation(runs) for one in read_facts(talk))
    rows = (_row(number, one) for number, one in enumerate(facts))
    return columns_from_rows(ANSWER_COLUMNS, rows)


def facts_of(answers: pd.DataFrame) -> Iterator[AnswerFacts]:
    """Yield the facts that a frame of ``ANSWER_COLUMNS`` holds, row by row."""
    names = [column.name for column in ANSWER_COLUMNS[1:]]
    columns = [
        [None if missing else value for value, missing in zip(column, column.isna(), strict=True)]
        for column in (answers[name] for name in names[:-1])
    ]
    for row in zip(*columns, answers["gaps_s"], strict=True):
        texts, marks, ended, counts = row[:5], row[5:8], row[8], row[9:13]
        charges, times = row[13:19], row[19:]
        charged = (_charge(*charges[at : at + 2]) for at in (0, 2, 4))
        known = (text or "" for text in texts)
        yield AnswerFacts._make((*known, *marks, _reasons(ended), *counts, *charged, *times))


def _row(number: int, one: AnswerFacts) -> tuple[object, ...]:
    charges = (value for charge in one[13:16] for value in _told(charge))
    texts = (text or None for text in one[:5])
    ended, gaps_s = _lines(one.finish_reasons), np.asarray(one.gaps_s, np.float64)
    return (number, *texts, *one[5:8], ended, *one[9:13], *charges, *one[16:18], gaps_s)


def _lines(reasons: tuple[str | None, ...]) -> str | None:
    """Return finish reasons as lines of one text, an empty one for none beside others."""
    return "\n".join((one or "").replace("\n", " ") for one in reasons) or None


def _reasons(lines: str | None) -> tuple[str | None, ...]:
    return (None,) if lines is None else tuple(one or None for one in lines.split("\n"))


def _told(charge: Charge | None) -> tuple[str | None, int | None]:
    return (None, None) if charge is None else (str(charge.usd), charge.tokens)


def _charge(usd: Any, tokens: Any) -> Charge | None:
    return None if usd is None or tokens is None else Charge(Decimal(usd), tokens)
