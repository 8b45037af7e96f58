"""What a function was given by mistake: an error says it in a few words, without body or key."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from math import inf, nan
from pathlib import Path
from typing import Any

import pytest

import chatviz as cv
from chatviz.given_values import (
    check_count,
    check_list,
    check_number,
    check_text,
    is_content,
    path_given,
    short_repr,
    shown,
)

SECRET = "Ab3dE6gH" * 6
KEY = f"sk-proj-{SECRET}"
TEXTS = [
    f'{{"api_key": "{KEY}"}}',
    f'[{{"api_key": "{KEY}"}}]',
    f"data: {KEY}",
    f"api_key: {KEY}\nmodel: m\n",
    KEY,
    f"Authorization: Bearer {SECRET}",
    "a body of any length. " * 500 + KEY,
]


# ---- no body, no key


TAKE_RUNS = ("run_table", "chunk_table", "usage_table", "gap_table", "cache_table")
TAKE_PATHS = ("read_runs", "read_conversation", "load_cassette", "read_folder", "sample", "inspect",
              "overview", "timeline", "open_dataset", "raises", "ReplayTransport",
              "load_prices", "run_table")  # fmt: skip


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
@pytest.mark.parametrize("name", sorted({*TAKE_RUNS, *TAKE_PATHS}))
def test_a_text_that_was_given_by_mistake_is_not_repeated(name: str, text: str) -> None:
    with pytest.raises(Exception, match=r"(?s)wanted|no packaged|there is no") as caught:
        getattr(cv, name)(text)
    told = str(caught.value)
    assert SECRET not in told and "a body of any length. " * 20 not in told
    assert len(told) < 900


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_nor_is_one_among_others(text: str) -> None:
    for call in (cv.run_table, cv.inspect, cv.read_runs, cv.read_folder):
        with pytest.raises((TypeError, OSError, ValueError)) as caught:
            call([text])
        assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"a: *{KEY}\n", "names no anchor"),
        (f"a: &{KEY} [*{KEY}]\n", "inside the value"),
        (f"a: !{KEY} 1\n", "not supported"),
        (f"{KEY}: 1\n{KEY}: 2\n", "appears twice"),
        (f"{KEY}: 1\n", "this is not a recording"),
    ],
)
def test_a_file_that_is_no_recording_has_its_keys_kept_out(
    text: str, told: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(cv.CassetteError, match=told) as caught:
        cv.load_cassette(path)
    assert SECRET not in str(caught.value) and "…'" in str(caught.value)


def test_a_path_is_repeated_whole() -> None:
    with pytest.raises(TypeError, match=r"found the path 'runs/a\.yaml': .*read_runs\('runs/a"):
        cv.run_table("runs/a.yaml")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=re.escape(repr(str(Path("runs/a.yaml"))))):
        cv.run_table(Path("runs/a.yaml"))  # type: ignore[arg-type]


def test_a_file_whose_name_looks_like_a_key_is_read_where_it_is_there(
    tmp_path: Path, seeds: Any
) -> None:
    path = tmp_path / f"{KEY}.yaml"
    path.write_bytes(Path(seeds.fireworks).read_bytes())
    assert cv.read_runs(path)


@pytest.mark.parametrize("name", ["data files/a.yaml", "[ab]*.yaml", "events/a.yaml", "a" * 4096])
def test_what_may_be_a_path_is_taken_for_one(name: str) -> None:
    assert not is_content(name)


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_nor_is_a_text_where_one_of_some_words_was_wanted(text: str) -> None:
    runs, path = cv.read_runs(cv.sample("openrouter_kimi-k2_fireworks")), "a.yaml"
    endpoint: Any = cv.Endpoint.replay(cv.sample("openrouter_kimi-k2_fireworks"))
    calls: tuple[Callable[[Any], object], ...] = (
        lambda text: cv.share(cv.Cassette(), path, text=text),
        lambda text: cv.share(cv.Cassette(), text),
        lambda text: cv.fault_matrix(cv.Cassette(), print, faults=text),
        lambda text: cv.RecordTransport(path, mode=text),
        lambda text: cv.Endpoint("https://api.test/v1", model="m", dialect=text),
        lambda text: cv.scorecard_table(runs, by=text),
        lambda text: cv.scorecard_table(runs, rank_by=text),
        lambda text: cv.assert_no_findings(runs, at_least=text),
        lambda text: cv.ReplayTransport(cv.Cassette(), on_miss=text),
        lambda text: cv.read_folder(".", link=text),
        lambda text: cv.read_folder(".", engine=text),
        lambda text: cv.run_agent("a", endpoint=endpoint, start_tools=text),
        lambda text: cv.run_agent("a", endpoint=endpoint, on_tool_error=text),
    )
    for call in calls:
        with pytest.raises((ValueError, LookupError)) as caught:
            call(text)
        assert SECRET not in str(caught.value) and len(str(caught.value)) < 900


# ---- what is shown


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (None, "None"),
        (True, "True"),
        (-3, "-3"),
        (10**21, "a very large number"),
        (nan, "nan"),
        (Decimal("0.5"), "0.5"),
        (Fraction(1, 3), "1/3"),
        ("a.yaml", "'a.yaml'"),
        ("a\nb", "3 characters of text"),
        ("x" * 201, "201 characters of text"),
        (f"a/{KEY}/b {KEY}", "'a/…/b …'"),
        ("\udcff", r"'\udcff'"),
        (b"data", "4 bytes"),
        (memoryview(b"ab"), "2 bytes"),
        ({"a": 1}, "a value of type 'dict'"),
        (int, "the type 'int'"),
        (shown, "the function 'shown'"),
    ],
)
def test_a_value_is_shown_in_a_few_words(value: object, told: str) -> None:
    assert shown(value) == told


def test_a_name_is_cut() -> None:
    assert short_repr("x" * 100, longest=20) == "'" + "x" * 18 + "…"
    assert short_repr(5) == "5" and short_repr(KEY) == "'…'"


# ---- what is checked


@pytest.mark.parametrize(
    ("check", "value", "told"),
    [
        (check_count, "a", "wanted a whole number as n, 1 or more, found 'a': say n=2."),
        (check_count, 1.5, "wanted a whole number as n, 1 or more, found 1.5: say n=2."),
        (check_count, True, "wanted a whole number as n, 1 or more, found True: say n=2."),
        (check_count, 0, "wanted a whole number as n, 1 or more, found 0: say n=2."),
        (check_number, None, "wanted a number as n, above 0, found None: say n=2."),
        (check_number, nan, "wanted a number as n, above 0, found nan: say n=2."),
        (check_number, 0, "wanted a number as n, above 0, found 0: say n=2."),
        (check_text, 5, "wanted a text as n, found 5: say n=2."),
    ],
)
def test_an_error_says_what_was_wanted_and_found_and_what_to_do(
    check: Callable[..., None], value: object, told: str
) -> None:
    with pytest.raises((TypeError, ValueError)) as caught:
        check(value, "n", "say n=2")
    assert str(caught.value) == told


def test_what_fits_passes() -> None:
    check_count(0, "n", least=0)
    check_number(0, "n", may_be_zero=True)
    for value in (1, 0.1, inf, Decimal(1), Fraction(1, 3)):
        check_number(value, "n")
    assert check_list(iter("ab"), "letters") == ("a", "b")


@pytest.mark.parametrize("value", ["ab", b"ab", {"a": 1}, 5, list])
def test_what_is_no_list_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="wanted letters, found "):
        check_list(value, "letters")


def test_a_path_is_a_text_or_leads_to_one() -> None:
    assert path_given(Path("a"), "a path", "give one") == "a"
    for wrong in (5, b"a", None):
        with pytest.raises(TypeError, match="wanted a path, found"):
            path_given(wrong, "a path", "give one")
