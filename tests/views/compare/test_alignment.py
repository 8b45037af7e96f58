"""The parts of several answers side by side, and the first character that differs."""

from __future__ import annotations

from typing import Any

from chatviz.views.compare.alignment import Divergence, align_runs


def said(streams: Any, *texts: str, times: Any = None) -> Any:
    return streams.read([streams.chunk({"content": text}) for text in texts], times=times)


def test_the_first_character_that_differs_is_found_with_its_chunks(streams: Any) -> None:
    a, b = said(streams, "He", "llo"), said(streams, "H", "el", "p!")
    (strand,) = align_runs([[a], [b]])
    assert (strand.step, strand.label) == (1, "text")
    assert strand.difference == Divergence(3, (1, 2))


def test_the_same_words_in_other_pieces_do_not_differ(streams: Any) -> None:
    (strand,) = align_runs([[said(streams, "He", "llo")], [said(streams, "Hello")]])
    assert strand.difference is None
    assert [len(side.texts) for side in strand.sides if side] == [2, 1]


def test_a_text_that_ends_early_differs_at_its_end(streams: Any) -> None:
    (strand,) = align_runs([[said(streams, "Hel")], [said(streams, "Hello")]])
    assert strand.difference == Divergence(3, (None, 0))


def test_all_sides_are_compared_not_only_the_first_two(streams: Any) -> None:
    runs = [[said(streams, text)] for text in ("abcd", "abcd", "abXd")]
    (strand,) = align_runs(runs)
    assert strand.difference == Divergence(2, (0, 0, 0))


def test_a_part_that_one_side_lacks_is_none_there(streams: Any) -> None:
    a = streams.read([streams.chunk({"reasoning": "hm"}), streams.chunk({"content": "x"})])
    reasoning, text = align_runs([[a], [said(streams, "x")]])
    assert (reasoning.label, reasoning.sides[1], reasoning.difference) == ("reasoning", None, None)
    assert text.difference is None


def test_calls_are_aligned_by_position_and_steps_by_number(streams: Any) -> None:
    def call(name: str, *fragments: str) -> Any:
        first = streams.chunk(streams.call(0, "", id="c", name=name, type="function"))
        return streams.read([first, *(streams.chunk(streams.call(0, text)) for text in fragments)])

    strands = align_runs(
        [[call("add", '{"a"', ": 1}"), said(streams, "x")], [call("sum", '{"b": 1}')]]
    )
    assert [(s.step, s.label) for s in strands] == [(1, "call 0: add / sum"), (2, "text")]
    assert strands[0].difference == Divergence(2, (1, 1))
    assert strands[1].sides[1] is None


def test_times_are_kept_only_where_they_are_measured(streams: Any) -> None:
    timed = said(streams, "a", "b", times=iter([0.5, 0.75]))
    (strand,) = align_runs([[timed], [said(streams, "ab")]])
    assert [side.times for side in strand.sides if side] == [(0.5, 0.75), ()]


def test_nothing_aligns_with_nothing() -> None:
    assert align_runs([[], []]) == ()
