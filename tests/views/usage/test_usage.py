from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from chatviz.cassettes.reading import read_runs
from chatviz.views.usage.usage import usage


def texts(view: Any) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", view.svg)


def counted(streams: Any, **fields: Any) -> Any:
    said = streams.chunk({"content": "a"}, finish_reason="stop")
    return streams.read([said, streams.chunk(None, usage=fields)])


def test_the_seeds_are_counted_exactly(seeds: Any) -> None:
    view = usage([run for path in seeds for run in read_runs(path)])
    assert view.sentence == (
        "Usage: Fireworks: 493 input and 84 output tokens, 0.0005058 USD; "
        "Novita: 394 input and 88 output tokens, 0.0004564 USD."
    )
    rows = {row[0]: row for row in view.tables[0].rows}
    assert rows["Fireworks, step 1"][7:10] == (
        Decimal("0.0002635"), Decimal("0.000126"), Decimal("0.0001375")
    )  # fmt: skip
    assert rows["Fireworks, total"][7] == Decimal("0.0005058")
    assert {"$0.0002635", "$0.000126", "$0.0001375", "Novita, total"} <= set(texts(view))


def test_what_was_not_sent_is_missing_and_never_zero(streams: Any) -> None:
    view = usage([counted(streams, prompt_tokens=5), streams.long_text(2)])
    rows = view.tables[0].rows
    assert rows[0][1:7] == (5, None, None, None, None, None)
    assert rows[1][1:] == (None,) * 10
    assert {"no cost was sent", "no usage was sent"} <= set(texts(view))
    assert "0" not in texts(view)
    assert view.sentence == (
        "Usage: api.example.com 1: 5 input and an unknown number of output tokens, cost not known; "
        "api.example.com 2: tokens not known, cost not known."
    )


def test_a_free_answer_costs_zero(streams: Any) -> None:
    view = usage(counted(streams, prompt_tokens=5, completion_tokens=2, cost=0))
    assert "$0" in texts(view)
    assert view.sentence == "Usage: 5 input and 2 output tokens, 0 USD."


def test_an_amount_too_long_for_its_place_is_given_nearly_and_exactly_in_the_table(
    streams: Any,
) -> None:
    run = streams.read(
        [
            b'data: {"id":"x","choices":[],"usage":{"prompt_tokens":5,'
            b'"completion_tokens":2,"cost":0.000123456789012345}}\n\n'
        ]
    )
    view = usage(run)
    assert "≈$0.0001235" in texts(view)
    assert view.tables[0].rows[0][7] == Decimal("0.000123456789012345")


def test_many_answers_are_drawn_up_to_a_number(streams: Any) -> None:
    view = usage([counted(streams, prompt_tokens=n, completion_tokens=1) for n in range(40)])
    assert len(view.svg.encode()) <= 25_000
    assert "24 more rows in the table only." in texts(view)
    assert len(view.tables[0].rows) == 40


def test_nothing_to_show_is_said() -> None:
    assert usage([]).sentence == "Usage: no answers."
    assert "There are no answers to show." in texts(usage([]))


def test_only_findings_on_usage_and_cost_stand_below(seeds: Any, streams: Any) -> None:
    assert usage(read_runs(seeds.fireworks)).findings == ()
    codes = {finding.code for finding in usage(streams.long_text(2)).findings}
    assert codes == {"usage_missing"}
