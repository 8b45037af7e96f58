"""ddmin, and pairs that can only go together."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chatviz.evidence.reductions.ddmin import ddmin, drop_pairs

MANY = st.integers(0, 40)


@given(MANY.flatmap(lambda n: st.tuples(st.just(n), st.sets(st.integers(0, max(n - 1, 0))))))
def test_what_is_needed_is_what_is_left(given: tuple[int, set[int]]) -> None:
    count, needed = given
    needed &= set(range(count))
    assert ddmin(range(count), lambda kept: needed <= set(kept)) == sorted(needed)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=14), st.integers(1, 9))
def test_without_any_one_item_it_does_not_fail(items: list[int], divisor: int) -> None:
    """A failure that is not monotone: more items may heal it."""

    def fails(kept: list[int]) -> bool:
        return bool(kept) and sum(kept) % divisor == sum(items) % divisor

    kept = ddmin(items, fails)
    assert fails(kept)
    for place in range(len(kept)):
        assert len(kept) == 1 or not fails(kept[:place] + kept[place + 1 :])


def test_nothing_is_asked_twice_in_a_row_and_few_things_at_all() -> None:
    asked: list[tuple[int, ...]] = []

    def fails(kept: list[int]) -> bool:
        asked.append(tuple(kept))
        return 700 in kept

    assert ddmin(range(1000), fails) == [700]
    assert len(asked) < 40


def test_two_that_need_each_other_go_together() -> None:
    def fails(kept: list[str]) -> bool:
        return {"x", "y"} <= set(kept) and ("(" in kept) == (")" in kept)

    assert ddmin("(x)y", fails) == ["(", "x", ")", "y"]  # none can go alone
    assert drop_pairs("(x)y", fails) == ["x", "y"]
    assert drop_pairs("x", fails) == ["x"]
