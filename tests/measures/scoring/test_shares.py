"""Shares and Wilson's interval, against numbers that were published."""

from __future__ import annotations

import pytest

from chatviz.measures.scoring.shares import Share


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_is_that_of_the_literature(hits, of, low, high) -> None:
    """R. G. Newcombe, Statistics in Medicine 17 (1998), 857-872, table I, method 3."""
    assert Share(hits, of).interval == pytest.approx((low, high), abs=0.00005)


def test_the_interval_is_a_mirror_of_itself_and_never_leaves_0_to_1() -> None:
    for of in (1, 2, 7, 1000, 10**7):
        for hits in {0, 1, of // 2, of}:
            low, high = Share(hits, of).interval or (-1.0, -1.0)
            other = Share(of - hits, of).interval or (-1.0, -1.0)
            assert 0 <= low <= hits / of <= high <= 1
            assert (1 - other[1], 1 - other[0]) == pytest.approx((low, high))


def test_of_nothing_no_share_is_known() -> None:
    assert (Share(0, 0).value, Share(0, 0).interval) == (None, None)
    assert Share(1, 4).value == 0.25
