"""Which words a comparison marks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chatviz.views.compare.words import (
    MAX_WORDS,
    count_differing,
    differing_spans,
    take_near,
)


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


def test_beyond_a_limit_all_between_what_both_share_is_marked() -> None:
    long, other = "word " * MAX_WORDS, "sense " * MAX_WORDS
    assert marked(long + "one end", long + "two end") == [["one"], ["two"]]
    assert marked(long, long + "more") == [[], ["more"]]
    ours, theirs = f"a {long}b {long}end", f"a {other}b {other}end"
    assert marked(ours, theirs) == [[ours[2:-4]], [theirs[2:-4]]]


def test_words_that_differ_are_counted() -> None:
    text = "It is 5 degrees."
    assert count_differing(text, ((6, 7),)) == (1, 4)
    assert count_differing(text, ()) == (0, 4)
    assert count_differing(text, ((0, len(text)),)) == (4, 4)


def test_of_a_long_text_what_is_near_the_marks_is_taken() -> None:
    text = "a " * 50 + "ONE" + " b" * 50 + "TWO" + " c" * 50
    spans = ((100, 103), (203, 206))
    shown, marks = take_near(text, spans, around=4, most=100)
    assert shown == " … a a ONE b b …  b bTWO c c … "
    assert [shown[a:b] for a, b in marks] == ["ONE", "TWO"]
    assert take_near("short", ((0, 5),), most=5) == ("short", ((0, 5),))
    assert take_near("x" * 50, ((0, 50),), most=10) == ("x" * 10 + " … ", ((0, 10),))
    assert take_near("x" * 50, (), around=10, most=10) == ("x" * 10 + " … ", ((0, 0),))


WORDS = st.lists(st.sampled_from(["a", "b", " ", "\U0001f600", "."]), max_size=12).map("".join)


@given(WORDS, WORDS)
def test_without_what_is_marked_two_texts_have_the_same_words(one: str, other: str) -> None:
    def without(text: str, spans: tuple[tuple[int, int], ...]) -> str:
        kept = [n for n in range(len(text)) if not any(a <= n < b for a, b in spans)]
        return "".join(text[n] for n in kept if text[n] != " ")

    spans = differing_spans([one, other])
    assert without(one, spans[0]) == without(other, spans[1])
