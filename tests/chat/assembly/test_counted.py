"""What was counted: the last as a whole, or the last of each field."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from chatviz.chat.assembly.counted import AnswerUsage
from chatviz.chat.deltas import UsageDelta
from chatviz.chat.findings.log import FindingLog
from chatviz.chat.usage import Cost, Usage


def read(fields: Mapping[str, Any]) -> Usage:
    return Usage(fields.get("in"), fields.get("out"), sent=json.dumps(dict(fields)))


def counted(*sent: Mapping[str, Any], whole: bool = False) -> tuple[AnswerUsage, list[str]]:
    usage, log = AnswerUsage(), FindingLog()
    for chunk, fields in enumerate(sent):
        usage.take(UsageDelta(read(fields), merge="whole" if whole else "fields"), chunk, log)
    return usage, [found.code for found in log.findings()]


def test_nothing_counted_is_none() -> None:
    assert AnswerUsage().known(read) is None


@pytest.mark.parametrize(
    ("sent", "numbers"),
    [
        ([{"in": 7}], (7, None)),
        ([{"in": 7, "out": 1}, {"out": 9}], (7, 9)),
        ([{"in": 7, "out": 1}, {"in": 0, "out": 2}], (0, 2)),
        ([{"in": 7, "out": 1}, {"in": None, "out": 2}], (7, 2)),
    ],
)
def test_of_fields_each_that_was_sent_last_counts_zeros_and_no_null(
    sent: list[Any], numbers: tuple[int | None, ...]
) -> None:
    usage, codes = counted(*sent)
    known = usage.known(read)
    assert known is not None
    assert (known.input_tokens, known.output_tokens) == numbers
    assert codes == []


def test_fields_that_nobody_can_read_count_as_a_whole() -> None:
    usage, _ = counted({"in": 7, "out": 1}, {"out": 9})
    assert usage.known(None) == read({"out": 9})


def test_of_wholes_the_last_counts_and_a_change_is_found() -> None:
    usage, codes = counted({"in": 7}, {"in": 7}, {"out": 9}, whole=True)
    assert usage.known(read) == read({"out": 9})
    assert sorted(codes) == ["usage_changed", "usage_repeated"]


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        (Usage(9, 1), Usage(9, 2), "usage_running"),
        (Usage(9, 1, sent="a"), Usage(9, 1, sent="b"), "usage_running"),
        (Usage(9), Usage(9, 1, total_tokens=10), "usage_running"),
        (Usage(9, cost=Cost(Decimal(1))), Usage(9, cost=Cost(Decimal(2))), "usage_running"),
        (Usage(9), Usage(9, cost=Cost(Decimal(0))), "usage_running"),
        (Usage(4, 0), Usage(3, 11), "usage_changed"),
        (Usage(9, 1), Usage(9), "usage_changed"),
        (Usage(9, cost=Cost(Decimal(2))), Usage(9, cost=Cost(Decimal(1))), "usage_changed"),
        (Usage(9, cost=Cost(Decimal(0))), Usage(9), "usage_changed"),
    ],
)
def test_a_running_total_is_no_change(before: Usage, after: Usage, code: str) -> None:
    """xAI sends usage with every chunk; Gemini's prompt falls from 4 to 3 in the last one."""
    usage, log = AnswerUsage(), FindingLog()
    usage.take(UsageDelta(before), 0, log)
    usage.take(UsageDelta(after), 1, log)
    assert usage.known(read) == after
    assert [found.code for found in log.findings()] == [code]


@pytest.mark.parametrize(("sent", "raw"), [("", {}), ("[1]", {}), ('{"a":NaN}', ["a"])])
def test_what_was_sent_is_decoded_on_demand(sent: str, raw: Any) -> None:
    assert list(Usage(sent=sent).raw) == list(raw)
