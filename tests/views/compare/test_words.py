"""Which words a comparison marks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chatviz.views.compare.words import MAX_WORDS, differing_spans


def marked(*texts: str) -> list[list[str]]:
    spans = differing_spans(texts)
    return [[text[a:b] for a, b in here] for text, here in zip(texts, spans, strict=True)]


def test_the_words_that_differ_are_marked_and_no_others() -> None:
    assert marked("It is 5 degrees.", "It is 7 degrees.") == [["5"], ["7"]]
    assert marked("a b c", "a c") == [["b "], []]
    assert marked("same", "same") == [[], []]
    assert marked("to be or not", "to see and not") == [["be or"], ["see and"]]
    assert marked("", "new words") == [[], ["new words"]]


def test_several_are_compared_with_the_first() -> None:
    assert marked("a b c", "a x c", "a b y") == [["b c"], ["x"], ["y"]]


def test_beyond_a_limit_all_behind_the_first_difference_is_marked() -> None:
    long = "word " * MAX_WORDS
    assert marked(long + "one end", long + "two end") == [["one end"], ["two end"]]
    assert marked(long, long + "more") == [[], ["more"]]


WORDS = st.lists(st.sampled_from(["a", "b", " ", "\U0001f600", "."]), max_size=12).map("".join)


@given(WORDS, WORDS)
def test_without_what_is_marked_two_texts_have_the_same_words(one: str, other: str) -> None:
    def without(text: str, spans: tuple[tuple[int, int], ...]) -> str:
        kept = [n for n in range(len(text)) if not any(a <= n < b for a, b in spans)]
        return "".join(text[n] for n in kept if text[n] != " ")

    spans = differing_spans([one, other])
    assert without(one, spans[0]) == without(other, spans[1])
