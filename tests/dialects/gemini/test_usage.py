"""Usage of Gemini: what is input and what is output, and that the last snapshot counts."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from chatviz.chat.usage import Usage
from chatviz.dialects.gemini.usage import read_raw_usage, read_usage
from chatviz.runs.run import StreamRun
from tests.dialects.gemini.chunks_made import chunk, codes, stream, text

Read = Callable[..., StreamRun]
NAMES = ("input_tokens", "output_tokens", "cache_read_tokens", "reasoning_tokens", "total_tokens")


def numbers(usage: Usage | None) -> tuple[int | None, ...]:
    assert usage is not None
    assert usage.cache_creation_tokens is None
    return tuple(getattr(usage, name) for name in NAMES)


@pytest.mark.parametrize(
    ("counts", "wanted"),
    [
        ({}, (None, None, None, None, None)),
        ({"trafficType": "ON_DEMAND"}, (None, None, None, None, None)),
        ({"promptTokenCount": 5, "candidatesTokenCount": 2, "totalTokenCount": 7},
         (5, 2, None, None, 7)),
        ({"promptTokenCount": 5, "candidatesTokenCount": 2, "thoughtsTokenCount": 3,
          "totalTokenCount": 10}, (5, 5, None, 3, 10)),
        ({"promptTokenCount": 5, "thoughtsTokenCount": 3, "totalTokenCount": 8},
         (5, 3, None, 3, 8)),
        ({"promptTokenCount": 5, "toolUsePromptTokenCount": 4, "cachedContentTokenCount": 3},
         (9, None, 3, None, None)),
        ({"toolUsePromptTokenCount": 4}, (4, None, None, None, None)),
        ({"promptTokenCount": 0, "totalTokenCount": 0}, (0, None, None, None, 0)),
    ],
)  # fmt: skip
def test_counts_are_put_together(counts: dict[str, Any], wanted: tuple[int | None, ...]) -> None:
    """Thoughts are output, what tools brought into the prompt is input, cached tokens are in it."""
    sent = json.dumps(counts)
    assert numbers(read_usage(counts, sent)) == wanted
    assert read_raw_usage(sent.encode()) == read_usage(counts, sent)


@pytest.mark.parametrize("odd", ["5", None, True, [], 2**70, 1.5, -(2**70)])
def test_a_count_that_is_no_whole_number_is_not_known(odd: Any) -> None:
    assert read_usage({"promptTokenCount": odd}, "").input_tokens is None


def test_a_whole_number_may_be_written_as_a_fraction() -> None:
    assert read_usage({"promptTokenCount": 5.0}, "").input_tokens == 5


SNAPSHOTS = [
    {"promptTokenCount": 211, "candidatesTokenCount": 21, "totalTokenCount": 232},
    {"promptTokenCount": 646, "candidatesTokenCount": 3, "totalTokenCount": 649},
    {"promptTokenCount": 87, "thoughtsTokenCount": 78, "totalTokenCount": 165},
]


def test_the_last_snapshot_counts_as_a_whole(read: Read) -> None:
    """Numbers jump and fall; in one recorded stream the last lacks candidatesTokenCount."""
    chunks = [chunk(text("a"), usage=counts) for counts in SNAPSHOTS]
    run = read(stream(*chunks[:2], {**chunks[2], "candidates": [{"finishReason": "STOP"}]}))
    assert numbers(run.usage) == (87, 78, None, 78, 165)
    assert run.usage is not None and run.usage.raw == SNAPSHOTS[-1]
    assert codes(run) == []


def test_a_snapshot_may_say_nothing_before_the_end(read: Read) -> None:
    """On Vertex AI: ``trafficType`` alone, and the counts with the last chunk."""
    first = chunk(text("a"), usage={"trafficType": "ON_DEMAND"})
    run = read(stream(first, chunk(text("b"), finish="STOP", usage=SNAPSHOTS[0])))
    assert (numbers(run.usage), codes(run)) == ((211, 21, None, None, 232), [])


def test_usage_that_is_null_is_not_sent(read: Read) -> None:
    sent = {**chunk(text("a"), finish="STOP"), "usageMetadata": None}
    assert (read(stream(sent)).usage, codes(read(stream(sent)))) == (None, ["usage_missing"])
