from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatviz.views.drawing.axis import Scale, nice_step


def test_both_ends_of_a_scale_are_the_pixels_of_both_ends() -> None:
    scale = Scale(-0.5, 9.5, 100, 200)
    assert (scale.place(-0.5), scale.place(4.5), scale.place(9.5)) == (100, 150, 200)


@pytest.mark.parametrize(("step", "nice"), [(0.013, 0.02), (1, 1), (1.1, 2), (3, 5), (7, 10)])
def test_a_step_is_one_two_or_five_times_a_power_of_ten(step: float, nice: float) -> None:
    assert nice_step(step) == pytest.approx(nice)


@given(st.floats(1e-6, 1e9))
def test_there_are_between_two_and_eight_ticks_and_all_lie_inside(end: float) -> None:
    ticks = Scale(0, end, 0, 100).ticks()
    assert 2 <= len(ticks) <= 8
    assert all(-1e-9 <= value <= end * (1 + 1e-9) for value, _ in ticks)


def test_ticks_say_their_numbers_with_as_many_decimals_as_they_need() -> None:
    assert [words for _, words in Scale(0, 1, 0, 100).ticks()][:3] == ["0.0", "0.2", "0.4"]
    assert Scale(0, 6000, 0, 100).ticks()[-1][1] == "6,000"


def test_whole_ticks_are_whole_numbers() -> None:
    assert [value for value, _ in Scale(-0.5, 1.5, 0, 100).ticks(whole=True)] == [0, 1]
