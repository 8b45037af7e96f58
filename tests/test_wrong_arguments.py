"""Arguments of another kind: what was wanted, found, and what to do; before anything is done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import chatviz as cv

FILE = cv.sample("openrouter_kimi-k2_fireworks")
TABLES_WITH_PRICES = ("usage_table", "cache_table", "finding_table", "usage", "cache", "overview")


def told(call: Callable[[], object]) -> str:
    """What an error says; those that Python makes by itself say other things."""
    with pytest.raises((TypeError, ValueError, LookupError, OSError)) as caught:
        call()
    return str(caught.value)


@pytest.mark.parametrize("name", TABLES_WITH_PRICES)
@pytest.mark.parametrize(
    ("prices", "message"),
    [
        ({"m": 3.0}, "wanted a cv.Price for each name, found 3.0: "),
        ("x", "wanted prices, found 'x': "),
        (5, "wanted prices, found 5: "),
        ([], "wanted prices, found a value of type 'list': "),
    ],
)
def test_prices_are_names_with_a_price_each(name: str, prices: Any, message: str) -> None:
    """Of an answer without usage, too, which no price is looked up for."""
    run = cv.read_stream(b'data: {"choices":[]}\n\n')
    assert told(lambda: getattr(cv, name)(run, prices=prices)).startswith(message)


def test_a_file_of_prices_is_there(tmp_path: Path) -> None:
    for path in ("nosuch.json", tmp_path):
        assert told(lambda path=path: cv.load_prices(path)).startswith("there is no file of prices")
    assert told(lambda: cv.load_prices(5)) == (  # type: ignore[arg-type]
        "wanted the path of a file of prices, found 5: a file that maps models to prices, or "
        "cv.packaged_prices()."
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: cv.save_cassette("x.yaml", FILE), "wanted a Cassette to write, found 'x.yaml': "),
        (lambda: cv.load_cassette(5), "wanted the path of a recording, found 5: "),
        (lambda: cv.load_cassette(None), "wanted the path of a recording, found None: "),
        (lambda: cv.sample(5), "wanted a text as the name of a packaged recording, found 5: "),
        (lambda: cv.sample([]), "wanted a text as the name of a packaged recording, found a value"),
        (lambda: cv.raises(5), "wanted the name of an SDK, one of "),
        (lambda: cv.raises([]), "wanted the name of an SDK, one of "),
        (lambda: cv.open_dataset(5), "wanted the folder of a data set, found 5: "),
        (lambda: cv.read_folder({"a": 1}), "wanted a folder, a glob, an archive, a URL, or a list"),
    ],
)
def test_files_and_names_are_such(call: Callable[[], object], message: str) -> None:
    assert told(call).startswith(message)
